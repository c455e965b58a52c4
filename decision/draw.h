// SPDX-License-Identifier: Apache-2.0
// One draw a decision, many independent uses of it: each use and region has its own number, so that a region that comes
// or goes never shifts the chance of another. Pure; any thread.
#pragma once
#include <cstdint>

#include "base/random.h"
#include "decision/region.h"

namespace rhumb::decision {

enum class DrawUse : uint8_t { dial, weighted, explore, explored_region };

/// In [0, 1), of this use alone.
constexpr double unit_draw(uint64_t draw, DrawUse use, RegionIndex region = 0) noexcept {
  const uint64_t salt = static_cast<uint64_t>(use) * kMaxRegions + region + 1;
  return base::unit_interval(base::mix64(draw ^ base::mix64(salt)));
}

}  // namespace rhumb::decision
