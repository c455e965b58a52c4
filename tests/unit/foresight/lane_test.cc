// SPDX-License-Identifier: Apache-2.0
#include "foresight/lane.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace rhumb::foresight {
namespace {

/// A lane whose queue and file have the same size, and all that was taken from it.
class LaneTest : public ::testing::Test {
 protected:
  explicit LaneTest(uint64_t count = 64) : memory_(count * kSlotSize) { states_.of.resize(3); }
  bool only_record(const std::string& path = "/", LanePrivacy privacy = {}) {
    return lane_.record({facts_, decision::Decision{.states_epoch = states_.epoch}}, states_, {"GET", "a.test", path},
                        privacy, base::WallTime(base::Micros(99)));
  }
  void record(const std::string& path = "/", LanePrivacy privacy = {}) {
    EXPECT_TRUE(only_record(path, privacy));
    take();
  }
  size_t take() {
    const auto waiting = lane_.waiting();
    taken_.insert(taken_.end(), waiting.begin(), waiting.end());
    lane_.take(waiting.size());
    return waiting.size() / kSlotSize;
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

  std::vector<std::byte> memory_, taken_;
  Lane lane_{memory_, memory_.size() / kSlotSize, 0};
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
  EXPECT_EQ(lane_.queued(), 3u);
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
  const uint64_t last = lane_.queued();
  EXPECT_GT(last, 200u);
  for (size_t i = 0; i < 64; ++i) {
    EXPECT_GT(head(i).sequence, last - 64) << i;
    EXPECT_EQ((head(i).sequence - 1) % 64, i);
  }
}

TEST_F(LaneTest, GoesOnWhereAnotherOneEnded) {
  Lane next(memory_, 1000, 77);
  EXPECT_TRUE(next.record({facts_, decision::Decision{}}, states_, {"GET", "a.test", "/"}, {}, {}));
  EXPECT_EQ(kinds(4), (std::vector{S, T, D, N})) << "what another lane has kept is not its own";
  EXPECT_EQ(head(2).sequence, 80u);
  EXPECT_EQ(next.queued(), 80u);
  EXPECT_EQ(next.taken(), 77u);
  EXPECT_EQ(next.waiting().size(), 3 * kSlotSize);
}

TEST_F(LaneTest, GivesWhatWaitsInPiecesThatLieSideBySide) {
  while (lane_.queued() < 58) record();
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(only_record());
  const uint64_t recorded = lane_.queued();
  const size_t first = take(), second = take();
  EXPECT_GT(first, 0u);
  EXPECT_EQ(second, recorded - 64) << "what lies at the queue's beginning again";
  EXPECT_EQ(take(), 0u);
  EXPECT_EQ(lane_.taken(), recorded);
  for (uint64_t i = 0; i < recorded; ++i) {
    SlotHead head;
    std::memcpy(&head, taken_.data() + i * kSlotSize, sizeof head);
    ASSERT_EQ(head.sequence, i + 1);
    ASSERT_EQ(head.check, check_of(taken_.data() + i * kSlotSize));
  }
}

TEST_F(LaneTest, RecordsNothingWhileItsQueueIsFull) {
  size_t recorded = 0;
  while (only_record()) ++recorded;
  EXPECT_GT(recorded, 40u);
  EXPECT_LT(recorded, 64u);
  const std::vector<std::byte> before = memory_;
  states_.epoch = 2, states_.of[0].in_flight = 5;
  EXPECT_FALSE(only_record("/another"));
  EXPECT_TRUE(memory_ == before) << "nothing that waits was touched";
  while (take() != 0) continue;
  EXPECT_TRUE(only_record("/another"));
  take();
  const auto* last = taken_.data() + (lane_.queued() - 1) * kSlotSize;
  DecisionRecord decision;
  StatesRecord states;
  TargetRecord target;
  std::memcpy(&decision, last + sizeof(SlotHead), sizeof decision);
  std::memcpy(&target, last - kSlotSize + sizeof(SlotHead), sizeof target);
  std::memcpy(&states, last - 2 * kSlotSize + sizeof(SlotHead), sizeof states);
  EXPECT_EQ(decision.states, states.id) << "what was not recorded with the others is recorded now";
  EXPECT_EQ(decision.target, target.id);
}

TEST_F(LaneTest, OneDecisionFitsIntoTheLeastQueue) {
  std::vector<std::byte> memory(Lane::kMostSlots * kSlotSize);
  Lane lane(memory, 1000, 0);
  states_.of.resize(decision::kMaxRegions);
  for (uint32_t i = 0; i < 100; ++i) {
    states_.epoch = i + 2, states_.of[0].in_flight = i;
    ASSERT_TRUE(lane.record({facts_, decision::Decision{}}, states_, {"GET", "a", "/" + std::to_string(i)}, {}, {}));
    ASSERT_EQ(lane.queued() - lane.taken(), Lane::kMostSlots);
    ASSERT_FALSE(lane.record({facts_, decision::Decision{}}, states_, {"GET", "a", "/"}, {}, {}));
    while (!lane.waiting().empty()) lane.take(lane.waiting().size());
  }
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
