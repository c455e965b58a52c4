// SPDX-License-Identifier: Apache-2.0
// Any bytes as host[:port]: a canonical host is its own canonical form, and letter case changes nothing.
#include "base/bytes.h"
#include "http/uri.h"
#include "http_fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rhumb::http;
  using namespace rhumb::http::fuzzing;
  Memory memory;
  const Exact bytes({reinterpret_cast<const char*>(data), size});
  const auto once = canonical_host(bytes.view(), memory.arena);
  require(once.has_value() == (size == 0 || parse_authority(bytes.view()).has_value()));
  if (!once || size == 0) return 0;
  require(!once->host.empty() && (!once->port || *once->port != 0));
  for (char c : once->host) {
    require(rhumb::base::to_lower(c) == c && c > 0x20 && c < 0x7f);
    require(std::string_view("/@?#\\,%").find(c) == std::string_view::npos);
  }
  const std::string with_port = std::string(once->host) + (once->port ? ":" + std::to_string(*once->port) : "");
  const auto twice = canonical_host(with_port, memory.arena);
  require(twice && twice->host == once->host && twice->port == once->port);
  std::string shouted(bytes.view());
  for (char& c : shouted)
    if (rhumb::base::is_alpha(c)) c = static_cast<char>(c ^ 0x20);
  const auto loud = canonical_host(shouted, memory.arena);
  require(loud && loud->host == once->host && loud->port == once->port);
  return 0;
}
