// SPDX-License-Identifier: Apache-2.0
// Decides again what was recorded, by the same decide() on the same inputs, and compares bit by bit. That all are equal
// shows that a decision depends on nothing else than what the recording holds. Command line.
#pragma once
#include <array>
#include <string>
#include <vector>

#include "foresight/recording.h"

namespace rhumb::foresight {

/// Why a record could not be decided again.
enum class Unreplayed : uint8_t { no_policies, no_states, unsound, kCount };

struct ReplayReport {
  uint64_t equal = 0, different = 0;
  std::array<uint64_t, static_cast<size_t>(Unreplayed::kCount)> unreplayed{};
  SlotCounts slots;
  base::WallTime first{}, last{};        // of all decisions
  std::vector<std::string> differences;  // the first kMostShown, with both tables
  std::string why_not;                   // of policies that could not be read: the last
  std::vector<std::string> passed_over;  // recordings that could not be read, and why

  static constexpr size_t kMostShown = 10;
  uint64_t replayed() const noexcept { return equal + different; }
};

/// What is needed to decide a record again; the pointers are null when that is not to be had, and `why` says what.
struct Replayable {
  const decision::Policy* policy = nullptr;
  const decision::RegionStates* states = nullptr;
  std::string_view route;
  Unreplayed why = Unreplayed::unsound;
};
Replayable replayable(const DecisionRecord& record, Recording& recording);

/// Adds one recording to the report.
void replay(Recording& recording, ReplayReport& report);

/// The last line is "replayed N equal N".
std::string replay_text(const ReplayReport& report);
std::string replay_json(const ReplayReport& report);

}  // namespace rhumb::foresight
