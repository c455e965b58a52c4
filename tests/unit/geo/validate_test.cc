// SPDX-License-Identifier: Apache-2.0
#include "geo/validate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/random.h"
#include "tests/unit/geo/geo_testing.h"

namespace rhumb::geo {
namespace {

using testing::country;
using testing::database_bytes;
using testing::place;
using testing::RawFile;
using testing::span_of;

// The child of validate_in_child is this very program, started again.
__attribute__((constructor)) void answer_as_validator(int argc, char** argv, char**) {
  if (argc != 3 || std::strcmp(argv[1], kValidatorCommand) != 0) return;
  if (std::getenv("RHUMB_TEST_VALIDATOR_DIES") != nullptr) std::abort();
  _exit(validator_main(std::atoi(argv[2])));
}

std::string error_of(std::string_view bytes) {
  const auto result = validate_mmdb(span_of(bytes));
  return result ? "" : result.error();
}

std::string small_file() {
  return database_bytes({{"10.0.0.0/8", place("DE", 50.1, 8.7, "Frankfurt")},
                         {"10.1.0.0/16", place("FR", 48.9, 2.4, "Paris")},
                         {"192.0.2.0/24", country("US")},
                         {"2001:db8::/32", place("SG", 1.3, 103.8)}});
}

/// The value at offset 0 of the data hangs below both sides of the only node.
RawFile with_record(std::string data) {
  RawFile file;
  file.nodes = {{1 + 16, 1 + 16}};
  file.data = std::move(data);
  return file;
}

TEST(ValidateMmdb, AcceptsAWholeFileAndCountsIt) {
  const auto result = validate_mmdb(span_of(small_file()));
  ASSERT_TRUE(result.has_value()) << result.error();
  EXPECT_EQ(result->records, 4u);
  EXPECT_GT(result->nodes, 100u);
  EXPECT_EQ(result->values, 9u + 9 + 3 + 6);
}

TEST(ValidateMmdb, RefusesANodeCountBeyondTheFile) {
  RawFile file = with_record(MmdbEncoder().map(0).take());
  file.node_count = 0x7fffffff;
  EXPECT_NE(error_of(file.bytes()).find("nodes need"), std::string::npos);
}

TEST(ValidateMmdb, RefusesRecordsOutsideTheData) {
  RawFile file = with_record(MmdbEncoder().map(0).take());
  file.nodes[0].second = 1 + 16 + 1;
  EXPECT_EQ(error_of(file.bytes()), "node 0 of its search tree points outside the data");
  file.nodes[0].second = 1 + 15;  // inside the zero bytes
  EXPECT_EQ(error_of(file.bytes()), "node 0 of its search tree points outside the data");
  file.nodes[0].second = 1 + 16;
  EXPECT_EQ(error_of(file.bytes()), "");
}

TEST(ValidateMmdb, RefusesATreeThatRunsInACircle) {
  RawFile file;
  file.nodes = {{1, 2}, {0, 2}};
  EXPECT_EQ(error_of(file.bytes()), "its search tree runs in a circle");
}

TEST(ValidateMmdb, RefusesATreeDeeperThanAnAddress) {
  RawFile file;
  for (uint32_t i = 0; i < 33; ++i) file.nodes.emplace_back(i + 1, 33);
  EXPECT_EQ(error_of(file.bytes()), "its search tree is deeper than 32 bits");
  file.ip_version = 6;
  EXPECT_EQ(error_of(file.bytes()), "");
}

TEST(ValidateMmdb, CountsDepthThroughSharedNodes) {
  // 2 heads a chain of 31 nodes. The root reaches it at once, which fits, and then by way of 1, which is one too long.
  RawFile file;
  file.nodes = {{2, 1}, {2, 33}};
  for (uint32_t i = 2; i <= 32; ++i) file.nodes.emplace_back(i + 1, 33);
  EXPECT_EQ(error_of(file.bytes()), "its search tree is deeper than 32 bits");
}

TEST(ValidateMmdb, RefusesDeepNestingWithoutFollowingItDown) {
  std::string data;
  for (int i = 0; i < 1'000'000; ++i) data += MmdbEncoder().array(1).take();
  data += MmdbEncoder().uint16(0).take();
  EXPECT_EQ(error_of(with_record(data).bytes()), "its record at offset 0 is nested too deeply");
}

TEST(ValidateMmdb, RefusesARecordThatPointsIntoItself) {
  const std::string data = MmdbEncoder().map(1).string("a").take() + std::string("\x20\x00", 2);
  EXPECT_EQ(error_of(with_record(data).bytes()), "its record at offset 0 is nested too deeply");
}

TEST(ValidateMmdb, RefusesARecordThatUnfoldsWithoutEnd) {
  // Twenty arrays of four pointers, each to the array before: 4^20 values in 180 bytes.
  std::string data = MmdbEncoder().uint16(1).take();
  uint32_t before = 0;
  for (int i = 0; i < 20; ++i) {
    const auto here = static_cast<uint32_t>(data.size());
    data += MmdbEncoder().array(4).take();
    for (int n = 0; n < 4; ++n) data += {'\x20', static_cast<char>(before)};
    before = here;
  }
  RawFile file = with_record(data);
  file.nodes[0] = {1 + 16 + before, 1 + 16 + before};
  EXPECT_EQ(error_of(file.bytes()), fmt::format("its record at offset {} holds too many values", before));
}

TEST(ValidateMmdb, RefusesBrokenMapsAndPointers) {
  EXPECT_EQ(error_of(with_record(MmdbEncoder().map(1).uint16(1).uint16(2).take()).bytes()),
            "its record at offset 0 has a broken key");
  EXPECT_EQ(error_of(with_record(MmdbEncoder().map(2).string("a").uint16(2).take()).bytes()),
            "its record at offset 0 has a broken key");
  EXPECT_EQ(error_of(with_record(std::string("\x20\x02\x20\x00", 4)).bytes()),
            "its record at offset 0 has a pointer to a pointer");
}

TEST(ValidateMmdb, RefusesMetadataThatTheLibraryWouldStumbleOver) {
  std::string bytes = small_file();
  const size_t languages = bytes.find("languages");
  ASSERT_NE(languages, std::string::npos);
  bytes[languages + 11] = '\x82';  // the "en" of the list becomes bytes
  EXPECT_EQ(error_of(bytes), "its metadata's languages holds more than texts");
  bytes = small_file();
  const size_t description = bytes.find("description");
  bytes[description + 15] = '\xa0';  // its text becomes a number
  EXPECT_EQ(error_of(bytes), "its metadata's description holds more than texts");
}

TEST(ValidateMmdb, RefusesEveryTruncation) {
  const std::string whole = small_file();
  for (size_t size = 0; size < whole.size(); size += 64)
    EXPECT_NE(error_of(std::string_view(whole).substr(0, size)), "") << size;
}

TEST(ValidateMmdb, WhatPassesAfterAMutationCanBeUsed) {
  const std::string whole = small_file();
  base::Random random(20240601);
  int accepted = 0, refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = whole;
    for (uint64_t edits = 1 + random.below(4); edits > 0; --edits)
      bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    if (random.below(8) == 0) bytes.erase(random.below(bytes.size()), 1 + random.below(64));
    if (random.below(8) == 0) bytes.insert(random.below(bytes.size()), 1 + random.below(64), '\x5f');
    const auto database = Database::from_bytes("mutated", bytes, false);
    database ? ++accepted : ++refused;
    if (!database) continue;
    for (const char* address : {"10.0.0.1", "10.1.2.3", "192.0.2.1", "2001:db8::1", "::1", "255.255.255.255"}) {
      const Facts facts = database->lookup(testing::ip(address));
      EXPECT_LE(std::abs(facts.point.latitude), 90);
      EXPECT_LE(facts.city.size(), bytes.size());
    }
  }
  EXPECT_GT(accepted, 0);
  EXPECT_GT(refused, 0);
}

TEST(ValidateMmdb, TheFuzzCorpusIsJudgedByItsNames) {
  int good = 0, bad = 0;
  for (const auto& entry : std::filesystem::directory_iterator(RHUMB_SOURCE_DIR "/tests/fuzz/corpus/mmdb")) {
    const auto bytes = read_whole_file(entry.path(), 1 << 20);
    ASSERT_TRUE(bytes.has_value()) << bytes.error();
    const bool expected = entry.path().filename().string().starts_with("good-");
    EXPECT_EQ(Database::from_bytes("corpus", *bytes, false).has_value(), expected) << entry.path();
    ++(expected ? good : bad);
  }
  EXPECT_GT(good, 0);
  EXPECT_GT(bad, 0);
}

class Memory {
 public:
  explicit Memory(std::string_view bytes) : fd_(memfd_create("test", MFD_CLOEXEC)) {
    EXPECT_EQ(write(fd_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  ~Memory() { close(fd_); }
  int fd() const { return fd_; }

 private:
  int fd_;
};

TEST(Validators, AgreeOnAGoodFile) {
  const Memory memory(small_file());
  EXPECT_TRUE(validate_here(memory.fd()).has_value());
  const auto child = validate_in_child(memory.fd());
  EXPECT_TRUE(child.has_value()) << child.error();
}

TEST(Validators, GiveTheSameReasonForAWrongFile) {
  RawFile file;
  file.nodes = {{0, 0}};
  const Memory memory(file.bytes());
  const auto here = validate_here(memory.fd()), child = validate_in_child(memory.fd());
  ASSERT_FALSE(here.has_value());
  ASSERT_FALSE(child.has_value());
  EXPECT_EQ(here.error(), "its search tree runs in a circle");
  EXPECT_EQ(child.error(), here.error());
}

TEST(Validators, AnEmptyFileIsRefused) {
  const Memory memory("");
  EXPECT_EQ(validate_here(memory.fd()).error(), "it is empty");
}

TEST(Validators, MMDB_ADeadChildMeansRefused) {
  const Memory memory(small_file());
  setenv("RHUMB_TEST_VALIDATOR_DIES", "1", 1);
  const auto result = validate_in_child(memory.fd());
  unsetenv("RHUMB_TEST_VALIDATOR_DIES");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error(), "the process that checked it died (signal 6)");
}

}  // namespace
}  // namespace rhumb::geo
