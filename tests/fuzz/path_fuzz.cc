// SPDX-License-Identifier: Apache-2.0
// Any bytes as a path: a canonical form is its own canonical form, other spellings of it lead to it, and nothing in it
// can be read as a step up or as a hidden slash.
#include "base/bytes.h"
#include "http/uri.h"
#include "http_fuzzing.h"

namespace {

using namespace rhumb::http;
using namespace rhumb::http::fuzzing;

/// Every letter and digit outside of encodings percent-encoded, in lower case.
std::string disguised(std::string_view path) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%') {
      out += path.substr(i, 3);
      i += 2;
    } else if (rhumb::base::is_alpha(path[i]) || rhumb::base::is_digit(path[i])) {
      out += '%', out += kHex[path[i] >> 4], out += kHex[path[i] & 15];
    } else {
      out += path[i];
    }
  }
  return out;
}

void require_sound(std::string_view path) {
  require(!path.empty() && path.front() == '/');
  const std::string closed = std::string(path) + "/";
  for (const char* never :
       {"/./", "/../", "/.;", "/..;", "%2F", "%2f", "%5C", "%5c", "%00", "%2E", "%2e", "\\", "?", "#"})
    require(closed.find(never) == std::string::npos);
  for (char c : path) require(c > 0x20 && c < 0x7f);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Memory memory;
  const Exact bytes({reinterpret_cast<const char*>(data), size});
  const auto once = canonical_path(bytes.view(), memory.arena);
  if (!once) return 0;
  require(once->size() <= size);
  require_sound(*once);
  const auto twice = canonical_path(*once, memory.arena);
  require(twice && twice->data() == once->data() && twice->size() == once->size());
  const std::string other = disguised(*once);
  const auto back = canonical_path(other, memory.arena);
  require(back && *back == *once);
  return 0;
}
