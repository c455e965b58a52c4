// SPDX-License-Identifier: Apache-2.0
// What is known of one request when its region is decided. Frozen once decided. One exchange's arena owns what it
// views.
#pragma once
#include <cstdint>

#include "base/ip.h"
#include "decision/region.h"
#include "geo/facts.h"

namespace rhumb::decision {

/// What became of a client's token. The closed list of reasons an affinity is kept or broken.
enum class Affinity : uint8_t {
  none,
  kept,
  expired,
  forged,
  key_unknown,
  region_gone,
  endpoint_gone,
  unhealthy,
  draining,
  fenced,
  tried,
  kCount
};
std::string_view name(Affinity affinity) noexcept;

struct Preference {
  RegionIndex region = kNoRegion;
  uint16_t endpoint = 0xffff;         // index in the region's list; 0xffff: any
  uint32_t epoch = 0;                 // of the session
  Affinity verdict = Affinity::none;  // what the token reader said; `kept` means: honour it if it can be
};

/// Stands for a tenant's name; zero: the request has none.
using TenantKey = uint64_t;
TenantKey tenant_key(std::string_view name) noexcept;  // of an empty name: zero

struct RequestFacts {
  base::IpAddress client;
  geo::Facts where;
  TenantKey tenant = 0;
  Preference preference;
  uint64_t tried = 0;  // regions already tried for this request, a bit each
};

}  // namespace rhumb::decision
