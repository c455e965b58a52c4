// SPDX-License-Identifier: Apache-2.0
#include "foresight/record.h"

#include <gtest/gtest.h>

#include <cstring>

namespace rhumb::foresight {
namespace {

decision::RequestFacts some_facts(const char* client) {
  decision::RequestFacts facts;
  facts.client = *base::IpAddress::parse(client);
  facts.where.point = {52.52, 13.4};
  facts.where.has_point = true;
  facts.where.country = geo::Country::of("DE");
  facts.where.accuracy_km = 20;
  facts.where.source = geo::Source::overlay;
  facts.tenant = decision::tenant_key("acme");
  facts.preference = {1, 3, 9, decision::Affinity::kept};
  facts.tried = 0b100;
  return facts;
}

decision::RequestFacts there_and_back(const decision::RequestFacts& facts, bool clients = true) {
  DecisionRecord record;
  fill(record, {facts, decision::Decision{}}, clients);
  return facts_of(record);
}

TEST(Record, HoldsAllThatDecideLooksAt) {
  const decision::RequestFacts facts = some_facts("198.51.100.77"), back = there_and_back(facts);
  EXPECT_EQ(back.where.point.latitude, 52.52);
  EXPECT_EQ(back.where.point.x, facts.where.point.x) << "its place on the sphere to the last bit";
  EXPECT_TRUE(back.where.has_point);
  EXPECT_EQ(back.where.country, facts.where.country);
  EXPECT_EQ(back.where.accuracy_km, 20);
  EXPECT_EQ(back.where.source, geo::Source::overlay);
  EXPECT_EQ(back.tenant, facts.tenant);
  EXPECT_EQ(back.preference.region, 1);
  EXPECT_EQ(back.preference.endpoint, 3);
  EXPECT_EQ(back.preference.epoch, 9u);
  EXPECT_EQ(back.preference.verdict, decision::Affinity::kept);
  EXPECT_EQ(back.tried, 0b100u);
}

TEST(Record, KeepsOfAClientItsNetworkAlone) {
  EXPECT_EQ(there_and_back(some_facts("198.51.100.77")).client.to_string(), "198.51.100.0");
  EXPECT_EQ(there_and_back(some_facts("2001:db8:77:1::9")).client.to_string(), "2001:db8:77::");
  EXPECT_TRUE(there_and_back(some_facts("198.51.100.77"), false).client.is_unspecified());
}

TEST(Record, OfStatesEverythingThatDecides) {
  decision::RegionState state;
  state.rtt = base::Micros(12'345);
  state.in_flight = 7;
  state.error_rate = 0.25F;
  state.dial = 0.5F;
  state.healthy = false;
  state.draining = true;
  state.endpoints_left = 0;
  state.numbers[3] = 7.5F;
  const decision::RegionState back = state_of(recorded(state));
  EXPECT_EQ(back.rtt, state.rtt);
  EXPECT_EQ(back.in_flight, 7u);
  EXPECT_EQ(back.error_rate, 0.25F);
  EXPECT_EQ(back.dial, 0.5F);
  EXPECT_FALSE(back.healthy);
  EXPECT_TRUE(back.draining);
  EXPECT_EQ(back.endpoints_left, 0u);
  state.endpoints_left = 0b10;
  EXPECT_NE(state_of(recorded(state)).endpoints_left, 0u) << "panic may use it";
  EXPECT_EQ(back.numbers[3], 7.5F);
}

TEST(Record, ACheckSeesEveryByte) {
  Slot<DecisionRecord> slot{};
  slot.head.sequence = 5;
  slot.head.check = check_of(&slot);
  auto* const bytes = reinterpret_cast<unsigned char*>(&slot);
  for (size_t at = 0; at < kSlotSize; ++at) {
    bytes[at] ^= 1;
    EXPECT_NE(slot.head.check, check_of(&slot)) << at;
    bytes[at] ^= 1;
  }
  EXPECT_EQ(slot.head.check, check_of(&slot));
}

TEST(Record, DigestsTellRowsApartBitByBit) {
  std::array<decision::Candidate, 3> rows{};
  const uint64_t digest = digest_of(rows);
  EXPECT_EQ(digest_of(rows), digest);
  rows[2].values[0] = 1e-30F;
  EXPECT_NE(digest_of(rows), digest);
  rows[2].values[0] = 0;
  rows[1].removed = decision::Removed::dial;
  EXPECT_NE(digest_of(rows), digest);
}

TEST(Record, ASessionIsKnownByAHashOfItsId) {
  std::array<uint8_t, 16> id{};
  const uint64_t hash = session_hash(id);
  EXPECT_NE(hash, 0u);
  id[15] = 1;
  EXPECT_NE(session_hash(id), hash);
}

}  // namespace
}  // namespace rhumb::foresight
