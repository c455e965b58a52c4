// SPDX-License-Identifier: Apache-2.0
// xoshiro256** (Blackman, Vigna 2018), seeded with splitmix64: fast, repeatable draws, one generator per worker.
// Not for secrets: those come from base/crypto.
#pragma once
#include <bit>
#include <cstdint>

namespace rhumb::base {

/// The output of splitmix64 at state x: turns any 64 bits into well-mixed ones.
constexpr uint64_t mix64(uint64_t x) noexcept {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

/// A draw in [0, 1) from 64 random bits.
constexpr double unit_interval(uint64_t draw) noexcept { return static_cast<double>(draw >> 11) * 0x1.0p-53; }

class Random {
 public:
  explicit Random(uint64_t seed) noexcept {
    for (auto& word : state_) word = mix64(seed), seed += 0x9e3779b97f4a7c15ull;
  }
  uint64_t next() noexcept {
    const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0], state_[3] ^= state_[1], state_[1] ^= state_[2], state_[0] ^= state_[3];
    state_[2] ^= t, state_[3] = std::rotl(state_[3], 45);
    return result;
  }
  /// In [0, bound), bound > 0; off uniform by less than bound / 2^64.
  uint64_t below(uint64_t bound) noexcept {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }

 private:
  uint64_t state_[4];
};

}  // namespace rhumb::base
