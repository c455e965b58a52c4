// SPDX-License-Identifier: Apache-2.0
// Proves a whole mmdb harmless before anything else reads it: metadata against size, every tree node, every distinct
// record with all it points to. Nothing is kept; blocks while it works (about a second for 70 MB). Any thread.
#pragma once
#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

namespace rhumb::geo {

/// What the walk saw.
struct MmdbSummary {
  uint32_t nodes = 0;
  uint32_t records = 0;  // distinct
  uint64_t values = 0;   // in all of them, pointers followed
};

/// Limits of the walk; a file beyond them is refused.
constexpr unsigned kMaxMmdbDepth = 32;
constexpr uint32_t kMaxMmdbRecordValues = 10'000;
constexpr uint64_t kMaxMmdbValues = 1ull << 28;

/// The walk itself. The error is a sentence without the file's name.
base::Result<MmdbSummary, std::string> validate_mmdb(std::span<const uint8_t> file);

/// Says whether the file behind a (sealed) descriptor may be used. The caller of Database::open chooses one.
using Validator = base::Result<void, std::string> (*)(int fd);

/// In this process: for tools and tests.
base::Result<void, std::string> validate_here(int fd);

/// In a process of its own (base/child.h), so that not even a fault of the walk hurts: for the running gateway. main()
/// must answer `__validate-mmdb 3` with validator_main(3). Waits at most kValidatorTime; call it where waiting is
/// allowed.
base::Result<void, std::string> validate_in_child(int fd);
constexpr const char* kValidatorCommand = "__validate-mmdb";
constexpr std::chrono::seconds kValidatorTime{30};
int validator_main(int fd) noexcept;

}  // namespace rhumb::geo
