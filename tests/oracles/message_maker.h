// SPDX-License-Identifier: Apache-2.0
// Messages for two parsers to disagree about: made from the grammar by a seeded generator, most of them then damaged.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/random.h"

namespace rhumb::oracles {

class MessageMaker {
 public:
  explicit MessageMaker(uint64_t seed) : random_(seed) {}

  std::string make(bool request) {
    std::string out = below(20) == 0 ? "\r\n" : "";
    out += request ? request_line() : status_line();
    framing_ = 0;
    if (request && below(30) != 0) out += "Host: " + usually(kHosts) + "\r\n";
    for (size_t n = below(5); n > 0; --n) out += field();
    if (below(2) == 0) out += framing();
    for (size_t n = below(3); n > 0; --n) out += field();
    out += "\r\n" + body();
    if (below(3) == 0) out += "GET /next HTTP/1.1\r\nHost: b\r\n\r\n";
    for (size_t n = below(4); n > 1; --n) damage(out);
    return out;
  }
  size_t below(size_t bound) { return static_cast<size_t>(random_.below(bound)); }

 private:
  using Texts = std::span<const std::string_view>;
  static constexpr std::string_view kMethods[] = {"GET",      "HEAD", "POST",  "PUT",   "DELETE",  "OPTIONS",
                                                  "PATCH",    "LINK", "PURGE", "TRACE", "CONNECT", "MKCOL",
                                                  "PROPFIND", "get",  "FOO",   "GETX",  "PRI",     "M-SEARCH"};
  static constexpr std::string_view kTargets[] = {
      "/",  "/a/b?c=d", "/%41",  "*",     "http://a.example/x", "http://a",  "/a#b", "https://u@a/",
      "a",  "//x",      "/\"<>", "/?a?b", "http://[::1]:80/",   "HTTP://A/", "?x",   "/\xc3\xa9",
      "//", "ftp://a/", "/{}|^`"};
  static constexpr std::string_view kVersions[] = {"HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1",
                                                   "HTTP/1.0", "HTTP/1.0", "HTTP/2.0", "HTTP/0.9",
                                                   "HTTP/1.2", "http/1.1", "HTTP/1.",  "HTTP/11"};
  static constexpr std::string_view kReasons[] = {" OK", "", " ", " Not \xc3\xa9", " a\tb", "  ", " x\x01", "OK"};
  static constexpr std::string_view kHosts[] = {"a.example", "a.example:80", "[::1]", "A",  "",
                                                "a b",       "a,b",          "a:0",   "x@y"};
  static constexpr std::string_view kNames[] = {"X-A",  "Accept",  "Cookie", "x_y",          "X-A",
                                                "Via",  "Upgrade", "Expect", "Host",         "TE",
                                                "Date", "X!#$",    "X-\xe9", "Authorization"};
  static constexpr std::string_view kValues[] = {"",     "a",           "a, b",  "  padded  ", "\ttab\t",
                                                 "a\tb", "caf\xc3\xa9", "\"q\"", "websocket",  "100-continue",
                                                 "1",    "a;b=c",       "\x7f",  "a\x01z"};
  static constexpr std::string_view kConnections[] = {"close",   "keep-alive", "Keep-Alive, close", "X-A", "x-a, close",
                                                      "upgrade", "close,",     ", close",           "a b", "Host",
                                                      ""};
  static constexpr std::string_view kLengths[] = {"5",
                                                  "0",
                                                  "05",
                                                  "+5",
                                                  "5 ",
                                                  "5, 5",
                                                  "-1",
                                                  "0x5",
                                                  "",
                                                  "9223372036854775807",
                                                  "9223372036854775808",
                                                  "18446744073709551616",
                                                  "5a",
                                                  "5 5"};
  static constexpr std::string_view kCodings[] = {
      "chunked",          "Chunked",  "chunked ", "gzip, chunked", "chunked, gzip", "identity",
      "chunked, chunked", "xchunked", "",         "\"chunked\"",   "chunked;a=b"};
  static constexpr std::string_view kExtensions[] = {"",    "",    "",  ";a", ";a=b", ";a=\"b;\\\"c\"",
                                                     " ;a", "; a", " ", ";",  ";a=",  ";=b"};
  static constexpr std::string_view kSizes[] = {"5", "05", "5", "5", "00000000000000005", "0x5", "-5", "g", ""};
  static constexpr std::string_view kTrailers[] = {"X-T: 1\r\n", "Content-Length: 3\r\n", "x_t: 1\r\n",
                                                   " fold\r\n",  "X-T : 1\r\n",           "X-T\r\n"};
  static constexpr std::string_view kPieces[] = {"\r\n",
                                                 "\n",
                                                 "\r",
                                                 " ",
                                                 "\t",
                                                 std::string_view("\0", 1),
                                                 ":",
                                                 ";",
                                                 ",",
                                                 "\x7f",
                                                 "\r\n ",
                                                 "\r\n\r\n",
                                                 "0\r\n\r\n",
                                                 "_",
                                                 "\x80",
                                                 "5",
                                                 "Content-Length: 5\r\n",
                                                 "Transfer-Encoding: chunked\r\n"};

  std::string pick(Texts texts) { return std::string(texts[below(texts.size())]); }
  /// The first of them, most of the time.
  std::string usually(Texts texts) { return below(16) != 0 ? std::string(texts[0]) : pick(texts); }
  std::string request_line() {
    return usually(kMethods) + " " + (below(4) == 0 ? pick(kTargets) : "/") + " " + usually(kVersions) + "\r\n";
  }
  std::string status_line() {
    constexpr std::string_view kStatuses[] = {"200", "204", "304", "404", "101",  "100",
                                              "599", "099", "600", "20",  "2000", "20a"};
    return usually(kVersions) + " " + usually(kStatuses) + usually(kReasons) + "\r\n";
  }
  std::string field() {
    if (below(4) == 0) return "Connection: " + pick(kConnections) + "\r\n";
    constexpr std::string_view kColons[] = {": ", ":", ":\t ", " : ", "::", " "};
    return usually(kNames) + usually(kColons) + pick(kValues) + "\r\n";
  }
  std::string framing() {
    framing_ = 1 + below(2);
    std::string length = "Content-Length: " + usually(kLengths) + "\r\n";
    std::string coding = "Transfer-Encoding: " + usually(kCodings) + "\r\n";
    if (below(12) == 0) return length + coding;
    if (below(12) == 0) return framing_ == 1 ? length + length : coding + coding;
    return framing_ == 1 ? length : coding;
  }
  std::string body() {
    if (framing_ == 0) return below(4) == 0 ? "tail" : "";
    if (framing_ == 1) return "hello";
    std::string out;
    for (size_t n = below(3); n > 0; --n) out += usually(kSizes) + usually(kExtensions) + "\r\nhello\r\n";
    out += "0" + usually(kExtensions) + "\r\n";
    for (size_t n = below(3); n > 1; --n) out += usually(kTrailers);
    return out + "\r\n";
  }
  void damage(std::string& text) {
    const size_t at = below(text.size() + 1), kind = below(6);
    if (kind == 0 && at < text.size()) text[at] = static_cast<char>(below(256));
    if (kind == 1) text.erase(at, 1 + below(3));
    if (kind == 2 || kind == 3) text.insert(at, pick(kPieces));
    if (kind == 4) text.resize(at);
    if (kind == 5) {
      const size_t line = text.find("\r\n", at);
      if (line != std::string::npos) text.erase(line + below(2), 1);
    }
  }

  base::Random random_;
  size_t framing_ = 0;  // of the message being made: 0 none, 1 a length, 2 chunks
};

}  // namespace rhumb::oracles
