// SPDX-License-Identifier: Apache-2.0
#include "foresight/lane.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace rhumb::foresight {
namespace {

/// A lane in memory.
class LaneTest : public ::testing::Test {
 protected:
  explicit LaneTest(uint64_t count = 64) : memory_(count * kSlotSize) { states_.of.resize(3); }
  void record(const std::string& path = "/", LanePrivacy privacy = {}) {
    lane_.record({facts_, decision::Decision{.states_epoch = states_.epoch}}, states_, {"GET", "a.test", path}, privacy,
                 base::WallTime(base::Micros(99)));
  }
  SlotHead head(size_t slot) const {
    SlotHead head;
    std::memcpy(&head, memory_.data() + slot * kSlotSize, sizeof head);
    return head;
  }
  template <class Body>
  Body body(size_t slot) const {
    Body body;
    std::memcpy(&body, memory_.data() + slot * kSlotSize + sizeof(SlotHead), sizeof body);
    return body;
  }
  std::vector<SlotKind> kinds(size_t count) const {
    std::vector<SlotKind> kinds;
    for (size_t i = 0; i < count; ++i) kinds.push_back(head(i).kind);
    return kinds;
  }
  static constexpr SlotKind D = SlotKind::decision, S = SlotKind::states, T = SlotKind::target, N = SlotKind::none;

  std::vector<std::byte> memory_;
  std::atomic<uint64_t> written_{0};
  Lane lane_{memory_.data(), memory_.size() / kSlotSize, written_};
  decision::RequestFacts facts_;
  decision::RegionStates states_{.epoch = 1};
};

TEST_F(LaneTest, WritesWhatADecisionRefersToBeforeIt) {
  record();
  EXPECT_EQ(kinds(4), (std::vector{S, T, D, N}));
  EXPECT_EQ(body<DecisionRecord>(2).states, body<StatesRecord>(0).id);
  EXPECT_EQ(body<DecisionRecord>(2).target, body<TargetRecord>(1).id);
  EXPECT_EQ(head(2).sequence, 3u);
  EXPECT_EQ(head(2).time, 99);
  EXPECT_EQ(written_, 3u);
}

TEST_F(LaneTest, WritesTheSameStatesAndTargetOnce) {
  record(), record(), record("/b"), record();
  EXPECT_EQ(kinds(8), (std::vector{S, T, D, D, T, D, D, N}));
}

TEST_F(LaneTest, AnEpochInWhichNothingMovedIsNoNewState) {
  record();
  states_.epoch = 2;
  record();
  EXPECT_EQ(kinds(5), (std::vector{S, T, D, D, N}));
  states_.epoch = 3;
  states_.of[1].in_flight = 1;
  record();
  EXPECT_EQ(kinds(7), (std::vector{S, T, D, D, S, D, N}));
}

TEST_F(LaneTest, ManyRegionsTakeSeveralSlots) {
  states_.of.resize(11);
  states_.of[10].in_flight = 77;
  record();
  EXPECT_EQ(kinds(6), (std::vector{S, S, S, T, D, N}));
  EXPECT_EQ(body<StatesRecord>(2).first, 10);
  EXPECT_EQ(body<StatesRecord>(2).of[0].in_flight, 77u);
}

TEST_F(LaneTest, RepeatsWhatIsAboutToBeOverwritten) {
  for (int i = 0; i < 200; ++i) record();
  size_t states = 0, targets = 0;
  for (size_t i = 0; i < 64; ++i) states += head(i).kind == S, targets += head(i).kind == T;
  EXPECT_GE(states, 1u);
  EXPECT_GE(targets, 1u);
}

TEST_F(LaneTest, GoesRound) {
  for (int i = 0; i < 200; ++i) record();
  const uint64_t last = written_;
  EXPECT_GT(last, 200u);
  for (size_t i = 0; i < 64; ++i) {
    EXPECT_GT(head(i).sequence, last - 64) << i;
    EXPECT_EQ((head(i).sequence - 1) % 64, i);
  }
}

TEST_F(LaneTest, GoesOnWhereAnotherOneEnded) {
  record();
  Lane next(memory_.data(), 64, written_);
  next.record({facts_, decision::Decision{}}, states_, {"GET", "a.test", "/"}, {}, {});
  EXPECT_EQ(kinds(7), (std::vector{S, T, D, S, T, D, N}));
  EXPECT_EQ(head(5).sequence, 6u);
}

TEST_F(LaneTest, RecordsNoTargetWhereThatIsNotWanted) {
  record("/secret", {.clients = true, .targets = false});
  EXPECT_EQ(kinds(3), (std::vector{S, D, N}));
  EXPECT_EQ(body<DecisionRecord>(1).target, 0u);
}

TEST_F(LaneTest, CutsALongTargetAndSaysSo) {
  record("/" + std::string(500, 'x'));
  const auto target = body<TargetRecord>(1);
  EXPECT_EQ(target.size, TargetRecord::kText);
  EXPECT_EQ(target.cut, 1);
  EXPECT_EQ(std::string_view(target.text, 14), "GET a.test /xx");
}

}  // namespace
}  // namespace rhumb::foresight
