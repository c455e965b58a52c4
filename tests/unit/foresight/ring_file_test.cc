// SPDX-License-Identifier: Apache-2.0
#include "foresight/ring_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <fstream>

#include "foresight/record.h"
#include "foresight_testing.h"

namespace rhumb::foresight {
namespace {

using testing::Directory;
using ::testing::HasSubstr;
using testing::size_for;

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

OwnDirectory own(const Directory& directory) {
  auto opened = OwnDirectory::open(directory.path());
  EXPECT_TRUE(opened) << opened.error();
  return *std::move(opened);
}

RingFile opened(const Directory& directory, uint64_t size, uint32_t lanes = 1) {
  auto file = RingFile::open(own(directory), "decisions", size, lanes);
  EXPECT_TRUE(file) << file.error();
  return *std::move(file);
}

std::string refusal(const Directory& directory, uint64_t size = size_for(2048)) {
  const auto file = RingFile::open(own(directory), "decisions", size, 1);
  return file ? "" : file.error();
}

/// Sound slots with these numbers.
std::vector<std::byte> slots(uint64_t first, uint64_t count) {
  std::vector<std::byte> bytes(count * kSlotSize);
  for (uint64_t i = 0; i < count; ++i) {
    Slot<TargetRecord> slot{};
    slot.head = {.sequence = first + i, .kind = SlotKind::target};
    slot.head.check = check_of(&slot);
    std::memcpy(&bytes[i * kSlotSize], &slot, kSlotSize);
  }
  return bytes;
}

uint64_t sequence_at(const Directory& directory, uint64_t slot, uint32_t lanes = 1) {
  const std::string bytes = read_all(directory / "decisions");
  uint64_t sequence = 0;
  std::memcpy(&sequence, &bytes[lanes_at(lanes) + slot * kSlotSize], sizeof sequence);
  return sequence;
}

TEST(RingFile, IsAllocatedWholeAndEmpty) {
  const Directory directory;
  const RingFile file = opened(directory, size_for(2048, 2) + 100, 2);
  EXPECT_FALSE(file.continued());
  EXPECT_EQ(file.head().slots_of_a_lane, 2048u);
  EXPECT_EQ(file.written(1), 0u);
  EXPECT_TRUE(file.intact());
  EXPECT_EQ(std::filesystem::file_size(directory / "decisions"), size_for(2048, 2));
  struct stat about {};
  ASSERT_EQ(::stat((directory / "decisions").c_str(), &about), 0);
  EXPECT_GE(static_cast<uint64_t>(about.st_blocks) * 512, size_for(2048, 2));
  EXPECT_FALSE(std::filesystem::exists(directory / "decisions.new"));
}

TEST(RingFile, PutsSlotsBehindWhatItsLaneHasAndGoesRound) {
  const Directory directory;
  RingFile file = opened(directory, size_for(1024, 2), 2);
  EXPECT_TRUE(file.append(1, slots(1, 1000)));
  EXPECT_TRUE(file.append(1, slots(1001, 100)));
  EXPECT_EQ(file.written(0), 0u);
  EXPECT_EQ(file.written(1), 1100u);
  EXPECT_EQ(sequence_at(directory, 0, 2), 0u) << "the other lane";
  EXPECT_EQ(sequence_at(directory, 1024 + 76, 2), 77u);
  EXPECT_EQ(sequence_at(directory, 1024 + 75, 2), 1100u);
  EXPECT_EQ(sequence_at(directory, 1024 + 1023, 2), 1024u);
}

TEST(RingFile, GoesOnInTheFileThatAnotherProcessLeft) {
  const Directory directory;
  { EXPECT_TRUE(opened(directory, size_for(2048)).append(0, slots(1, 77))); }
  RingFile file = opened(directory, size_for(2048));
  EXPECT_TRUE(file.continued());
  EXPECT_TRUE(file.intact());
  EXPECT_EQ(file.written(0), 77u);
  EXPECT_TRUE(file.append(0, slots(78, 1)));
  EXPECT_EQ(sequence_at(directory, 76), 77u);
  EXPECT_EQ(sequence_at(directory, 77), 78u);
}

TEST(RingFile, FindsWhatWasWrittenAfterTheLastCount) {
  const Directory directory;
  { EXPECT_TRUE(opened(directory, size_for(2048)).append(0, slots(1, 2060))); }
  auto more = slots(2061, 5);
  more[4 * kSlotSize + 200] = std::byte{1};
  std::fstream file(directory / "decisions", std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(lanes_at(1) + 12 * kSlotSize));
  file.write(reinterpret_cast<const char*>(more.data()), static_cast<std::streamsize>(more.size()));
  file.close();
  EXPECT_EQ(opened(directory, size_for(2048)).written(0), 2064u) << "but for the one that was torn";
}

TEST(RingFile, LeavesTheFileOfALivingProcessToIt) {
  const Directory directory;
  RingFile first = opened(directory, size_for(2048));
  RingFile second = opened(directory, size_for(2048));
  EXPECT_FALSE(second.continued());
  EXPECT_TRUE(first.append(0, slots(1, 5)));
  EXPECT_EQ(sequence_at(directory, 0), 0u);
  EXPECT_TRUE(std::filesystem::exists(directory / "decisions.1"));
  EXPECT_TRUE(first.intact());
}

TEST(RingFile, PutsAFileOfAnotherShapeAside) {
  const Directory directory;
  { opened(directory, size_for(2048)); }
  EXPECT_FALSE(opened(directory, size_for(4096)).continued());
  EXPECT_EQ(std::filesystem::file_size(directory / "decisions.1"), size_for(2048));
  std::ofstream(directory / "decisions") << "something else";
  EXPECT_FALSE(opened(directory, size_for(4096)).continued());
  EXPECT_EQ(read_all(directory / "decisions.1"), "something else");
}

TEST(RingFile, IsMadeWholeAgainWhenSomebodyHasCutItOff) {
  for (const uint64_t size : {uint64_t{0}, uint64_t{5000}, size_for(2048) - 1, size_for(2048) + 1}) {
    const Directory directory;
    RingFile file = opened(directory, size_for(2048));
    EXPECT_TRUE(file.append(0, slots(1, 100)));
    std::filesystem::resize_file(directory / "decisions", size);
    EXPECT_FALSE(file.intact()) << size;
    EXPECT_TRUE(file.append(0, slots(101, 1))) << "and a write into what is no more there is none that kills";
    EXPECT_TRUE(file.restore());
    EXPECT_TRUE(file.intact()) << size;
    EXPECT_EQ(why_unreadable(file.head(), std::filesystem::file_size(directory / "decisions")), "");
    EXPECT_EQ(opened(directory, size_for(1024)).continued(), false);  // lets go of the name
    EXPECT_EQ(file.written(0), 101u);
  }
}

TEST(RingFile, KnowsWhenItsHeadWasWrittenOver) {
  const Directory directory;
  RingFile file = opened(directory, size_for(2048));
  std::filesystem::resize_file(directory / "decisions", 0);
  std::filesystem::resize_file(directory / "decisions", size_for(2048));
  EXPECT_FALSE(file.intact()) << "of the right size, and empty";
  EXPECT_TRUE(file.restore());
  EXPECT_TRUE(file.intact());
}

TEST(RingFile, FollowsNoLink) {
  const Directory directory, elsewhere;
  const std::string precious = elsewhere / "precious";
  std::ofstream(precious) << std::string(100'000, 'p');
  std::filesystem::create_symlink(precious, directory / "decisions");
  EXPECT_EQ(refusal(directory), directory / "decisions: it is a link, and none is followed");
  std::filesystem::rename(directory / "decisions", directory / "decisions.new");
  EXPECT_EQ(refusal(directory), "") << "what lies under the other name is removed first";
  EXPECT_EQ(read_all(precious), std::string(100'000, 'p'));
  EXPECT_FALSE(std::filesystem::is_symlink(directory / "decisions"));
}

TEST(RingFile, RefusesWhatSomebodyElseMayHavePutThere) {
  const Directory directory;
  { opened(directory, size_for(2048)); }
  ASSERT_EQ(::chmod((directory / "decisions").c_str(), 0620), 0);
  EXPECT_EQ(refusal(directory), directory / "decisions: its mode 620 lets others write it");
  std::filesystem::remove(directory / "decisions");
  ASSERT_EQ(::mkfifo((directory / "decisions").c_str(), 0600), 0);
  EXPECT_EQ(refusal(directory), directory / "decisions: it is no regular file");
}

TEST(RingFile, SaysWhyItCannotBe) {
  const Directory directory;
  EXPECT_THAT(refusal(directory, size_for(1000)), HasSubstr("are too few"));
  EXPECT_FALSE(std::filesystem::exists(directory / "decisions"));
  std::filesystem::create_directory(directory / "decisions.new");
  EXPECT_THAT(refusal(directory), HasSubstr("decisions.new: cannot be made: File exists"));
}

TEST(RingFile, TellsWhatItReads) {
  const Directory directory;
  const RingFile file = opened(directory, size_for(2048));
  FileHead head = file.head();
  const uint64_t size = size_for(2048);
  EXPECT_EQ(why_unreadable(head, size), "");
  EXPECT_EQ(why_unreadable(head, size - 1), "it is cut off: 532479 bytes of 532480");
  EXPECT_EQ(why_unreadable(head, 10), "this is no recording of decisions");
  FileHead other = head;
  other.version = kRecordingVersion + 1;
  EXPECT_EQ(why_unreadable(other, size), "a recording of version 3; this binary reads version 2");
  other = head;
  other.terms[0] = 'D';
  EXPECT_THAT(why_unreadable(other, size), HasSubstr("recorded with other terms: Distance"));
  for (const uint32_t lanes : {0u, 100'000u}) {
    other = head;
    other.lanes = lanes;
    EXPECT_EQ(why_unreadable(other, size), "its head is damaged");
  }
  other = head;
  other.magic[0] = 'X';
  EXPECT_EQ(why_unreadable(other, size), "this is no recording of decisions");
}

}  // namespace
}  // namespace rhumb::foresight
