// SPDX-License-Identifier: Apache-2.0
// Any text as a token is refused; any content that is sealed comes back the same, in its time only; one changed bit, or
// another tenant, and it is refused.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "sessions/token.h"

namespace {

using namespace rhumb;
using sessions::Token;
using sessions::TokenCodec;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

const TokenCodec& codec() {
  static sessions::SealCount seals;
  static const TokenCodec one({{2, "fedcba9876543210fedcba9876543210"}, {1, "0123456789abcdef0123456789abcdef"}},
                              {"rhumb", "/"}, &seals);
  return one;
}

template <class T>
T take(const uint8_t*& data, size_t& size) {
  T value{};
  const size_t n = size < sizeof value ? size : sizeof value;
  if (n > 0) std::memcpy(&value, data, n);
  data += n, size -= n;
  return value;
}

base::WallTime time_of(uint64_t micros) { return base::WallTime(base::Micros(static_cast<int64_t>(micros >> 2))); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const base::WallTime now = time_of(uint64_t{1} << 52);
  require(!codec().open({reinterpret_cast<const char*>(data), size}, "", now));

  Token token;
  token.session = take<std::array<uint8_t, 16>>(data, size);
  token.region = take<uint64_t>(data, size);
  token.endpoint = take<uint64_t>(data, size);
  token.epoch = take<uint32_t>(data, size);
  token.issued = time_of(take<uint64_t>(data, size));
  token.idle_expiry = time_of(take<uint64_t>(data, size));
  token.absolute_expiry = time_of(take<uint64_t>(data, size));
  const base::WallTime then = time_of(take<uint64_t>(data, size));
  const size_t flip = take<uint16_t>(data, size);
  const std::string tenant(reinterpret_cast<const char*>(data), size), other = tenant + "x";

  std::string text(TokenCodec::kMaxText, '\0');
  text.resize(codec().seal(token, tenant, text.data()));
  const auto opened = codec().open(text, tenant, then);
  require(!codec().open(text, other, then));
  const bool in_time =
      token.idle_expiry > then && token.absolute_expiry > then && token.issued <= then + TokenCodec::kSkew;
  require(opened.has_value() == in_time);
  if (opened) {
    require(opened->session == token.session && opened->region == token.region && opened->endpoint == token.endpoint);
    require(opened->epoch == token.epoch && opened->issued == token.issued);
    require(opened->idle_expiry == token.idle_expiry && opened->absolute_expiry == token.absolute_expiry);
  }
  char& changed = text[flip / 8 % text.size()];
  changed = static_cast<char>(changed ^ 1 << flip % 8);
  require(!codec().open(text, tenant, then));
  return 0;
}
