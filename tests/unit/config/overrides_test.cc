// SPDX-License-Identifier: Apache-2.0
#include "config/overrides.h"

#include <gmock/gmock.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using testing::codes;
using ::testing::ElementsAre;
using testing::Environment;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::load_with;
using testing::rendered;
using testing::warnings;

TEST(Overrides, StandAboveTheFileAndAboveDefaults) {
  const Environment workers("RHUMB_GATEWAY_WORKERS", "4");
  const Environment timeout("RHUMB_GATEWAY_DRAIN_TIMEOUT", "7s");
  const Environment slow("RHUMB_LATENCY_ALL_SLOW", "false");
  const Loaded loaded = load_with("gateway: {workers: 2, log_level: debug}\n");
  ASSERT_TRUE(loaded.ok()) << rendered(loaded);
  EXPECT_EQ(loaded.spec.gateway.workers, 4u);
  EXPECT_EQ(loaded.spec.gateway.drain_timeout, base::Seconds(7));
  EXPECT_EQ(loaded.spec.gateway.log_level, "debug");
  EXPECT_FALSE(loaded.spec.latency.all_slow);
}

TEST(Overrides, HaveAPlaceThatNamesTheVariable) {
  const Environment workers("RHUMB_GATEWAY_WORKERS", "4");
  const Loaded loaded = load_with("gateway: {workers: 2}\n");
  const Place place = loaded.spec.tree->find("gateway")->find("workers")->place;
  EXPECT_EQ(place.line, 0u);
  EXPECT_EQ(loaded.sources.name(place), "environment RHUMB_GATEWAY_WORKERS");
}

TEST(Overrides, AreCheckedLikeTheFile) {
  const Environment level("RHUMB_GATEWAY_LOG_LEVEL", "wanring");
  const Environment age("RHUMB_SESSIONS_IDLE", "5");
  const Environment region("RHUMB_GEO_DEFAULT_REGION", "eu-wets");
  const Loaded loaded = load_with("");
  EXPECT_THAT(codes(loaded.diagnostics), ElementsAre(code::kNotAllowed, code::kUnknownRegion, code::kUnit));
  EXPECT_THAT(rendered(loaded), HasSubstr("environment RHUMB_GATEWAY_LOG_LEVEL: error: gateway.log_level: the value is "
                                          "not one of the allowed values; did you mean 'warning'?"));
}

TEST(Overrides, WhatTheyHoldIsInNoMessage) {
  const Environment workers("RHUMB_GATEWAY_WORKERS", "hunter2");
  const Environment region("RHUMB_GATEWAY_REGION", "hunter2");
  const Environment buffer("RHUMB_ACCESS_LOG_BUFFER", "hunter2");
  const Environment header("RHUMB_GEO_COUNTRY_HEADER", "hunter2:");
  const Loaded loaded = load_with("gateway: {workers: 2}\n");
  EXPECT_EQ(codes(loaded.diagnostics).size(), 4u);
  EXPECT_THAT(rendered(loaded), ::testing::Not(HasSubstr("hunter2")));
}

TEST(Overrides, OfASectionThatIsWrongLeaveItWrong) {
  const Environment workers("RHUMB_GATEWAY_WORKERS", "4");
  EXPECT_THAT(testing::codes_with("gateway: 7\n"), ElementsAre(code::kWrongKind));
}

TEST(Overrides, AnEmptyOneIsNone) {
  const Environment workers("RHUMB_GATEWAY_WORKERS", "");
  EXPECT_EQ(load_with("gateway: {workers: 2}\n").spec.gateway.workers, 2u);
}

TEST(Overrides, RefuseWhatCannotStandInAFile) {
  const Environment path("RHUMB_ACCESS_LOG_PATH", "/tmp/\x1b[31m");
  const Loaded loaded = load_with("");
  EXPECT_THAT(codes(loaded.diagnostics), ElementsAre(code::kControlCharacter));
  EXPECT_THAT(rendered(loaded), ::testing::Not(HasSubstr("\x1b")));
}

TEST(Overrides, WarnOfNamesThatAreAlmostRight) {
  for (const auto& [name, hint] : {std::pair{"RHUMB_GATEWAY_WROKERS", "did you mean RHUMB_GATEWAY_WORKERS?"},
                                   std::pair{"RHUMB_GATWAY_WORKERS", "did you mean RHUMB_GATEWAY_WORKERS?"},
                                   std::pair{"RHUMB_GEO_DATABASES", "lists and secrets cannot"},
                                   std::pair{"RHUMB_SESSIONS_KEYS", "lists and secrets cannot"}}) {
    const Environment set(name, "4");
    const Loaded loaded = load_with("");
    EXPECT_TRUE(loaded.ok());
    ASSERT_THAT(warnings(loaded.diagnostics), ElementsAre(code::kOverride)) << name;
    EXPECT_THAT(rendered(loaded), HasSubstr(std::string("environment ") + name + ": warning: ")) << name;
    EXPECT_THAT(rendered(loaded), HasSubstr(hint)) << name;
  }
}

TEST(Overrides, LeaveOtherVariablesAlone) {
  const Environment other("RHUMB_TEST_WORKERS", "4");
  const Environment region("RHUMB_REGIONS_WEIGHT", "4");
  EXPECT_THAT(warnings(load_with("").diagnostics), IsEmpty());
}

}  // namespace
}  // namespace rhumb::config
