// SPDX-License-Identifier: Apache-2.0
#include "foresight/recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "foresight_testing.h"

namespace rhumb::foresight {
namespace {

using testing::Directory;
using ::testing::HasSubstr;
using testing::recorder_in;
using testing::small_file;
using testing::Traffic;

std::unique_ptr<Recording> recording_in(const Directory& directory) {
  auto opened = Recording::open(directory / "decisions");
  EXPECT_TRUE(opened) << opened.error();
  return *std::move(opened);
}

size_t decisions_of(Recording& recording) {
  size_t count = 0;
  recording.for_each([&](const DecisionRecord&, base::WallTime) { ++count; });
  return count;
}

void damage(const std::string& path, uint64_t offset, const std::string& bytes) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(offset));
  file << bytes;
}

TEST(Recording, GivesBackWhatWasRecorded) {
  const Directory directory;
  const auto recorder = recorder_in(directory, 4096, 2);
  Traffic traffic(*recorder, small_file());
  traffic.go(300, 0), traffic.shake(), traffic.go(200, 1);
  const auto recording = recording_in(directory);
  EXPECT_EQ(recording->counts().decisions, 500u);
  EXPECT_EQ(recording->counts().states, 2u);
  EXPECT_EQ(recording->counts().torn, 0u);
  EXPECT_EQ(decisions_of(*recording), 500u);
  recording->for_each([&](const DecisionRecord& record, base::WallTime time) {
    EXPECT_EQ(record.policies, traffic.id());
    EXPECT_GE(time.time_since_epoch().count(), 1'000'000);
    ASSERT_NE(recording->policies(record.policies), nullptr);
    ASSERT_NE(recording->states(record.states), nullptr);
    const KnownTarget* const target = recording->target(record.target);
    ASSERT_NE(target, nullptr);
    EXPECT_EQ(target->method + " " + target->host, record.route == 0 ? "GET api.test" : "GET other.test");
    EXPECT_THAT(target->path, HasSubstr("/v1/"));
  });
}

TEST(Recording, KeepsWhatAFullRingStillRefersTo) {
  const Directory directory;
  const auto recorder = recorder_in(directory, 1024);
  Traffic traffic(*recorder, small_file());
  for (int i = 0; i < 50; ++i) traffic.shake(), traffic.go(100);
  const auto recording = recording_in(directory);
  size_t whole = 0;
  recording->for_each([&](const DecisionRecord& record, base::WallTime) {
    whole += recording->states(record.states) != nullptr && recording->target(record.target) != nullptr;
  });
  EXPECT_GT(recording->counts().decisions, 900u);
  EXPECT_GE(whole + 100, recording->counts().decisions) << "but for those of the oldest states";
}

TEST(Recording, SkipsAndCountsATornSlot) {
  const Directory directory;
  const auto recorder = recorder_in(directory);
  Traffic traffic(*recorder, small_file());
  traffic.go(20);
  for (const uint64_t slot : {15u, 17u}) damage(directory / "decisions", lanes_at(1) + slot * kSlotSize + 128, "torn");
  const auto recording = recording_in(directory);
  EXPECT_EQ(recording->counts().torn, 2u);
  EXPECT_EQ(decisions_of(*recording), recording->counts().decisions);
}

TEST(Recording, ASlotOfAnotherPlaceIsTorn) {
  const Directory directory;
  const auto recorder = recorder_in(directory);
  Traffic traffic(*recorder, small_file());
  traffic.go(20);
  std::ifstream file(directory / "decisions", std::ios::binary);
  file.seekg(static_cast<std::streamoff>(lanes_at(1) + 5 * kSlotSize));
  std::string slot(kSlotSize, '\0');
  file.read(slot.data(), kSlotSize);
  damage(directory / "decisions", lanes_at(1) + 9 * kSlotSize, slot);
  EXPECT_EQ(recording_in(directory)->counts().torn, 1u);
}

TEST(Recording, LeavesOutAPartOfStatesThatLiesOutsideOfThem) {
  for (const auto& [regions, first] : {std::pair<uint8_t, uint8_t>{0, 60}, {5, 5}, {65, 0}, {7, 3}}) {
    const Directory directory;
    { recorder_in(directory); }
    Slot<StatesRecord> slot;
    slot.head.sequence = 1, slot.head.kind = SlotKind::states;
    slot.body.id = 7, slot.body.regions = regions, slot.body.first = first;
    slot.head.check = check_of(&slot);
    damage(directory / "decisions", lanes_at(1), std::string(reinterpret_cast<const char*>(&slot), sizeof slot));
    const auto recording = recording_in(directory);
    EXPECT_EQ(recording->counts().states, 1u);
    EXPECT_EQ(recording->states(7), nullptr);
  }
}

TEST(Recording, RefusesWhatIsNoneByName) {
  const Directory directory;
  const auto refusal = [&](const std::string& name) { return Recording::open(directory / name).error(); };
  EXPECT_THAT(refusal("nothing"), HasSubstr("nothing: No such file"));
  std::ofstream(directory / "foreign") << std::string(100'000, 'x');
  EXPECT_THAT(refusal("foreign"), HasSubstr("foreign: this is no recording"));
  std::ofstream(directory / "empty");
  EXPECT_THAT(refusal("empty"), HasSubstr("this is no recording"));
  EXPECT_THAT(refusal(""), HasSubstr("this is no recording")) << "a directory";
  { recorder_in(directory); }
  damage(directory / "decisions", 8, "\x63");
  EXPECT_THAT(refusal("decisions"), HasSubstr("a recording of version 99; this binary reads version 2"));
  damage(directory / "decisions", 8, "\x02");
  std::filesystem::resize_file(directory / "decisions", 9000);
  EXPECT_THAT(refusal("decisions"), HasSubstr("cut off: 9000 bytes of"));
}

TEST(Recording, SaysWhyPoliciesAreNotThere) {
  const Directory directory;
  const auto recorder = recorder_in(directory);
  const auto recording = recording_in(directory);
  EXPECT_EQ(recording->policies(0xabc), nullptr);
  EXPECT_THAT(recording->why_not(), HasSubstr("policies-0000000000000abc: No such file"));
  recorder->keep(0xdef, "nonsense");
  recorder->write();
  EXPECT_EQ(recording->policies(0xdef), nullptr);
  EXPECT_THAT(recording->why_not(), HasSubstr("policies-0000000000000def: damaged"));
}

TEST(Recording, WaitsForNobodyAtAFifo) {
  const Directory directory;
  const auto recorder = recorder_in(directory);
  ASSERT_EQ(::mkfifo((directory / policies_name(0xabc)).c_str(), 0600), 0);
  ASSERT_EQ(::mkfifo((directory / "fifo").c_str(), 0600), 0);
  const auto recording = recording_in(directory);
  EXPECT_EQ(recording->policies(0xabc), nullptr);
  EXPECT_THAT(recording->why_not(), HasSubstr("policies-0000000000000abc: is no regular file"));
  EXPECT_THAT(Recording::open(directory / "fifo").error(), HasSubstr("fifo: this is no recording"));
}

TEST(Recordings, OfADirectoryAreBothTheOlderFirst) {
  const Directory directory;
  const auto paths = [](const std::string& path) {
    std::vector<std::string> out;
    const auto opened = open_recordings(path);
    for (const auto& recording : opened->all) out.push_back(recording->path());
    return out;
  };
  EXPECT_TRUE(paths(directory.path()).empty());
  EXPECT_TRUE(paths(directory / "nothing").empty());
  const auto first = recorder_in(directory), second = recorder_in(directory);
  EXPECT_EQ(paths(directory.path()), (std::vector{directory / "decisions.1", directory / "decisions"}));
  EXPECT_EQ(paths(directory / "decisions.1"), std::vector{directory / "decisions.1"});
}

TEST(Recordings, PassOverAnOlderOneOfAnotherVersionAndSaySo) {
  const Directory directory;
  const auto first = recorder_in(directory), second = recorder_in(directory);
  damage(directory / "decisions.1", 8, "\x63");
  const auto opened = open_recordings(directory.path());
  ASSERT_TRUE(opened) << opened.error();
  EXPECT_EQ(opened->all.size(), 1u);
  ASSERT_EQ(opened->passed_over.size(), 1u);
  EXPECT_THAT(opened->passed_over[0], HasSubstr("decisions.1: a recording of version 99"));
  damage(directory / "decisions", 8, "\x63");
  EXPECT_THAT(open_recordings(directory.path()).error(), HasSubstr("decisions: a recording of version 99"));
}

}  // namespace
}  // namespace rhumb::foresight
