// SPDX-License-Identifier: Apache-2.0
// One message as llhttp reads it, strictly (no lenient flag). The parser is compiled from Debian's package node-llhttp;
// nothing of it is in this tree.
#pragma once
#include <llhttp.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rhumb::oracles {

enum class Outcome : uint8_t { whole, more, refused };

/// A message as either parser understood it; `why` when it was refused.
struct Reading {
  Outcome outcome = Outcome::more;
  std::string why;
  std::string method, target;  // of a request
  unsigned status = 0;         // of a response
  std::string reason;
  std::vector<std::pair<std::string, std::string>> fields, trailers;
  std::string body;
  size_t end = 0;            // bytes of the message
  bool in_trailers = false;  // there it was refused (llhttp only)
};

class LlhttpReader {
 public:
  /// `head`: the response answers a HEAD. The bytes are all there will be.
  static Reading read(std::string_view bytes, bool request, bool head) {
    LlhttpReader reader;
    reader.answers_head_ = head;
    llhttp_t parser;
    llhttp_init(&parser, request ? HTTP_REQUEST : HTTP_RESPONSE, &settings());
    parser.data = &reader;
    llhttp_errno_t error = llhttp_execute(&parser, bytes.data(), bytes.size());
    if (error == HPE_OK && !reader.whole_) {
      error = llhttp_finish(&parser);
      if (error == HPE_OK || error == HPE_PAUSED) reader.out_.end = bytes.size();
      if (error == HPE_INVALID_EOF_STATE) error = HPE_OK;
    } else if (reader.whole_) {
      reader.out_.end = static_cast<size_t>(llhttp_get_error_pos(&parser) - bytes.data());
    }
    Reading& out = reader.out_;
    if (reader.whole_) {
      out.outcome = Outcome::whole;
    } else if (error != HPE_OK) {
      out.outcome = Outcome::refused;
      out.in_trailers = reader.headers_over_;
      out.why = std::string(llhttp_errno_name(error)) + ": " + llhttp_get_error_reason(&parser);
    }
    out.status = request ? 0 : parser.status_code;
    return std::move(out);
  }

 private:
  static LlhttpReader& of(llhttp_t* parser) { return *static_cast<LlhttpReader*>(parser->data); }
  static std::pair<std::string, std::string>& field(llhttp_t* parser) {
    auto& fields = of(parser).headers_over_ ? of(parser).out_.trailers : of(parser).out_.fields;
    if (std::exchange(of(parser).field_over_, false)) fields.emplace_back();
    return fields.back();
  }
  /// RFC 9112 6.3, the first rule; llhttp leaves all of it to its caller.
  static bool bodiless(llhttp_t* p) {
    const unsigned status = p->type == HTTP_RESPONSE ? p->status_code : 200;
    return of(p).answers_head_ || status / 100 == 1 || status == 204 || status == 304;
  }
  static const llhttp_settings_t& settings() {
    static const llhttp_settings_t made = [] {
      llhttp_settings_t s;
      llhttp_settings_init(&s);
      s.on_method = [](llhttp_t* p, const char* at, size_t n) { return of(p).out_.method.append(at, n), 0; };
      s.on_url = [](llhttp_t* p, const char* at, size_t n) { return of(p).out_.target.append(at, n), 0; };
      s.on_status = [](llhttp_t* p, const char* at, size_t n) { return of(p).out_.reason.append(at, n), 0; };
      s.on_header_field = [](llhttp_t* p, const char* at, size_t n) { return field(p).first.append(at, n), 0; };
      s.on_header_value = [](llhttp_t* p, const char* at, size_t n) { return field(p).second.append(at, n), 0; };
      s.on_header_value_complete = [](llhttp_t* p) { return of(p).field_over_ = true, 0; };
      s.on_headers_complete = [](llhttp_t* p) { return of(p).headers_over_ = true, bodiless(p) ? 1 : 0; };
      s.on_body = [](llhttp_t* p, const char* at, size_t n) { return of(p).out_.body.append(at, n), 0; };
      s.on_message_complete = [](llhttp_t* p) { return of(p).whole_ = true, static_cast<int>(HPE_PAUSED); };
      return s;
    }();
    return made;
  }

  Reading out_;
  bool answers_head_ = false, headers_over_ = false, field_over_ = true, whole_ = false;
};

}  // namespace rhumb::oracles
