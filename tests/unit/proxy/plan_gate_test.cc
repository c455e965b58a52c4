// SPDX-License-Identifier: Apache-2.0
#include "proxy/plan_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "compiling.h"
#include "foresight/recorder.h"

namespace rhumb::proxy {
namespace {

/// A recording of ten requests of a German client that went to eu.
class PlanGate : public ::testing::Test {
 protected:
  PlanGate() : directory_(::testing::TempDir() + "plan_gate." + std::to_string(::getpid())) {
    config::Spec spec = testing::compile_text(file("")).loaded.spec;
    spec.recorder.directory = directory_;
    config::Diagnostics none;
    world_.config = compile(std::move(spec), 1, nullptr, nullptr, none);
    foresight::RecorderCounts counts;
    auto recorder = foresight::Recorder::open(directory_, 1 << 20, 1, counts);
    EXPECT_TRUE(recorder) << recorder.error();
    (*recorder)->keep(world_.config->policies_id, world_.config->policies);
    const decision::RegionStates states = decision::unmeasured(*world_.config->regions);
    decision::RequestFacts facts;
    facts.where.country = geo::Country::of("DE");
    facts.where.point = {52.5, 13.4};
    facts.where.has_point = true;
    std::vector<decision::Candidate> rows(2);
    for (uint64_t draw = 1; draw <= 10; ++draw) {
      const auto made = decision::decide(world_.config->routes[0].policy, states, facts, draw, rows);
      (*recorder)->lane(0).record({facts, made, world_.config->policies_id, 1, 0, 0}, states, {"GET", "a", "/"}, {},
                                  {});
    }
  }
  ~PlanGate() override { std::filesystem::remove_all(directory_); }
  static std::string file(const std::string& more) {
    return testing::kListener + testing::kTwoRegions + "latency: {exploration: 0%}\n" + more;
  }
  LoadedFiles judged(const std::string& more, double moved, const std::string& recording = "") {
    LoadedFiles files = LoadedFiles::last_good();
    files.config = config::load_text(file(more), "next.yaml");
    plan_gate(world_, recording.empty() ? directory_ : recording)(files, {.moved = moved});
    return files;
  }

  std::string directory_;
  World world_;
};

TEST_F(PlanGate, LetsThroughWhatMovesNoMoreThanItMay) {
  EXPECT_EQ(judged("", 0).problem, "");
  EXPECT_EQ(judged("geo: {countries: {DE: us}}\n", 1).problem, "");
}

TEST_F(PlanGate, StopsWhatMovesMoreWithTheTable) {
  const LoadedFiles files = judged("geo: {countries: {DE: us}}\n", 0.5);
  EXPECT_TRUE(files.past_limits);
  EXPECT_THAT(files.problem, ::testing::HasSubstr("requests   10 of 10 move (100.00 %)"));
  EXPECT_THAT(files.problem, ::testing::EndsWith("\n100.00 % would move, and at most 50 % may\n"));
}

TEST_F(PlanGate, WithoutARecordingHoldsItToAPopulation) {
  const LoadedFiles files = judged("geo: {countries: {DE: us, FR: us, AT: us}}\n", 0, directory_ + "/none");
  EXPECT_TRUE(files.past_limits);
  EXPECT_THAT(files.problem, ::testing::HasSubstr("nothing usable is recorded: this is of a population"));
  EXPECT_EQ(judged("", 0, directory_ + "/none").problem, "");
}

TEST_F(PlanGate, LeavesAFileThatIsNoGoodToOthers) {
  const LoadedFiles files = judged("geo: {countries: {DE: moon}}\n", 0);
  EXPECT_EQ(files.problem, "");
  EXPECT_FALSE(files.past_limits);
}

}  // namespace
}  // namespace rhumb::proxy
