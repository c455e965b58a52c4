// SPDX-License-Identifier: Apache-2.0
#include "geo/mmdb_writer.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "base/subprocess.h"
#include "tests/unit/geo/geo_testing.h"

namespace rhumb::geo {
namespace {

using testing::Block;
using testing::cidr;
using testing::country;
using testing::database_bytes;
using testing::ip;
using testing::place;
using testing::span_of;
using testing::TemporaryFiles;

Database opened(const MmdbWriter& writer, const MmdbWriter::Meta& meta = {}) {
  auto database = Database::from_bytes("written", writer.finish(meta), false);
  EXPECT_TRUE(database.has_value()) << database.error();
  return std::move(*database);
}

std::string code_at(const Database& database, std::string_view address) {
  return std::string(database.lookup(ip(address)).country.view());
}

TEST(MmdbWriter, TheLongestPrefixWinsInEveryOrder) {
  const std::vector<Block> blocks = {{"10.0.0.0/8", country("DE")},
                                     {"10.1.0.0/16", country("FR")},
                                     {"10.1.2.0/24", country("IT")},
                                     {"10.1.2.3/32", country("ES")},
                                     {"0.0.0.0/0", country("US")}};
  std::vector<Block> order = blocks;
  for (size_t turn = 0; turn < order.size(); ++turn) {
    std::rotate(order.begin(), order.begin() + 1, order.end());
    const Database database = testing::database(order);
    EXPECT_EQ(code_at(database, "10.0.0.1"), "DE");
    EXPECT_EQ(code_at(database, "10.1.0.1"), "FR");
    EXPECT_EQ(code_at(database, "10.1.2.2"), "IT");
    EXPECT_EQ(code_at(database, "10.1.2.3"), "ES");
    EXPECT_EQ(code_at(database, "9.9.9.9"), "US");
  }
}

TEST(MmdbWriter, OfEqualBlocksTheLastWins) {
  EXPECT_EQ(code_at(testing::database({{"10.0.0.0/8", country("DE")}, {"10.0.0.0/8", country("FR")}}), "10.0.0.1"),
            "FR");
}

TEST(MmdbWriter, TheSameInputGivesTheSameBytes) {
  const std::vector<Block> blocks = {{"10.0.0.0/8", place("DE", 1, 2, "Here")}, {"2001:db8::/32", country("FR")}};
  EXPECT_EQ(database_bytes(blocks), database_bytes(blocks));
}

TEST(MmdbWriter, EqualRecordsAreWrittenOnce) {
  MmdbWriter writer;
  for (uint32_t i = 0; i < 256; ++i)
    writer.insert({base::IpAddress::v4(i << 24), 8}, country(i % 2 == 0 ? "DE" : "FR"));
  EXPECT_EQ(writer.blocks(), 256u);
  EXPECT_EQ(writer.records(), 2u);
  EXPECT_LT(writer.finish({}).size(), 256u * 6 + 512);
}

TEST(MmdbWriter, HalvesThatSayTheSameAreJoined) {
  const Database database = testing::database({{"10.0.0.0/9", country("DE")}, {"10.128.0.0/9", country("DE")}});
  EXPECT_EQ(database.network(ip("10.200.0.1")), cidr("10.0.0.0/8"));
}

TEST(MmdbWriter, PartsThatRepeatArePointedTo) {
  const size_t one = database_bytes({{"10.0.0.0/8", place("DE", 50.123, 8.5, "A town with a very long name")}}).size();
  const size_t two = database_bytes({{"10.0.0.0/8", place("DE", 50.123, 8.5, "A town with a very long name")},
                                     {"10.0.0.0/9", place("DE", 51.123, 8.5, "A town with a very long name")}})
                         .size();
  EXPECT_LT(two - one, 60u);
  const Database database = testing::database(
      {{"10.0.0.0/8", place("DE", 50.125, 8.5, "Long name")}, {"10.0.0.0/9", place("DE", 51.125, 8.5, "Long name")}});
  EXPECT_EQ(database.lookup(ip("10.0.0.1")).city, "Long name");
  EXPECT_EQ(database.lookup(ip("10.0.0.1")).point, (Point{51.125, 8.5}));
  EXPECT_EQ(database.lookup(ip("10.200.0.1")).point, (Point{50.125, 8.5}));
}

TEST(MmdbWriter, Ipv4StandsInAnIpv6TreeUnderBothNames) {
  const std::string bytes = database_bytes({{"10.0.0.0/8", country("DE")}}, true);
  const auto layout = read_mmdb_layout(span_of(bytes));
  ASSERT_TRUE(layout.has_value());
  EXPECT_EQ(layout->metadata.ip_version, 6u);
  const auto walk = [&](const std::array<uint8_t, 16>& path, unsigned bits) {
    uint32_t at = 0;
    for (unsigned i = 0; i < bits && at < layout->metadata.node_count; ++i)
      at = layout->tree.record(at, path[i / 8] >> (7 - i % 8) & 1);
    return at;
  };
  std::array<uint8_t, 16> mapped = ip("10.0.0.0").bytes(), compatible = mapped;
  compatible[10] = compatible[11] = 0;
  EXPECT_GT(walk(compatible, 104), layout->metadata.node_count);
  EXPECT_EQ(walk(compatible, 104), walk(mapped, 104));
}

TEST(MmdbWriter, AnIpv6DefaultDoesNotCoverIpv4) {
  const Database database = testing::database({{"::/0", country("DE")}, {"10.0.0.0/8", country("FR")}});
  EXPECT_EQ(code_at(database, "2001:db8::"), "DE");
  EXPECT_EQ(code_at(database, "10.0.0.1"), "FR");
  EXPECT_EQ(code_at(database, "11.0.0.1"), "");
}

TEST(MmdbWriter, WholeFamiliesCanBeOneBlock) {
  EXPECT_EQ(code_at(testing::database({{"0.0.0.0/0", country("DE")}}), "1.2.3.4"), "DE");
  const Database both = testing::database({{"0.0.0.0/0", country("DE")}, {"::/0", country("FR")}});
  EXPECT_EQ(code_at(both, "1.2.3.4"), "DE");
  EXPECT_EQ(code_at(both, "ffff::"), "FR");
}

TEST(MmdbWriter, RangesBecomeTheirBlocks) {
  MmdbWriter writer;
  EXPECT_TRUE(writer.insert_range(ip("10.0.0.1"), ip("10.0.0.6"), country("DE")));
  EXPECT_EQ(writer.blocks(), 4u);  // .1, .2/31, .4/31, .6
  const Database database = opened(writer);
  EXPECT_EQ(code_at(database, "10.0.0.0"), "");
  for (const char* inside : {"10.0.0.1", "10.0.0.2", "10.0.0.5", "10.0.0.6"})
    EXPECT_EQ(code_at(database, inside), "DE") << inside;
  EXPECT_EQ(code_at(database, "10.0.0.7"), "");
}

TEST(MmdbWriter, TheLargestRangesEnd) {
  MmdbWriter writer;
  EXPECT_TRUE(writer.insert_range(ip("0.0.0.0"), ip("255.255.255.255"), country("DE")));
  EXPECT_TRUE(writer.insert_range(ip("::"), ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), country("FR")));
  EXPECT_EQ(writer.blocks(), 2u);
  EXPECT_TRUE(writer.insert_range(ip("255.255.255.255"), ip("255.255.255.255"), country("IT")));
  const Database database = opened(writer);
  EXPECT_EQ(code_at(database, "255.255.255.254"), "DE");
  EXPECT_EQ(code_at(database, "255.255.255.255"), "IT");
  EXPECT_EQ(code_at(database, "8000::"), "FR");
}

TEST(MmdbWriter, RefusesRangesThatAreNone) {
  MmdbWriter writer;
  EXPECT_FALSE(writer.insert_range(ip("10.0.0.2"), ip("10.0.0.1"), country("DE")));
  EXPECT_FALSE(writer.insert_range(ip("10.0.0.2"), ip("2001:db8::"), country("DE")));
  EXPECT_EQ(writer.blocks(), 0u);
}

TEST(MmdbWriter, RecordsOfEverySizeCanBeReadBack) {
  MmdbWriter writer;
  writer.insert(cidr("10.0.0.0/8"), country("DE"));
  writer.insert(cidr("11.0.0.0/8"), country("FR"));
  for (unsigned bits : {24u, 28u, 32u}) {
    MmdbWriter::Meta meta;
    meta.min_record_size = bits;
    EXPECT_EQ(read_mmdb_layout(span_of(writer.finish(meta)))->metadata.record_size, bits);
    const Database database = opened(writer, meta);
    EXPECT_EQ(code_at(database, "10.0.0.1"), "DE");
    EXPECT_EQ(code_at(database, "11.0.0.1"), "FR");
    EXPECT_EQ(code_at(database, "12.0.0.1"), "");
  }
}

TEST(MmdbWriter, TakesLargerRecordsWhenTheFileNeedsThem) {
  MmdbWriter writer;
  for (uint32_t i = 0; i < 2; ++i) {
    RecordFields fields = country("DE");
    fields.city = std::string(9'000'000, static_cast<char>('a' + i));
    writer.insert({base::IpAddress::v4(i << 24), 8}, fields);
  }
  const Database database = opened(writer);
  EXPECT_EQ(database.lookup(ip("1.0.0.0")).city.front(), 'b');
  EXPECT_EQ(read_mmdb_layout(span_of(writer.finish({})))->metadata.record_size, 28u);
}

TEST(MmdbWriter, AgreesWithAPlainListOfPrefixes) {
  base::Random random(7);
  const char* codes[] = {"DE", "FR", "US", "SG", "BR", "JP"};
  for (int round = 0; round < 6; ++round) {
    MmdbWriter writer;
    std::vector<std::pair<base::Cidr, std::string>> list;
    for (int i = 0; i < 40; ++i) {
      const auto bits = static_cast<uint8_t>(random.below(13));
      const base::Cidr block{base::IpAddress::v4(static_cast<uint32_t>(random.next())).masked(bits), bits};
      list.emplace_back(block, codes[random.below(6)]);
      writer.insert(block, country(list.back().second));
    }
    const Database database = opened(writer);
    for (uint32_t step = 0; step < 4096; ++step) {
      const base::IpAddress address = base::IpAddress::v4(step << 20 | 0xabcde);
      std::string expected;
      int best = -1;
      for (const auto& [block, code] : list)
        if (block.contains(address) && block.bits >= best) best = block.bits, expected = code;
      ASSERT_EQ(database.lookup(address).country.view(), expected) << address.to_string();
    }
  }
}

std::string mmdblookup(const std::string& file, std::string_view address, std::vector<std::string> path) {
  base::Command command;
  command.argv = {"mmdblookup", "--file", file, "--ip", std::string(address)};
  for (std::string& part : path) command.argv.push_back(std::move(part));
  const auto finished = base::run_program(command);
  EXPECT_TRUE(finished.has_value()) << finished.error();
  std::string text = finished->output;
  std::erase(text, '\n');
  return text;
}

TEST(MmdbWriter, TheReferenceToolReadsItsFiles) {
  if (!base::program_exists("mmdblookup")) GTEST_SKIP() << "mmdblookup (Debian package mmdb-bin) is not installed";
  const TemporaryFiles files;
  RecordFields frankfurt = place("DE", 50.11, 8.68, "Frankfurt am Main");
  frankfurt.accuracy_km = 20;
  frankfurt.subdivision = "HE";
  const std::string file =
      files.write("x.mmdb", database_bytes({{"10.0.0.0/8", frankfurt}, {"2001:db8::/32", country("SG")}}));
  EXPECT_EQ(mmdblookup(file, "10.9.8.7", {"country", "iso_code"}), "  \"DE\" <utf8_string>");
  EXPECT_EQ(mmdblookup(file, "10.9.8.7", {"city", "names", "en"}), "  \"Frankfurt am Main\" <utf8_string>");
  EXPECT_EQ(mmdblookup(file, "10.9.8.7", {"location", "latitude"}), "  50.110000 <double>");
  EXPECT_EQ(mmdblookup(file, "10.9.8.7", {"location", "accuracy_radius"}), "  20 <uint16>");
  EXPECT_EQ(mmdblookup(file, "10.9.8.7", {"subdivisions", "0", "iso_code"}), "  \"HE\" <utf8_string>");
  EXPECT_EQ(mmdblookup(file, "2001:db8::5", {"country", "iso_code"}), "  \"SG\" <utf8_string>");
  EXPECT_NE(mmdblookup(file, "11.0.0.1", {}).find("Could not find"), std::string::npos);
}

}  // namespace
}  // namespace rhumb::geo
