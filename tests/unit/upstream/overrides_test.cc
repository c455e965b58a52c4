// SPDX-License-Identifier: Apache-2.0
#include "upstream/overrides.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rhumb::upstream {
namespace {

using decision::RegionState;

class OverridesTest : public ::testing::Test {
 protected:
  static Override make(OverrideKind kind, const std::string& region) {
    Override o;
    o.kind = kind, o.region = region, o.owner = "uid 0", o.reason = "a reason";
    return o;
  }
  static Override health(const std::string& region, bool healthy, const std::string& endpoint = "") {
    Override o = make(OverrideKind::health, region);
    o.healthy = healthy, o.endpoint = endpoint;
    return o;
  }
  void pass(base::Micros time) {
    clock_.advance(time);
    loop_.turn(base::Micros(0));
  }
  RegionState applied(RegionState state, const std::vector<std::string>& endpoints = {"a:1", "b:1"}) const {
    overrides_.apply("eu", endpoints, state);
    return state;
  }
  static RegionState measured(uint64_t up) {
    RegionState state;
    state.endpoints_up = up;
    state.healthy = up != 0;
    return state;
  }

  base::ManualClock clock_;
  net::Loop loop_{clock_};
  std::vector<std::string> told_;
  Overrides overrides_{loop_, [this](const Override& o, Overrides::Change change, const std::string& by) {
                         by_ = by;
                         told_.push_back(o.region + " " + effect(o) + " " + std::string(name(change)));
                       }};
  std::string by_;
};

TEST_F(OverridesTest, WhatIsForcedDownIsNotLeftForPanic) {
  EXPECT_EQ(applied(measured(0)).endpoints_left, 0b11u) << "what checks say is no operator's word";
  overrides_.set(health("eu", false, "a:1"), base::Seconds(10));
  EXPECT_EQ(applied(measured(0)).endpoints_left, 0b10u);
  overrides_.set(health("eu", false), base::Seconds(10));
  EXPECT_EQ(applied(measured(0b11)).endpoints_left, 0u);
}

TEST_F(OverridesTest, EndsByItselfWhenItsTimeIsOverAndNotBefore) {
  ASSERT_TRUE(overrides_.set(health("eu", false), base::Seconds(10)));
  ASSERT_TRUE(overrides_.set(make(OverrideKind::drain, "us"), base::Seconds(20)));
  pass(base::Millis(9'999));
  EXPECT_NE(overrides_.find(OverrideKind::health, "eu"), nullptr);
  pass(base::Millis(10));
  EXPECT_EQ(overrides_.find(OverrideKind::health, "eu"), nullptr);
  EXPECT_NE(overrides_.find(OverrideKind::drain, "us"), nullptr);
  pass(base::Seconds(10));
  EXPECT_EQ(told_, (std::vector<std::string>{"eu unhealthy set", "us draining set", "eu unhealthy expired",
                                             "us draining expired"}));
}

TEST_F(OverridesTest, TheLongestEndsToo) {
  ASSERT_TRUE(overrides_.set(health("eu", false), Overrides::kLongest));
  pass(Overrides::kLongest - base::Seconds(1));
  EXPECT_NE(overrides_.find(OverrideKind::health, "eu"), nullptr);
  pass(base::Seconds(1) + base::Millis(10));
  EXPECT_EQ(overrides_.find(OverrideKind::health, "eu"), nullptr);
}

TEST_F(OverridesTest, AStepOfTheWallClockDoesNotEndIt) {
  ASSERT_TRUE(overrides_.set(health("eu", false), base::Seconds(10)));
  clock_.set_wall(clock_.wall() + base::Seconds(86400));
  pass(base::Seconds(9));
  EXPECT_NE(overrides_.find(OverrideKind::health, "eu"), nullptr);
}

TEST_F(OverridesTest, ANewOneReplacesThatOfTheSameKind) {
  ASSERT_TRUE(overrides_.set(health("eu", false), base::Seconds(10)));
  pass(base::Seconds(5));
  ASSERT_TRUE(overrides_.set(health("eu", true), base::Seconds(10)));
  ASSERT_TRUE(overrides_.set(make(OverrideKind::drain, "eu"), base::Seconds(10)));
  EXPECT_EQ(overrides_.of("eu").size(), 2u);
  pass(base::Seconds(6));
  ASSERT_NE(overrides_.find(OverrideKind::health, "eu"), nullptr) << "the time of the first no longer counts";
  EXPECT_TRUE(overrides_.find(OverrideKind::health, "eu")->healthy);
}

TEST_F(OverridesTest, TakenBackItIsGone) {
  ASSERT_TRUE(overrides_.set(health("eu", false), base::Seconds(10)));
  EXPECT_FALSE(overrides_.take_back(OverrideKind::drain, "eu"));
  EXPECT_FALSE(overrides_.take_back(OverrideKind::health, "eu", "a:1"));
  EXPECT_TRUE(overrides_.take_back(OverrideKind::health, "eu"));
  EXPECT_FALSE(overrides_.take_back(OverrideKind::health, "eu"));
  EXPECT_EQ(told_.back(), "eu unhealthy taken_back");
  pass(base::Seconds(20));
  EXPECT_EQ(told_.size(), 2u) << "it does not end twice";
}

TEST_F(OverridesTest, EachChangeNamesWhoMadeIt) {
  Override o = health("eu", false);
  o.owner = "token deploy";
  ASSERT_TRUE(overrides_.set(o, base::Seconds(10)));
  EXPECT_EQ(by_, "token deploy");
  ASSERT_TRUE(overrides_.take_back(OverrideKind::health, "eu", {}, "uid 7"));
  EXPECT_EQ(by_, "uid 7");
  ASSERT_TRUE(overrides_.set(o, base::Seconds(10)));
  overrides_.keep([](const Override&) { return false; }, "signal of uid 0");
  EXPECT_EQ(by_, "signal of uid 0");
  ASSERT_TRUE(overrides_.set(o, base::Seconds(10)));
  pass(base::Seconds(11));
  EXPECT_EQ(by_, "") << "its time was over";
}

TEST_F(OverridesTest, UnhealthyTakesAllEndpointsOut) {
  ASSERT_TRUE(overrides_.set(health("eu", false), base::Seconds(10)));
  EXPECT_FALSE(applied(measured(0b11)).healthy);
  EXPECT_EQ(applied(measured(0b11)).endpoints_up, 0u);
}

TEST_F(OverridesTest, HealthyUsesWhatIsUpAndAllWhenNoneIs) {
  ASSERT_TRUE(overrides_.set(health("eu", true), base::Seconds(10)));
  EXPECT_EQ(applied(measured(0b10)).endpoints_up, 0b10u);
  EXPECT_EQ(applied(measured(0)).endpoints_up, 0b11u);
  EXPECT_TRUE(applied(measured(0)).healthy);
}

TEST_F(OverridesTest, AnEndpointIsForcedAlone) {
  ASSERT_TRUE(overrides_.set(health("eu", false, "b:1"), base::Seconds(10)));
  EXPECT_EQ(applied(measured(0b11)).endpoints_up, 0b01u);
  EXPECT_TRUE(applied(measured(0b11)).healthy);
  EXPECT_FALSE(applied(measured(0b10)).healthy) << "it was the last one";
  ASSERT_TRUE(overrides_.set(health("eu", true, "a:1"), base::Seconds(10)));
  EXPECT_EQ(applied(measured(0)).endpoints_up, 0b01u);
  ASSERT_TRUE(overrides_.set(health("eu", false, "c:1"), base::Seconds(10)));
  EXPECT_EQ(applied(measured(0b11)).endpoints_up, 0b01u) << "an endpoint nobody has changes nothing";
}

TEST_F(OverridesTest, DialAndDrainAreLaidOver) {
  Override dial = make(OverrideKind::dial, "eu");
  dial.dial = 0.25;
  ASSERT_TRUE(overrides_.set(dial, base::Seconds(10)));
  EXPECT_EQ(applied(measured(1)).dial, 0.25f);
  EXPECT_FALSE(applied(measured(1)).draining);
  ASSERT_TRUE(overrides_.set(make(OverrideKind::drain, "eu"), base::Seconds(10)));
  EXPECT_TRUE(applied(measured(1)).draining);
  EXPECT_TRUE(applied(measured(1)).healthy);
  RegionState other = measured(1);
  overrides_.apply("us", {"a:1"}, other);
  EXPECT_FALSE(other.draining);
  EXPECT_EQ(other.dial, 1.0f);
}

TEST_F(OverridesTest, WhatIsGoneEndsWithIt) {
  ASSERT_TRUE(overrides_.set(health("eu", false), base::Seconds(10)));
  ASSERT_TRUE(overrides_.set(health("us", false), base::Seconds(10)));
  overrides_.keep([](const Override& o) { return o.region == "us"; }, {});
  EXPECT_EQ(overrides_.of("eu").size(), 0u);
  EXPECT_EQ(overrides_.of("us").size(), 1u);
  EXPECT_EQ(told_.back(), "eu unhealthy region_gone");
}

TEST_F(OverridesTest, SaysWhoUntilWhenAndWhyOnOneLine) {
  Override o = health("eu", false, "10.0.0.1:80");
  o.reason = "disk\n\x1b[31mfull";
  ASSERT_TRUE(overrides_.set(o, base::Seconds(40)));
  EXPECT_EQ(overrides_.note("eu"),
            "override 10.0.0.1:80 unhealthy by uid 0 until 2023-11-14T22:14:00Z: disk??[31mfull");
  EXPECT_EQ(overrides_.note("us"), "");
  Override dial = make(OverrideKind::dial, "eu");
  dial.dial = 0.125, dial.reason = "";
  ASSERT_TRUE(overrides_.set(dial, base::Seconds(40)));
  EXPECT_NE(overrides_.note("eu").find("; override dial 12.5% by uid 0 until 2023-11-14T22:14:00Z"), std::string::npos);
}

TEST_F(OverridesTest, ThereIsAnEndToHowManyThereCanBe) {
  for (size_t i = 0; i < Overrides::kMost; ++i)
    ASSERT_TRUE(overrides_.set(health("eu", false, std::to_string(i)), base::Seconds(10)));
  EXPECT_FALSE(overrides_.set(health("us", false), base::Seconds(10)));
  EXPECT_TRUE(overrides_.set(health("eu", true, "7"), base::Seconds(10))) << "one that is replaced needs no room";
}

}  // namespace
}  // namespace rhumb::upstream
