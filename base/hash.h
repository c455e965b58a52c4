// SPDX-License-Identifier: Apache-2.0
// Seeded 64-bit hash (XXH3). Not a secret, not a MAC: tables and stable assignment only. Pure; any thread.
#pragma once
#include <cstdint>
#include <string_view>

namespace rhumb::base {

uint64_t hash64(std::string_view bytes, uint64_t seed) noexcept;

}  // namespace rhumb::base
