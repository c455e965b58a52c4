// SPDX-License-Identifier: Apache-2.0
#include "geo/database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "base/random.h"
#include "tests/unit/geo/geo_testing.h"

namespace rhumb::geo {
namespace {

using testing::cidr;
using testing::country;
using testing::database_bytes;
using testing::ip;
using testing::place;
using testing::TemporaryFiles;

std::string city_bytes(std::string_view code = "DE") {
  return database_bytes(
      {{"10.0.0.0/8", place(code, 50.1, 8.7, "Frankfurt")}, {"2001:db8::/32", place("SG", 1.3, 103.8)}});
}

TEST(Database, TellsWhatItIs) {
  const TemporaryFiles files;
  const std::string path = files.write("city.mmdb", city_bytes());
  const auto database = Database::open(path, true);
  ASSERT_TRUE(database.has_value()) << database.error();
  EXPECT_EQ(database->path(), path);
  EXPECT_TRUE(database->overlay());
  EXPECT_EQ(database->type(), "test");
  EXPECT_EQ(database->build_epoch(), 1'700'000'000u);
  EXPECT_EQ(database->ip_version(), 6u);
  EXPECT_GT(database->node_count(), 100u);
  EXPECT_EQ(database->schema(), Schema::nested);
  EXPECT_EQ(database->size(), city_bytes().size());
  EXPECT_GT(database->modified(), 1'700'000'000);
  EXPECT_EQ(database->sha256().size(), 64u);
}

TEST(Database, AnswersForBothFamilies) {
  const Database database = testing::database({{"10.0.0.0/8", country("DE")}, {"2001:db8::/32", country("SG")}});
  EXPECT_EQ(database.lookup(ip("10.255.255.255")).country.view(), "DE");
  EXPECT_EQ(database.lookup(ip("10.0.0.0")).source, Source::database);
  EXPECT_EQ(database.lookup(ip("2001:db8::1")).country.view(), "SG");
  EXPECT_EQ(database.lookup(ip("::ffff:10.1.2.3")).country.view(), "DE");
  for (const char* unknown : {"9.255.255.255", "11.0.0.0", "2001:db9::", "::1", "0.0.0.0", "255.255.255.255"})
    EXPECT_EQ(database.lookup(ip(unknown)).source, Source::none) << unknown;
}

TEST(Database, OfIpv4AloneKnowsNoIpv6) {
  const Database database = testing::database({{"0.0.0.0/0", country("DE")}});
  EXPECT_EQ(database.ip_version(), 4u);
  EXPECT_EQ(database.lookup(ip("255.255.255.255")).country.view(), "DE");
  EXPECT_EQ(database.lookup(ip("::1")).source, Source::none);
  EXPECT_FALSE(database.network(ip("::1")).has_value());
}

TEST(Database, OverlaysSaySo) {
  EXPECT_EQ(testing::database({{"10.0.0.0/8", country("DE")}}, true).lookup(ip("10.0.0.1")).source, Source::overlay);
}

TEST(Database, TellsTheNetworkOfAnAnswerInItsOwnFamily) {
  const Database both = testing::database({{"10.0.0.0/8", country("DE")}, {"2001:db8::/32", country("SG")}});
  EXPECT_EQ(both.network(ip("10.1.2.3")), cidr("10.0.0.0/8"));
  EXPECT_EQ(both.network(ip("2001:db8::1")), cidr("2001:db8::/32"));
  const Database v4 = testing::database({{"192.0.2.0/24", country("DE")}});
  EXPECT_EQ(v4.network(ip("192.0.2.77")), cidr("192.0.2.0/24"));
  EXPECT_EQ(v4.network(ip("1.0.0.0")), cidr("0.0.0.0/1"));
}

TEST(Database, FlatFilesAnswerToo) {
  MmdbWriter writer;
  writer.insert_encoded(cidr("10.0.0.0/8"), testing::flat_record("DE", 50.5f, 8.25f, "Frankfurt"));
  const auto database = Database::from_bytes("flat", writer.finish({}), false);
  ASSERT_TRUE(database.has_value()) << database.error();
  EXPECT_EQ(database->schema(), Schema::flat);
  EXPECT_EQ(database->lookup(ip("10.0.0.1")).city, "Frankfurt");
  EXPECT_EQ(database->lookup(ip("10.0.0.1")).point, (Point{50.5, 8.25}));
}

TEST(Database, M1_KeepsAnsweringWhateverHappensToItsFile) {
  const TemporaryFiles files;
  const std::string path = files.write("city.mmdb", city_bytes());
  const auto database = Database::open(path, false);
  ASSERT_TRUE(database.has_value()) << database.error();
  const auto answers = [&] { return database->lookup(ip("10.0.0.1")).city == "Frankfurt"; };
  EXPECT_TRUE(answers());
  ASSERT_EQ(truncate(path.c_str(), 10), 0);
  EXPECT_TRUE(answers());
  files.write("city.mmdb", std::string(100'000, 'x'));
  EXPECT_TRUE(answers());
  ASSERT_EQ(unlink(path.c_str()), 0);
  EXPECT_TRUE(answers());
}

TEST(Database, MovingKeepsTheViewsItGaveOut) {
  Database first = testing::database({{"10.0.0.0/8", place("DE", 50.1, 8.7, "Frankfurt")}});
  const Facts facts = first.lookup(ip("10.0.0.1"));
  const Database second = std::move(first);
  EXPECT_EQ(facts.city, "Frankfurt");
  EXPECT_EQ(second.lookup(ip("10.0.0.1")).city.data(), facts.city.data());
}

TEST(Database, SeesThatItsFileChanged) {
  const TemporaryFiles files;
  const std::string path = files.write("city.mmdb", city_bytes());
  const auto database = Database::open(path, false);
  ASSERT_TRUE(database.has_value());
  EXPECT_FALSE(database->changed_on_disk());
  ASSERT_EQ(replace_file(path, city_bytes()), "");  // same bytes, another inode
  EXPECT_TRUE(database->changed_on_disk());
  const auto again = Database::open(path, false);
  ASSERT_TRUE(again.has_value());
  EXPECT_FALSE(again->changed_on_disk());
  unlink(path.c_str());
  EXPECT_TRUE(again->changed_on_disk());
  EXPECT_FALSE(Database::from_bytes("memory", city_bytes(), false)->changed_on_disk());
}

std::string open_error(const std::string& path) {
  const auto database = Database::open(path, false);
  return database ? "" : database.error();
}

TEST(Database, RefusesWhatIsNoRegularFile) {
  const TemporaryFiles files;
  EXPECT_EQ(open_error(files.directory()), files.directory() + ": it is not a regular file");
  EXPECT_EQ(open_error(files.path("none")), files.path("none") + ": cannot be opened: No such file or directory");
  EXPECT_EQ(open_error("/dev/zero"), "/dev/zero: it is not a regular file");
  const std::string fifo = files.path("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(open_error(fifo), fifo + ": it is not a regular file");
}

TEST(Database, RefusesEmptyAndOversizedFilesWithoutReadingThem) {
  const TemporaryFiles files;
  EXPECT_EQ(open_error(files.write("empty", "")), files.path("empty") + ": it is empty");
  const std::string sparse = files.write("sparse", "x");
  std::filesystem::resize_file(sparse, kMaxDatabaseBytes + 1);
  EXPECT_EQ(open_error(sparse), sparse + ": it has 1073741825 bytes; the limit is 1073741824");
}

TEST(Database, RefusesHalfAFile) {
  const TemporaryFiles files;
  const std::string whole = city_bytes();
  const std::string path = files.write("half", whole.substr(0, whole.size() / 2));
  EXPECT_EQ(open_error(path), path + ": it is not a MaxMind DB file, or its end is missing (no metadata found)");
}

TEST(Database, AsksTheValidatorItWasGiven) {
  const auto refuse = [](int) -> base::Result<void, std::string> {
    return base::Unexpected(std::string("I do not like it"));
  };
  const auto database = Database::from_bytes("name", city_bytes(), false, refuse);
  ASSERT_FALSE(database.has_value());
  EXPECT_EQ(database.error(), "name: I do not like it");
}

TEST(Database, TheValidatorSeesBytesThatNobodyCanChange) {
  static bool sealed = false;
  const auto check = [](int fd) -> base::Result<void, std::string> {
    sealed = write(fd, "x", 1) < 0 && ftruncate(fd, 0) < 0;
    return {};
  };
  ASSERT_TRUE(Database::from_bytes("name", city_bytes(), false, check).has_value());
  EXPECT_TRUE(sealed);
}

/// Some bytes of a sound file flipped, overwritten, cut out, doubled or moved; most often few, at any place.
std::string mutated(std::string bytes, base::Random& random) {
  const auto below = [&](size_t n) { return static_cast<size_t>(random.next() % n); };
  for (size_t changes = 1 + below(3) * below(2); changes > 0 && bytes.size() > 64; --changes) {
    const size_t at = below(bytes.size()), size = 1 + below(std::min<size_t>(16, bytes.size() - at));
    switch (below(12)) {
      case 0:
        bytes.replace(at, size, std::string(size, static_cast<char>(below(2) * 0xff)));
        break;
      case 1:
        bytes.erase(at, size);
        break;
      case 2:
        bytes.insert(at, bytes.substr(at, size));
        break;
      case 3:
        bytes.replace(below(bytes.size() - size), size, bytes.substr(at, size));
        break;
      default:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
    }
  }
  return bytes;
}

TEST(Database, M1_AMutatedFileIsRefusedOrSafeToAsk) {
  base::Random random(20);
  const std::string sound[] = {city_bytes(), database_bytes({{"192.0.2.0/24", country("DE")}}),
                               database_bytes({{"10.0.0.0/8", place("FR", 1, 2, "a")}}, true)};
  int refused = 0, taken = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::string bytes = mutated(sound[i % 3], random);
    const auto database = Database::from_bytes("mutated", bytes, false, validate_here);
    ++(database ? taken : refused);
    for (int j = 0; database && j < 16; ++j) {
      const auto bits = static_cast<uint32_t>(random.next());
      for (const base::IpAddress& address : {base::IpAddress::v4(bits), ip("2001:db8::1"), ip("10.0.0.1")}) {
        const Facts facts = database->lookup(address);
        EXPECT_EQ(std::string(facts.city).size(), facts.city.size());  // reads all of it
        static_cast<void>(database->network(address));
      }
    }
  }
  EXPECT_GT(refused, 300);
  EXPECT_GT(taken, 100) << "or nothing was asked";
}

TEST(Database, M1_WhatABrokenFileDoesToItsCheckStaysThere) {
  base::Random random(21);
  for (int i = 0; i < 10; ++i) {
    const auto database = Database::from_bytes("mutated", mutated(city_bytes(), random), false, validate_in_child);
    if (!database) {
      EXPECT_EQ(database.error().find("died"), std::string::npos) << database.error();
    }
  }
}

TEST(Database, M2_EveryFileOfASwapLoopIsOneOrTheOther) {
  const TemporaryFiles files;
  const std::string path = files.write("city.mmdb", city_bytes("DE"));
  std::atomic<bool> stop{false};
  std::thread swapper([&] {
    for (int i = 0; !stop; ++i) EXPECT_EQ(replace_file(path, city_bytes(i % 2 == 0 ? "FR" : "DE")), "");
  });
  for (int i = 0; i < 50; ++i) {
    const auto database = Database::open(path, false);
    ASSERT_TRUE(database.has_value()) << database.error();
    const std::string code(database->lookup(ip("10.0.0.1")).country.view());
    EXPECT_TRUE(code == "DE" || code == "FR") << code;
  }
  stop = true;
  swapper.join();
}

}  // namespace
}  // namespace rhumb::geo
