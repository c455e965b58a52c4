// SPDX-License-Identifier: Apache-2.0
#include "foresight/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foresight_testing.h"

namespace rhumb::foresight {
namespace {

using testing::Directory;
using ::testing::HasSubstr;
using testing::recorder_in;
using testing::size_for;
using testing::small_file;
using testing::Traffic;

size_t policies_in(const Directory& directory) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path()))
    count += entry.path().filename().string().starts_with("policies-");
  return count;
}

TEST(Recorder, MakesItsDirectory) {
  const Directory directory;
  EXPECT_TRUE(Recorder::open(directory / "recorder", size_for(1024), 1));
  EXPECT_TRUE(std::filesystem::exists(directory / "recorder/decisions"));
  EXPECT_EQ(std::filesystem::status(directory / "recorder").permissions(), std::filesystem::perms::owner_all);
  EXPECT_THAT(Recorder::open(directory / "no/recorder", size_for(1024), 1).error(), HasSubstr("No such file"));
}

TEST(Recorder, KeepsPoliciesByTheirContent) {
  const Directory directory;
  const auto recorder = recorder_in(directory);
  EXPECT_TRUE(recorder->keep(0xabc, "one"));
  EXPECT_TRUE(recorder->keep(0xabc, "one"));
  EXPECT_TRUE(std::filesystem::exists(directory / "policies-0000000000000abc"));
  EXPECT_TRUE(recorder->keep(0xdef, "two"));
  EXPECT_EQ(policies_in(directory), 2u);
}

TEST(Recorder, ForgetsPoliciesThatNoSlotRefersTo) {
  const Directory directory;
  const auto recorder = recorder_in(directory, 1024);
  Traffic traffic(*recorder, small_file());
  EXPECT_TRUE(recorder->keep(0xdef, "two"));
  traffic.go(900);
  EXPECT_TRUE(recorder->keep(0xabc, "three"));
  EXPECT_EQ(policies_in(directory), 3u) << "slots of the first are still there";
  traffic.go(200);
  EXPECT_TRUE(recorder->keep(0xdef, "two"));
  EXPECT_EQ(policies_in(directory), 2u) << "its slots are overwritten";
}

TEST(Recorder, KeepsAsManyPoliciesAsItMayAtMost) {
  const Directory directory;
  const auto recorder = recorder_in(directory);
  for (uint64_t id = 1; id <= Recorder::kMostPolicies + 9; ++id) EXPECT_TRUE(recorder->keep(id, "x"));
  EXPECT_EQ(policies_in(directory), Recorder::kMostPolicies);
  EXPECT_FALSE(std::filesystem::exists(directory / policies_name(9)));
}

TEST(Recorder, GivesPoliciesAQuarterOfTheRoomOfItsRingAtMost) {
  const Directory directory;
  const auto recorder = recorder_in(directory, 4096);  // 1 MiB
  const std::string large(100 << 10, 'x');
  for (uint64_t id = 1; id <= 5; ++id) EXPECT_TRUE(recorder->keep(id, large));
  EXPECT_EQ(policies_in(directory), 2u);
  EXPECT_TRUE(std::filesystem::exists(directory / policies_name(5)));
  EXPECT_TRUE(recorder->keep(6, std::string(300 << 10, 'x')));
  EXPECT_TRUE(std::filesystem::exists(directory / policies_name(6))) << "what is in use, however large";
  EXPECT_EQ(policies_in(directory), 1u);
}

TEST(Recorder, OfAnEarlierProcessKeepsPoliciesForOneLap) {
  const Directory directory;
  { EXPECT_TRUE(recorder_in(directory, 1024)->keep(0xabc, "one")); }
  const auto recorder = recorder_in(directory, 1024);
  EXPECT_TRUE(recorder->continued());
  Traffic traffic(*recorder, small_file());
  EXPECT_TRUE(std::filesystem::exists(directory / policies_name(0xabc)));
  traffic.go(1100);
  EXPECT_TRUE(recorder->keep(0xdef, "two"));
  EXPECT_FALSE(std::filesystem::exists(directory / policies_name(0xabc)));
}

TEST(Recorder, MakesReadyWhatIsWrittenNext) {
  const Directory directory;
  const auto recorder = recorder_in(directory, 2048, 2);
  Traffic traffic(*recorder, small_file());
  for (int round = 0; round < 5; ++round) {
    traffic.go(1500, 0), traffic.go(700, 1);
    recorder->prepare();  // also over the end of a lane
  }
  EXPECT_GT(recorder->lane(0).written(), 7500u);
}

}  // namespace
}  // namespace rhumb::foresight
