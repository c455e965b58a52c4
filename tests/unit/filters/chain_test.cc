// SPDX-License-Identifier: Apache-2.0
#include "filters/chain.h"

#include <gmock/gmock.h>

#include <functional>

#include "filters_testing.h"

namespace rhumb::filters {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::TestExchange;
using Kind = Verdict::Kind;

std::vector<std::string> g_calls;

struct Script {
  std::function<Verdict(FilterContext&)> request, wake, response;
};

class Scripted final : public Filter {
 public:
  Scripted(std::string name, Script script) : name_(std::move(name)), script_(std::move(script)) {}
  Verdict on_request(FilterContext& ctx) const override { return call("", script_.request, ctx); }
  Verdict on_wake(FilterContext& ctx) const override { return call("wake ", script_.wake, ctx); }
  Verdict on_response(FilterContext& ctx) const override { return call("response ", script_.response, ctx); }

 private:
  Verdict call(const std::string& what, const std::function<Verdict(FilterContext&)>& f, FilterContext& ctx) const {
    g_calls.push_back(what + name_);
    return f ? f(ctx) : Verdict::next();
  }
  std::string name_;
  Script script_;
};

FilterType type_of(Phase phase, bool on_request = true, bool on_response = false) {
  return {.name = "scripted",
          .summary = "",
          .phase = phase,
          .on_request = on_request,
          .on_response = on_response,
          .options = {},
          .make = nullptr};
}
const FilterType kIdentify = type_of(Phase::identify), kGuard = type_of(Phase::guard), kShape = type_of(Phase::shape),
                 kDecided = type_of(Phase::decided), kBoth = type_of(Phase::decided, true, true),
                 kRespond = type_of(Phase::respond, false, true);

class ChainTest : public ::testing::Test {
 protected:
  void SetUp() override { g_calls.clear(); }
  void add(const FilterType& type, std::string name, Script script = {}) {
    entries_.push_back({&type, std::make_unique<Scripted>(std::move(name), std::move(script))});
  }
  const Chain& chain() {
    if (chain_ == nullptr) chain_ = std::make_unique<Chain>(std::move(entries_));
    return *chain_;
  }
  Kind run() { return exchange_.run(chain()).kind(); }
  Kind resume(base::Wake wake) {
    FilterContext ctx = exchange_.context();
    return exchange_.cursor.resume(ctx, wake, stale_).kind();
  }

  std::vector<Chain::Entry> entries_;
  std::unique_ptr<Chain> chain_;
  TestExchange exchange_;
  bool stale_ = false;
};

Verdict sleep(FilterContext& ctx) {
  ctx.wake(base::Millis(50));
  return Verdict::pause();
}

TEST_F(ChainTest, RunsByPhaseAndInTheGivenOrderInsideOne) {
  add(kDecided, "d"), add(kGuard, "g1"), add(kIdentify, "i"), add(kGuard, "g2"), add(kShape, "s");
  EXPECT_EQ(run(), Kind::next);
  EXPECT_THAT(g_calls, ElementsAre("i", "g1", "g2", "s", "d"));
}

TEST_F(ChainTest, RunsOnlyThePhasesAskedFor) {
  add(kDecided, "d"), add(kGuard, "g"), add(kIdentify, "i"), add(kShape, "s"), add(kRespond, "r");
  EXPECT_EQ(exchange_.run(chain(), Phase::guard, Phase::shape).kind(), Kind::next);
  EXPECT_THAT(g_calls, ElementsAre("g", "s"));
  FilterContext ctx = exchange_.context();
  EXPECT_EQ(exchange_.cursor.run_request(ctx, Phase::decided, Phase::decided).kind(), Kind::next);
  EXPECT_THAT(g_calls, ElementsAre("g", "s", "d"));
}

TEST_F(ChainTest, AnEmptyChainAgrees) {
  EXPECT_EQ(run(), Kind::next);
  EXPECT_EQ(exchange_.run_response(chain()).kind(), Kind::next);
  EXPECT_FALSE(chain().wants_response());
}

TEST_F(ChainTest, RunsResponseFiltersInReverseAndSkipsTheOthers) {
  add(kBoth, "a"), add(kGuard, "g"), add(kBoth, "b"), add(kRespond, "r");
  EXPECT_TRUE(chain().wants_response());
  EXPECT_EQ(exchange_.run_response(chain()).kind(), Kind::next);
  EXPECT_THAT(g_calls, ElementsAre("response r", "response b", "response a"));
}

TEST_F(ChainTest, AReplyOrFaultEndsTheRequestAtOnce) {
  add(kGuard, "a"), add(kGuard, "b", {.request = [](auto&) { return Verdict::reply({.status = 418}); }}),
      add(kGuard, "c");
  const Verdict verdict = exchange_.run(chain());
  EXPECT_EQ(verdict.kind(), Kind::reply);
  EXPECT_EQ(verdict.reply().status, 418);
  EXPECT_THAT(g_calls, ElementsAre("a", "b"));
}

TEST_F(ChainTest, AResponseFilterMayEndTheResponse) {
  add(kBoth, "a"), add(kBoth, "b", {.response = [](auto&) { return Verdict::fail({base::FaultKind::denied, ""}); }});
  const Verdict verdict = exchange_.run_response(chain());
  EXPECT_EQ(verdict.kind(), Kind::fail);
  EXPECT_EQ(verdict.fault().kind, base::FaultKind::denied);
  EXPECT_THAT(g_calls, ElementsAre("response b"));
}

TEST_F(ChainTest, APausedFilterIsWokenAndTheRestRunsOn) {
  add(kGuard, "a"), add(kGuard, "b", {.request = sleep}), add(kShape, "c"), add(kDecided, "d");
  EXPECT_EQ(exchange_.run(chain(), Phase::guard, Phase::shape).kind(), Kind::pause);
  EXPECT_TRUE(exchange_.cursor.paused());
  ASSERT_EQ(exchange_.waker.asked.size(), 1u);
  EXPECT_EQ(exchange_.waker.asked[0].after, base::Millis(50));
  EXPECT_EQ(exchange_.waker.asked[0].name.who, (base::ExchangeId{3, 1}));
  EXPECT_EQ(resume(exchange_.waker.asked[0].name), Kind::next);
  EXPECT_FALSE(stale_);
  EXPECT_FALSE(exchange_.cursor.paused());
  EXPECT_THAT(g_calls, ElementsAre("a", "b", "wake b", "c"));
}

TEST_F(ChainTest, OnlyTheFirstOfWakeAndDeadlineWins) {
  add(kGuard, "a", {.request = sleep});
  run();
  const base::Wake name = exchange_.waker.asked[0].name;
  EXPECT_EQ(resume(name), Kind::next);
  g_calls.clear();
  resume(name);
  EXPECT_TRUE(stale_);
  EXPECT_THAT(g_calls, IsEmpty());
}

TEST_F(ChainTest, AWakeOfAnotherFilterOrTicketIsStaleAndTheFilterSleepsOn) {
  add(kGuard, "a"), add(kGuard, "b", {.request = sleep});
  run();
  const base::Wake name = exchange_.waker.asked[0].name;
  base::Wake other = name;
  other.filter = 0;
  EXPECT_EQ(resume(other), Kind::pause);
  EXPECT_TRUE(stale_);
  other = name;
  --other.ticket;
  resume(other);
  EXPECT_TRUE(stale_);
  EXPECT_TRUE(exchange_.cursor.paused());
  resume(name);
  EXPECT_FALSE(stale_);
}

TEST_F(ChainTest, NothingWakesACancelledExchange) {
  add(kGuard, "a", {.request = sleep});
  run();
  exchange_.cursor.cancel();
  resume(exchange_.waker.asked[0].name);
  EXPECT_TRUE(stale_);
  EXPECT_THAT(g_calls, ElementsAre("a"));
}

TEST_F(ChainTest, ANameOfAnEarlierChainDoesNotWakeALaterOne) {
  add(kGuard, "a", {.request = sleep});
  run();
  run();
  ASSERT_EQ(exchange_.waker.asked.size(), 2u);
  resume(exchange_.waker.asked[0].name);
  EXPECT_TRUE(stale_);
  resume(exchange_.waker.asked[1].name);
  EXPECT_FALSE(stale_);
}

TEST_F(ChainTest, AFilterMayPauseAgainWhenWoken) {
  add(kGuard, "a", {.request = sleep, .wake = sleep}), add(kGuard, "b");
  run();
  EXPECT_EQ(resume(exchange_.waker.asked[0].name), Kind::pause);
  EXPECT_FALSE(stale_);
  EXPECT_TRUE(exchange_.cursor.paused());
  ASSERT_EQ(exchange_.waker.asked.size(), 2u);
  resume(exchange_.waker.asked[0].name);
  EXPECT_TRUE(stale_);
  EXPECT_THAT(g_calls, ElementsAre("a", "wake a"));
}

TEST_F(ChainTest, AFilterThatAnswersWhenWokenEndsTheRequest) {
  add(kGuard, "a", {.request = sleep, .wake = [](auto&) { return Verdict::reply({.status = 503}); }}), add(kGuard, "b");
  run();
  EXPECT_EQ(resume(exchange_.waker.asked[0].name), Kind::reply);
  EXPECT_THAT(g_calls, ElementsAre("a", "wake a"));
}

TEST_F(ChainTest, AWakeAskedForWithoutPausingIsStale) {
  add(kGuard, "a",
      {.request =
           [](FilterContext& ctx) {
             ctx.wake(base::Millis(1));
             return Verdict::next();
           }}),
      add(kGuard, "b", {.request = sleep});
  run();
  ASSERT_EQ(exchange_.waker.asked.size(), 2u);
  resume(exchange_.waker.asked[0].name);
  EXPECT_TRUE(stale_);
  EXPECT_THAT(g_calls, ElementsAre("a", "b"));
}

TEST_F(ChainTest, EachFilterHasASlotOfItsOwnThatLastsThroughTheExchange) {
  const auto count = [](FilterContext& ctx) {
    ++ctx.slot<int>();
    g_calls.push_back(std::to_string(ctx.slot<int>()));
    return Verdict::next();
  };
  add(kGuard, "a", {.request = count}), add(kBoth, "b", {.request = count, .response = count});
  run();
  FilterContext ctx = exchange_.context();
  EXPECT_EQ(exchange_.cursor.run_response(ctx).kind(), Kind::next);
  EXPECT_THAT(g_calls, ElementsAre("a", "1", "b", "1", "response b", "2"));
}

#ifndef NDEBUG
TEST_F(ChainTest, PausingWithoutAskingForAWakeIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  add(kGuard, "a", {.request = [](auto&) { return Verdict::pause(); }});
  EXPECT_DEATH(run(), "without wake");
}
#endif

}  // namespace
}  // namespace rhumb::filters
