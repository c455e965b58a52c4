// SPDX-License-Identifier: Apache-2.0
#include "foresight/record.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "base/random.h"

namespace rhumb::foresight {
namespace {

using base::IpAddress;
using decision::Candidate;

constexpr uint64_t kSessionSeed = 0x73657373;

/// What address.network() keeps, in the order it is sent: three bytes, or six of IPv6.
uint64_t prefix_of(const IpAddress& address) noexcept {
  uint64_t prefix = 0;
  std::memcpy(&prefix, address.bytes().data() + (address.is_v4() ? 12 : 0), address.is_v4() ? 3 : 6);
  return prefix;
}

IpAddress network_of(const DecisionRecord& record) noexcept {
  std::array<uint8_t, 16> bytes{};
  if ((record.flags & DecisionRecord::client_v6) != 0) {
    std::memcpy(bytes.data(), &record.client, 8);
    return IpAddress::v6(bytes);
  }
  std::memcpy(bytes.data(), &record.client, 4);
  return IpAddress::v4(uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3]);
}

void fill_row(RecordedRow& to, uint8_t& removed, const Candidate& from) noexcept {
  to.score = from.score;
  std::memcpy(to.values, from.values.data(), sizeof from.values);
  removed = static_cast<uint8_t>(from.removed);
}

}  // namespace

// Up to 240 bytes are hashed in one go; the head's part is the seed. Beyond, a seed that is not zero costs more than
// the hash.
uint32_t check_of(const void* slot) noexcept {
  static_assert(kSlotSize - sizeof(SlotHead) <= 240);
  SlotHead head;
  std::memcpy(&head, slot, sizeof head);
  uint64_t rest = 0;  // kind and what is unused beside it
  std::memcpy(&rest, &head.kind, sizeof head.kind + sizeof head.unused);
  const uint64_t seed = base::mix64(head.sequence ^ base::mix64(static_cast<uint64_t>(head.time) ^ base::mix64(rest)));
  const char* const body = static_cast<const char*>(slot) + sizeof head;
  return static_cast<uint32_t>(base::hash64({body, kSlotSize - sizeof head}, seed));
}

uint64_t session_hash(std::span<const uint8_t, 16> id) noexcept {
  const uint64_t hash = base::hash64({reinterpret_cast<const char*>(id.data()), id.size()}, kSessionSeed);
  return hash != 0 ? hash : 1;
}

void fill(DecisionRecord& to, const Decided& from, bool clients) noexcept {
  const decision::RequestFacts& facts = from.facts;
  const decision::Decision& made = from.decision;
  to.draw = made.draw;
  to.tried = facts.tried;
  to.session = from.session;
  to.tenant = facts.tenant;
  to.latitude = facts.where.point.latitude;
  to.longitude = facts.where.point.longitude;
  to.policies = from.policies;
  to.states_epoch = made.states_epoch;
  to.digest = digest_of(made.candidates);
  to.generation = static_cast<uint32_t>(from.generation);
  to.route = from.route;
  to.session_epoch = facts.preference.epoch;
  to.endpoint = facts.preference.endpoint;
  to.accuracy_km = facts.where.accuracy_km;
  std::memcpy(to.country, facts.where.country.code.data(), sizeof to.country);
  std::memcpy(to.continent, facts.where.continent.data(), sizeof to.continent);
  to.source = static_cast<uint8_t>(facts.where.source);
  to.flags = facts.where.has_point ? DecisionRecord::has_point : 0;
  if (clients) {
    to.client = prefix_of(facts.client);
    to.flags |= facts.client.is_v4() ? DecisionRecord::client_v4 : DecisionRecord::client_v6;
  }
  to.preferred = facts.preference.region;
  to.verdict = static_cast<uint8_t>(facts.preference.verdict);
  to.winner = made.winner;
  to.runner_up = made.runner_up;
  to.reason = static_cast<uint8_t>(made.reason);
  to.affinity = static_cast<uint8_t>(made.affinity);
  if (made.winner != decision::kNoRegion) fill_row(to.rows[0], to.winner_removed, made.candidates[made.winner]);
  if (made.runner_up != decision::kNoRegion)
    fill_row(to.rows[1], to.runner_up_removed, made.candidates[made.runner_up]);
}

decision::RequestFacts facts_of(const DecisionRecord& record) noexcept {
  decision::RequestFacts facts;
  facts.client = network_of(record);
  facts.where.has_point = (record.flags & DecisionRecord::has_point) != 0;
  if (facts.where.has_point) facts.where.point = {record.latitude, record.longitude};
  std::memcpy(facts.where.country.code.data(), record.country, sizeof record.country);
  std::memcpy(facts.where.continent.data(), record.continent, sizeof record.continent);
  facts.where.accuracy_km = record.accuracy_km;
  facts.where.source = record.source <= static_cast<uint8_t>(geo::Source::header)
                           ? static_cast<geo::Source>(record.source)
                           : geo::Source::none;
  facts.tenant = record.tenant;
  const bool known = record.verdict < static_cast<uint8_t>(decision::Affinity::kCount);
  facts.preference = {record.preferred, record.endpoint, record.session_epoch,
                      known ? static_cast<decision::Affinity>(record.verdict) : decision::Affinity::none};
  facts.tried = record.tried;
  return facts;
}

RecordedState recorded(const decision::RegionState& state) noexcept {
  RecordedState to;
  to.rtt = state.rtt.count();
  to.in_flight = state.in_flight;
  to.error_rate = state.error_rate;
  to.dial = state.dial;
  to.healthy = state.healthy ? 1 : 0;
  to.draining = state.draining ? 1 : 0;
  to.left = state.endpoints_left != 0 ? 1 : 0;
  std::copy(state.numbers.begin(), state.numbers.end(), to.numbers);
  return to;
}

decision::RegionState state_of(const RecordedState& from) noexcept {
  decision::RegionState to;
  to.rtt = base::Micros(from.rtt);
  to.in_flight = from.in_flight;
  to.error_rate = from.error_rate;
  to.dial = from.dial;
  to.healthy = from.healthy != 0;
  to.draining = from.draining != 0;
  if (from.left == 0) to.endpoints_left = 0;
  std::copy_n(from.numbers, to.numbers.size(), to.numbers.begin());
  return to;
}

uint64_t digest_of(std::span<const Candidate> rows) noexcept {
  static_assert(sizeof(Candidate) == 4 + sizeof(float) * (1 + decision::kTerms), "no byte without a value");
  return base::hash64({reinterpret_cast<const char*>(rows.data()), rows.size_bytes()}, 0);
}

}  // namespace rhumb::foresight
