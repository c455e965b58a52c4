// SPDX-License-Identifier: Apache-2.0
// Help for the tests of http/: messages as text, their outcome as a set of words, and test vectors read from files.
#pragma once
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "http/h1_parser.h"

namespace rhumb::http::testing {

struct Memory {
  base::BlockPool pool{4};
  base::Arena arena{pool};
};

/// A copy of exactly this size, so that AddressSanitizer sees a read of one byte too many.
class Exact {
 public:
  explicit Exact(std::string_view text) : size_(text.size()), bytes_(new char[text.size()]) {
    text.copy(bytes_.get(), size_);
  }
  operator std::string_view() const { return {bytes_.get(), size_}; }  // NOLINT(google-explicit-constructor)

 private:
  size_t size_;
  std::unique_ptr<char[]> bytes_;
};

/// One case of a vector file:
///   == name
///   with: words for the run (method=HEAD, fields=4 ...)
///   expect: words that the outcome must hold
///   > a line, CRLF is added
///   | bytes without CRLF
/// Both kinds of lines know \r \n \t \0 \\ \xHH and \{COUNT:text}.
struct Vector {
  std::string name, file;
  int line = 0;
  std::set<std::string> with, expect;
  std::string bytes;

  std::string option(std::string_view key, std::string_view otherwise) const;
};
std::vector<Vector> read_vectors(std::string_view file);
std::string unescape(std::string_view text);

using Words = std::set<std::string>;
std::string join(const Words& words);

/// What a parser made of bytes: "ok" with what it found, the name of a fault with its detail, or "more".
Words outcome(const ParseResult& result, const RequestHead& head);
Words outcome(const ParseResult& result, const ResponseHead& head);

/// Ways to hand over the same bytes: whole, one at a time, and cut once at each place. Every call gets a fresh copy of
/// all bytes so far, at another address. Calls `check` with the outcome of each and how it came to be.
void for_each_cut(size_t size, const std::function<void(const std::vector<size_t>& ends, const std::string& how)>& run);

Words parse_request(std::string_view bytes, const std::vector<size_t>& ends, HeadLimits limits = {});
Words parse_response(std::string_view bytes, const std::vector<size_t>& ends, Method method, HeadLimits limits = {});
/// Decodes a chunked body (or `framing`) handed over in pieces that end at `ends`.
Words decode_body(std::string_view bytes, const std::vector<size_t>& ends, Framing framing, bool keep_trailers = true);

}  // namespace rhumb::http::testing
