// SPDX-License-Identifier: Apache-2.0
#include "foresight/ring_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

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

RingFile opened(const Directory& directory, uint64_t size, uint32_t lanes = 1) {
  auto file = RingFile::open(directory / "decisions", size, lanes);
  EXPECT_TRUE(file) << file.error();
  return *std::move(file);
}

TEST(RingFile, IsAllocatedWholeAndEmpty) {
  const Directory directory;
  RingFile file = opened(directory, size_for(2048, 2) + 100, 2);
  EXPECT_FALSE(file.continued());
  EXPECT_EQ(file.head().slots_of_a_lane, 2048u);
  EXPECT_EQ(file.written(1), 0u);
  EXPECT_EQ(std::filesystem::file_size(directory / "decisions"), size_for(2048, 2));
  EXPECT_FALSE(std::filesystem::exists(directory / "decisions.new"));
}

TEST(RingFile, GoesOnInTheFileThatAnotherProcessLeft) {
  const Directory directory;
  {
    RingFile file = opened(directory, size_for(2048));
    file.slots(0)[5] = std::byte{42};
    file.written(0) = 77;
  }
  RingFile file = opened(directory, size_for(2048));
  EXPECT_TRUE(file.continued());
  EXPECT_EQ(file.written(0), 77u);
  EXPECT_EQ(file.slots(0)[5], std::byte{42});
}

TEST(RingFile, LeavesTheFileOfALivingProcessToIt) {
  const Directory directory;
  RingFile first = opened(directory, size_for(2048));
  RingFile second = opened(directory, size_for(2048));
  EXPECT_FALSE(second.continued());
  first.written(0) = 5;
  EXPECT_EQ(second.written(0), 0u);
  EXPECT_TRUE(std::filesystem::exists(directory / "decisions.1"));
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

TEST(RingFile, SaysWhyItCannotBe) {
  const Directory directory;
  EXPECT_THAT(RingFile::open(directory / "no/decisions", size_for(2048), 1).error(), HasSubstr("No such file"));
  EXPECT_THAT(RingFile::open(directory / "decisions", size_for(1000), 1).error(), HasSubstr("are too few"));
  EXPECT_FALSE(std::filesystem::exists(directory / "decisions"));
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
