// SPDX-License-Identifier: Apache-2.0
#include "foresight/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foresight_testing.h"

namespace rhumb::foresight {
namespace {

using testing::Directory;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::recorder_in;
using testing::small_file;
using testing::Traffic;

ReplayReport replayed(const Directory& directory) {
  auto recording = Recording::open(directory / "decisions");
  EXPECT_TRUE(recording) << recording.error();
  ReplayReport report;
  replay(**recording, report);
  return report;
}

TEST(Replay, ComesToTheSameDecisionsThroughFlapsAndReloads) {
  const Directory directory;
  const auto recorder = recorder_in(directory, 30'000);
  for (const char* more : {"", "geo: {countries: {DE: ap}}\n", "fence: [{tenants: [acme], regions: [us]}]\n"}) {
    Traffic traffic(*recorder, small_file(more));
    for (int i = 0; i < 40; ++i) traffic.shake(), traffic.go(200);
  }
  const ReplayReport report = replayed(directory);
  EXPECT_EQ(report.equal, 24'000u);
  EXPECT_EQ(report.different, 0u);
  EXPECT_THAT(replay_text(report), EndsWith("replayed 24000 equal 24000\n"));
}

TEST(Replay, ShowsADifferenceWithBothTables) {
  const Directory directory;
  const auto recorder = recorder_in(directory);
  Traffic traffic(*recorder, small_file());
  traffic.go(5);
  // What a decision would leave behind that depended on something else than its inputs.
  decision::RequestFacts facts = traffic.client();
  decision::Decision made = traffic.one(facts, 0, "/");
  std::vector<decision::Candidate> rows(made.candidates.begin(), made.candidates.end());
  rows[0].score += 1;
  made.candidates = rows;
  recorder->lane(0).record({facts, made, traffic.id(), 3, 0, 0}, traffic.states(), {"GET", "api.test", "/"}, {}, {});
  recorder->write();
  const ReplayReport report = replayed(directory);
  EXPECT_EQ(report.equal, 6u);
  EXPECT_EQ(report.different, 1u);
  const std::string text = replay_text(report);
  EXPECT_THAT(text, HasSubstr("recorded: reason "));
  EXPECT_THAT(text, HasSubstr("decided again:\nroute      api\nstrategy   score\n"));
  EXPECT_THAT(text, EndsWith("replayed 7 equal 6\n"));
  EXPECT_THAT(replay_json(report), HasSubstr("\"replayed\":7,\"equal\":6,\"different\":1"));
}

TEST(Replay, SaysWhatCouldNotBeDecidedAgain) {
  const Directory directory;
  const auto recorder = recorder_in(directory);
  Traffic traffic(*recorder, small_file());
  traffic.go(9);
  std::filesystem::remove(directory / policies_name(traffic.id()));
  const ReplayReport report = replayed(directory);
  EXPECT_EQ(report.replayed(), 0u);
  const std::string text = replay_text(report);
  EXPECT_THAT(text, HasSubstr("not replayed: 9, because their policies are gone or cannot be read\n"));
  EXPECT_THAT(text, HasSubstr(policies_name(traffic.id()) + ": No such file"));
  ReplayReport older;
  older.passed_over = {"decisions.1: of another version"};
  EXPECT_THAT(replay_text(older), HasSubstr("passed over decisions.1: of another version\n"));
  EXPECT_THAT(replay_json(older), HasSubstr(R"("passed_over":["decisions.1: of another version"])"));
}

TEST(Replay, TrustsNoRecord) {
  const Directory directory;
  const auto recorder = recorder_in(directory);
  Traffic traffic(*recorder, small_file());
  decision::Decision made = traffic.one(traffic.client(), 0, "/");
  Lane& lane = recorder->lane(0);
  const decision::RequestFacts facts = traffic.client();
  lane.record({facts, made, traffic.id(), 3, 99, 0}, traffic.states(), {}, {}, {});  // a route that is not there
  decision::RegionStates more = traffic.states();
  more.epoch = 77;
  more.of.resize(9);
  lane.record({facts, made, traffic.id(), 3, 0, 0}, more, {}, {}, {});  // more regions than there are
  recorder->write();
  const ReplayReport report = replayed(directory);
  EXPECT_EQ(report.equal, 1u);
  EXPECT_EQ(report.unreplayed[static_cast<size_t>(Unreplayed::unsound)], 2u);
}

}  // namespace
}  // namespace rhumb::foresight
