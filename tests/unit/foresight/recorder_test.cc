// SPDX-License-Identifier: Apache-2.0
#include "foresight/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "foresight/replay.h"
#include "foresight_testing.h"

namespace rhumb::foresight {
namespace {

using testing::counts;
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

std::string refusal(const std::string& directory) {
  const auto recorder = Recorder::open(directory, size_for(1024), 1, counts());
  return recorder ? "" : recorder.error();
}

void keep(Recorder& recorder, uint64_t id, const std::string& bytes) {
  recorder.keep(id, bytes);
  recorder.write();
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

uint64_t decisions_in(const std::string& path) {
  const auto recording = Recording::open(path);
  EXPECT_TRUE(recording) << recording.error();
  return recording ? (*recording)->counts().decisions : 0;
}

TEST(Recorder, MakesItsDirectory) {
  const Directory directory;
  EXPECT_EQ(refusal(directory / "recorder"), "");
  EXPECT_TRUE(std::filesystem::exists(directory / "recorder/decisions"));
  EXPECT_EQ(std::filesystem::status(directory / "recorder").permissions(), std::filesystem::perms::owner_all);
  EXPECT_THAT(refusal(directory / "no/recorder"), HasSubstr("No such file"));
}

TEST(Recorder, KeepsPoliciesByTheirContent) {
  const Directory directory;
  const auto recorder = recorder_in(directory);
  keep(*recorder, 0xabc, "one");
  keep(*recorder, 0xabc, "one");
  EXPECT_TRUE(std::filesystem::exists(directory / "policies-0000000000000abc"));
  keep(*recorder, 0xdef, "two");
  EXPECT_EQ(policies_in(directory), 2u);
}

TEST(Recorder, ForgetsPoliciesThatNoSlotRefersTo) {
  const Directory directory;
  const auto recorder = recorder_in(directory, 1024);
  Traffic traffic(*recorder, small_file());
  keep(*recorder, 0xdef, "two");
  traffic.go(900);
  keep(*recorder, 0xabc, "three");
  EXPECT_EQ(policies_in(directory), 3u) << "slots of the first are still there";
  traffic.go(200);
  keep(*recorder, 0xdef, "two");
  EXPECT_EQ(policies_in(directory), 2u) << "its slots are overwritten";
}

TEST(Recorder, KeepsAsManyPoliciesAsItMayAtMost) {
  const Directory directory;
  const auto recorder = recorder_in(directory);
  for (uint64_t id = 1; id <= Recorder::kMostPolicies + 9; ++id) keep(*recorder, id, "x");
  EXPECT_EQ(policies_in(directory), Recorder::kMostPolicies);
  EXPECT_FALSE(std::filesystem::exists(directory / policies_name(9)));
}

TEST(Recorder, GivesPoliciesAQuarterOfTheRoomOfItsRingAtMost) {
  const Directory directory;
  const auto recorder = recorder_in(directory, 4096);  // 1 MiB
  const std::string large(100 << 10, 'x');
  for (uint64_t id = 1; id <= 5; ++id) keep(*recorder, id, large);
  EXPECT_EQ(policies_in(directory), 2u);
  EXPECT_TRUE(std::filesystem::exists(directory / policies_name(5)));
  keep(*recorder, 6, std::string(300 << 10, 'x'));
  EXPECT_TRUE(std::filesystem::exists(directory / policies_name(6))) << "what is in use, however large";
  EXPECT_EQ(policies_in(directory), 1u);
}

TEST(Recorder, OfAnEarlierProcessKeepsPoliciesForOneLap) {
  const Directory directory;
  { recorder_in(directory, 1024)->keep(0xabc, "one"); }
  const auto recorder = recorder_in(directory, 1024);
  EXPECT_TRUE(recorder->continued());
  Traffic traffic(*recorder, small_file());
  EXPECT_TRUE(std::filesystem::exists(directory / policies_name(0xabc)));
  traffic.go(1100);
  keep(*recorder, 0xdef, "two");
  EXPECT_FALSE(std::filesystem::exists(directory / policies_name(0xabc)));
}

TEST(Recorder, WritesWhatWaitsAndCountsIt) {
  const Directory directory;
  const auto recorder = recorder_in(directory, 2048, 2);
  const uint64_t before = counts().written.get();
  Traffic traffic(*recorder, small_file());
  for (int i = 0; i < 30; ++i) traffic.record(traffic.client(), static_cast<unsigned>(i % 2), "/a");
  EXPECT_EQ(decisions_in(directory / "decisions"), 0u);
  recorder->write();
  EXPECT_EQ(decisions_in(directory / "decisions"), 30u);
  EXPECT_EQ(counts().written.get() - before, 30u);
  recorder->write();
  EXPECT_EQ(counts().written.get() - before, 30u);
}

TEST(Recorder, WritesWhatWaitsWhenItEnds) {
  const Directory directory;
  auto recorder = recorder_in(directory);
  Traffic traffic(*recorder, small_file());
  for (int i = 0; i < 30; ++i) traffic.record(traffic.client(), 0, "/a");
  recorder.reset();
  EXPECT_EQ(decisions_in(directory / "decisions"), 30u);
  EXPECT_EQ(policies_in(directory), 1u);
}

TEST(Recorder, OfItsOwnWritesWithoutBeingAsked) {
  const Directory directory;
  const auto recorder = recorder_in(directory);
  ASSERT_TRUE(recorder->start());
  const uint64_t before = counts().written.get();
  Traffic traffic(*recorder, small_file());
  for (int i = 0; i < 20'000; ++i) {
    traffic.record(traffic.client(), 0, "/a");
    while (!traffic.taken) std::this_thread::yield(), traffic.record(traffic.client(), 0, "/a");
  }
  while (counts().written.get() - before < 20'000) std::this_thread::yield();
  const auto recording = Recording::open(directory / "decisions");
  ReplayReport report;
  replay(**recording, report);
  EXPECT_GT(report.equal, 3000u) << "what a ring of 4096 slots holds";
  EXPECT_EQ(report.equal, report.replayed());
  EXPECT_EQ((*recording)->counts().torn, 0u);
}

/// No file grows past so many bytes while it lives: a disk that is full.
class FullDisk {
 public:
  explicit FullDisk(uint64_t bytes) {
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &before_), 0);
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit low{bytes, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &low), 0);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST(Recorder, OnAFullDiskCountsAndGoesOnWhenThereIsRoom) {
  const Directory directory;
  const auto recorder = recorder_in(directory, 4096);
  Traffic traffic(*recorder, small_file());
  recorder->write();
  const uint64_t errors = counts().errors.get();
  ::testing::internal::CaptureStderr();
  size_t taken = 0;
  {
    const FullDisk full(5000);
    do {
      traffic.record(traffic.client(), 0, "/a");
      taken += traffic.taken;
    } while (traffic.taken);
    for (int i = 0; i < 3; ++i) recorder->write();
    recorder->keep(0xabc, std::string(6000, 'x'));
    recorder->write();
  }
  EXPECT_EQ(counts().errors.get() - errors, 4u);
  EXPECT_GT(taken, 900u) << "what its queue has room for";
  recorder->write();
  traffic.record(traffic.client(), 0, "/a");
  recorder->write();
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("decisions: cannot be written: File too large"));
  EXPECT_EQ(said.find("File too large"), said.rfind("File too large")) << "once";
  EXPECT_THAT(said, HasSubstr("recorder: it is written again"));
  EXPECT_EQ(decisions_in(directory / "decisions"), taken + 1) << "nothing that was recorded is lost";
  EXPECT_EQ(contents(directory / policies_name(0xabc)), std::string(6000, 'x'));
}

TEST(Recorder, WithoutRoomAtTheStartIsAnErrorAndLeavesNothing) {
  const Directory directory;
  const FullDisk full(5000);
  EXPECT_THAT(refusal(directory.path()), HasSubstr("decisions: cannot be made: File too large"));
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(Recorder, OfPoliciesThatCannotBeWrittenKeepsTheLatest) {
  const Directory directory;
  const auto recorder = recorder_in(directory);
  ::testing::internal::CaptureStderr();
  {
    const FullDisk full(2000);
    for (uint64_t id = 1; id <= 18; ++id) keep(*recorder, id, std::string(Recorder::kMostWaiting / 16, 'x'));
  }
  recorder->write();
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("policies-0000000000000002 could not be written: what refers to it cannot be replayed"));
  EXPECT_EQ(said.find(policies_name(3) + " could not"), std::string::npos) << "there is room for it";
  EXPECT_TRUE(std::filesystem::exists(directory / policies_name(18)));
}

TEST(Recorder, GoesOnWhenItsFileIsCutOff) {
  const Directory directory;
  const auto recorder = recorder_in(directory);
  Traffic traffic(*recorder, small_file());
  traffic.go(500);
  const uint64_t errors = counts().errors.get();
  ::testing::internal::CaptureStderr();
  for (const uint64_t size : {0u, 4096u, 100'000u}) {
    std::filesystem::resize_file(directory / "decisions", size);
    traffic.go(200);
    EXPECT_GE(decisions_in(directory / "decisions"), 200u) << size;
  }
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("somebody cut it off"));
  EXPECT_EQ(counts().errors.get() - errors, 3u);
}

TEST(Recorder, WithoutRoomForWhatWasCutOffGoesOnLater) {
  const Directory directory;
  const auto recorder = recorder_in(directory);
  Traffic traffic(*recorder, small_file());
  traffic.go(100);
  ::testing::internal::CaptureStderr();
  {
    const FullDisk full(5000);
    std::filesystem::resize_file(directory / "decisions", 0);
    for (int i = 0; i < 50; ++i) traffic.record(traffic.client(), 0, "/a");
    recorder->write();
  }
  recorder->write();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("cannot be restored: File too large"));
  EXPECT_EQ(decisions_in(directory / "decisions"), 50u);
}

TEST(Recorder, WritesNothingThroughALink) {
  const Directory directory, elsewhere;
  const std::string precious = elsewhere / "precious";
  std::ofstream(precious) << "precious";
  const auto link = [&](const std::string& name) { std::filesystem::create_symlink(precious, directory / name); };
  link("decisions.new"), link("decisions.1"), link(policies_name(0xabc)), link(policies_name(0xabc) + ".new");
  const auto recorder = recorder_in(directory);
  keep(*recorder, 0xabc, "one");
  EXPECT_EQ(contents(directory / policies_name(0xabc)), "one");
  EXPECT_FALSE(std::filesystem::is_symlink(directory / policies_name(0xabc)));
  const auto second = recorder_in(directory);  // puts the ring of the first aside
  EXPECT_FALSE(std::filesystem::is_symlink(directory / "decisions.1"));
  EXPECT_EQ(contents(precious), "precious");
}

TEST(Recorder, RefusesADirectoryThatIsNotItsOwn) {
  const Directory directory;
  std::filesystem::create_directory(directory / "real");
  std::filesystem::create_directory_symlink(directory / "real", directory / "link");
  EXPECT_EQ(refusal(directory / "link"), directory / "link: it is a link, and none is followed");
  EXPECT_EQ(refusal(directory / "link//"), directory / "link: it is a link, and none is followed");
  ASSERT_EQ(::chmod((directory / "real").c_str(), 0777), 0);
  EXPECT_EQ(refusal(directory / "real"), directory / "real: its mode 777 lets others write it");
  EXPECT_TRUE(std::filesystem::is_empty(directory / "real"));
}

TEST(Recorder, StaysInItsDirectoryWhenAnotherTakesItsName) {
  const Directory directory, elsewhere;
  auto opened = Recorder::open(directory / "recorder", size_for(1024), 1, counts());
  ASSERT_TRUE(opened);
  std::filesystem::rename(directory / "recorder", directory / "moved");
  std::filesystem::create_directory_symlink(elsewhere.path(), directory / "recorder");
  keep(**opened, 0xabc, "one");
  EXPECT_TRUE(std::filesystem::is_empty(elsewhere.path()));
  EXPECT_EQ(contents(directory / ("moved/" + policies_name(0xabc))), "one");
}

}  // namespace
}  // namespace rhumb::foresight
