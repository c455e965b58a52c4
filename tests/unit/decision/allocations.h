// SPDX-License-Identifier: Apache-2.0
// How many times this test program has asked for memory: for tests that a path asks for none.
#pragma once
#include <cstdint>

namespace rhumb::decision {

uint64_t allocations() noexcept;

}  // namespace rhumb::decision
