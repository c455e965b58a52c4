// SPDX-License-Identifier: Apache-2.0
// What a recording is made of: slots of 256 bytes, each a decision, a part of the region states that decisions refer
// to, or the text of what was asked. Little-endian, laid out by hand, so that a file can be read by any later release:
// a change of anything here is a new version. Values; any thread.
//
// A slot holds its place in its lane and a check over all its bytes: one that was half written when the process was
// killed, or that is being written now, is known by that and skipped. States and targets are named by a hash of their
// content; policies too, which lie in files of their own beside the ring.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "base/clock.h"
#include "decision/decide.h"

namespace rhumb::foresight {

inline constexpr uint32_t kRecordingVersion = 2;
inline constexpr size_t kSlotSize = 256;
/// Values a recorded row has room for.
inline constexpr size_t kRowValues = 12;
static_assert(decision::kTerms <= kRowValues && decision::kNumbers == 4);

enum class SlotKind : uint8_t { none, decision, states, target };

struct SlotHead {
  uint64_t sequence = 0;  // counts from 1 in its lane; 0: never written
  uint32_t check = 0;     // of all other bytes
  SlotKind kind = SlotKind::none;
  uint8_t unused[3] = {};
  int64_t time = 0;  // wall clock, microseconds since 1970
};

/// What the terms said of one region.
struct RecordedRow {
  float score = 0;
  float values[kRowValues] = {};  // by TermIndex
};

struct DecisionRecord {
  enum Flag : uint8_t { has_point = 1, client_v4 = 2, client_v6 = 4 };

  uint64_t draw = 0, tried = 0;
  uint64_t session = 0;  // hash of its id; 0: none
  uint64_t tenant = 0;   // TenantKey
  uint64_t target = 0;   // name of the text of what was asked; 0: not recorded
  uint64_t client = 0;   // its network, /24 or /48, by the flags: neither: not recorded
  double latitude = 0, longitude = 0;
  uint64_t policies = 0, states = 0;  // their names
  uint64_t states_epoch = 0;
  uint64_t digest = 0;  // of all rows, bit by bit
  uint32_t generation = 0, route = 0;
  uint32_t session_epoch = 0;
  uint16_t endpoint = 0, accuracy_km = 0;
  char country[2] = {};
  uint8_t source = 0, flags = 0;
  uint8_t preferred = 0, verdict = 0;
  uint8_t winner = 0, runner_up = 0, reason = 0, affinity = 0;
  uint8_t winner_removed = 0, runner_up_removed = 0;
  RecordedRow rows[2];  // of winner and runner-up
  char continent[2] = {};
  uint8_t unused[2] = {};
};

struct RecordedState {
  int64_t rtt = 0;  // microseconds
  uint32_t in_flight = 0;
  float error_rate = 0, dial = 0;
  uint8_t healthy = 0, draining = 0;
  uint8_t left = 0;  // whether panic may use it
  uint8_t unused = 0;
  float numbers[decision::kNumbers] = {};  // of the operator's terms
};

struct StatesRecord {
  static constexpr size_t kOfAPart = 5;
  uint64_t id = 0;
  uint8_t regions = 0;  // in all
  uint8_t first = 0;    // of this part
  uint8_t unused[14] = {};
  RecordedState of[kOfAPart];
  uint8_t rest[8] = {};
};

struct TargetRecord {
  static constexpr size_t kText = 220;
  uint64_t id = 0;
  uint8_t size = 0;
  uint8_t cut = 0;  // the path goes on
  uint8_t unused[2] = {};
  char text[kText] = {};  // "GET host /path"
};

template <class Body>
struct alignas(8) Slot {
  SlotHead head;
  Body body;
};
static_assert(sizeof(Slot<DecisionRecord>) == kSlotSize && sizeof(Slot<StatesRecord>) == kSlotSize &&
              sizeof(Slot<TargetRecord>) == kSlotSize);
static_assert(std::is_trivially_copyable_v<Slot<DecisionRecord>>);

/// The check of 256 bytes, whatever their check field says.
uint32_t check_of(const void* slot) noexcept;

/// What was asked, as far as a route table looks at it. Views the caller's memory.
struct Target {
  std::string_view method, host, path;
};

/// What a session is known by in a recording; its id is not there.
uint64_t session_hash(std::span<const uint8_t, 16> id) noexcept;

/// One decision, as it is told to the recorder.
struct Decided {
  const decision::RequestFacts& facts;
  const decision::Decision& decision;
  uint64_t policies = 0;
  uint64_t generation = 0;
  uint32_t route = 0;
  uint64_t session = 0;  // as in DecisionRecord
};

/// Everything but states and target, which the lane fills in. `clients`: whether to record the client's network.
void fill(DecisionRecord& to, const Decided& from, bool clients) noexcept;
/// The facts that were decided on, as far as decide() and the filters that turn clients away look at them; the client's
/// network in place of its address.
decision::RequestFacts facts_of(const DecisionRecord& record) noexcept;

RecordedState recorded(const decision::RegionState& state) noexcept;
decision::RegionState state_of(const RecordedState& recorded) noexcept;

/// The same for rows that are bit by bit the same.
uint64_t digest_of(std::span<const decision::Candidate> rows) noexcept;

}  // namespace rhumb::foresight
