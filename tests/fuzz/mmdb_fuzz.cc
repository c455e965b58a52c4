// SPDX-License-Identifier: Apache-2.0
// Any bytes as a database: what the validator lets through must be safe to open and to ask.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "geo/database.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rhumb;
  if (!geo::validate_mmdb({data, size})) return 0;
  const auto database = geo::Database::from_bytes("fuzz", {reinterpret_cast<const char*>(data), size}, false);
  if (!database) return 0;
  for (uint32_t i = 0; i < 64; ++i) {
    const uint32_t mixed = i * 0x9e3779b9u;
    const base::IpAddress v4 = base::IpAddress::v4(mixed);
    const base::IpAddress v6 =
        base::IpAddress::v6({0x20, 0x01, static_cast<uint8_t>(mixed >> 24), static_cast<uint8_t>(i)});
    for (const base::IpAddress& address : {v4, v6}) {
      const geo::Facts facts = database->lookup(address);
      if (facts.has_point && !(facts.point.latitude >= -90 && facts.point.latitude <= 90)) __builtin_trap();
      size_t sum = 0;  // touches every byte of the views
      for (char c : facts.city) sum += static_cast<unsigned char>(c);
      for (char c : facts.subdivision) sum += static_cast<unsigned char>(c);
      volatile size_t sink = sum;
      static_cast<void>(sink);
      static_cast<void>(database->network(address));
    }
  }
  return 0;
}
