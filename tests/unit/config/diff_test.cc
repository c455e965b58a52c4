// SPDX-License-Identifier: Apache-2.0
#include "config/diff.h"

#include <gtest/gtest.h>

#include "tests/unit/config/config_testing.h"
#include "tests/unit/config/tools_testing.h"

namespace rhumb::config {
namespace {

std::vector<Change> changes(const Loaded& before, const Loaded& after) {
  EXPECT_TRUE(before.ok()) << testing::rendered(before);
  EXPECT_TRUE(after.ok()) << testing::rendered(after);
  return diff(*before.spec.tree, *after.spec.tree, testing::kFilters);
}
/// The smallest file with one and with the other behind it.
std::string between(const std::string& before, const std::string& after) {
  return diff_text(changes(testing::load_with(before), testing::load_with(after)));
}
std::string routes(const std::vector<std::string>& names) {
  std::string text = "routes:\n";
  for (const std::string& name : names) text += "  - {name: " + name + "}\n";
  return text;
}
std::string filters(const std::string& list) { return "routes: [{name: a, filters: [" + list + "]}]\n"; }

TEST(Diff, SpellingIsNoChange) {
  EXPECT_EQ(between("latency: {idle_decay: 60s}\n", "latency: {\"idle_decay\": 1m}  # a minute\n"), "");
  EXPECT_EQ(between("access_log: {buffer: 1MiB}\n", "access_log: {buffer: 1024KiB}\n"), "");
  EXPECT_EQ(between("fence: [{countries: [DE, FR], regions: eu-west}]\n",
                    "fence: [{regions: [eu-west], countries: [FR, DE]}]\n"),
            "");
}

TEST(Diff, ADefaultWrittenOutIsNoChange) {
  EXPECT_EQ(between("", "gateway: {workers: auto}\ngeo: {}\nfence: []\nlatency: {half_life: 10s}\n"), "");
  EXPECT_EQ(between(filters("wall"), filters("{wall: {rate: 600r/m}}")), "");
  EXPECT_EQ(
      between("routes: [{name: a}]\n", "routes: [{name: a, score: {distance: 0.5, latency: 0.4, weight: 0.1}}]\n"), "");
}

TEST(Diff, FreeKeysAreNoChange) { EXPECT_EQ(between("x-a: 1\n", "x-b: {c: d}\n"), ""); }

TEST(Diff, AScoreGivenInPartChangesTheRestToo) {
  EXPECT_EQ(between("routes: [{name: a}]\n", "routes: [{name: a, score: {latency: 0.4}}]\n"),
            "~ routes[a].score.distance: 0.5 -> 0\n~ routes[a].score.weight: 0.1 -> 0\n");
}

TEST(Diff, TellsOfTermsOfTheOperatorsOwn) {
  const std::string terms = "terms: [{name: carbon, normalise: {half: 300}}]\nroutes: [{name: a, score: {latency: 1";
  EXPECT_EQ(between(terms + "}}]\n", terms + ", carbon: 0.2}}]\n"), "+ routes[a].score.carbon: 0.2\n");
  EXPECT_EQ(between(terms + ", carbon: 0.2}}]\n", terms + ", carbon: 0.25}}]\n"),
            "~ routes[a].score.carbon: 0.2 -> 0.25\n");
}

TEST(Diff, NamesRegionsInsteadOfCountingThem) {
  const std::string region = "  - {name: new, location: {latitude: 1, longitude: 1}, endpoints: \"127.0.0.1:9003\"}\n";
  std::string regions = testing::kRegions;
  const size_t second = regions.find("  - name: us-east");
  std::string changed = regions;
  changed.replace(changed.find("9002"), 4, "9004");
  EXPECT_EQ(
      diff_text(changes(load_text(testing::kListeners + regions, "a"), load_text(testing::kListeners + changed, "b"))),
      "- regions[us-east].endpoints: 127.0.0.1:9002\n+ regions[us-east].endpoints: 127.0.0.1:9004\n");
  std::string more = regions;
  more.insert(second, region);
  EXPECT_EQ(
      diff_text(changes(load_text(testing::kListeners + regions, "a"), load_text(testing::kListeners + more, "b"))),
      "+ regions[new]\n");
  EXPECT_EQ(
      diff_text(changes(load_text(testing::kListeners + more, "a"), load_text(testing::kListeners + regions, "b"))),
      "- regions[new]\n");
}

TEST(Diff, TheOrderOfRegionsIsNoChange) {
  const size_t second = testing::kRegions.find("  - name: us-east"), first = testing::kRegions.find("  - name: eu");
  const std::string swapped = testing::kRegions.substr(0, first) + testing::kRegions.substr(second) +
                              testing::kRegions.substr(first, second - first);
  EXPECT_TRUE(
      changes(load_text(testing::kListeners + testing::kRegions, "a"), load_text(testing::kListeners + swapped, "b"))
          .empty());
}

TEST(Diff, TheOrderOfRoutesIs) {
  EXPECT_EQ(between(routes({"a", "b", "c", "d"}), routes({"b", "c", "d", "a"})), "> routes[a]: place 1 -> 4\n")
      << "the fewest that moved";
  EXPECT_EQ(between(routes({"a", "b"}), routes({"b", "a"})).substr(0, 9), "> routes[");
  EXPECT_EQ(between(routes({"a", "b", "c"}), routes({"a", "c"})), "- routes[b]\n") << "what follows has not moved";
  EXPECT_EQ(between(routes({"a", "b"}), routes({"new", "a", "b"})), "+ routes[new]\n");
}

TEST(Diff, TheOrderOfFiltersIs) {
  EXPECT_EQ(between(filters("pass, wall"), filters("wall, pass")).substr(0, 21), "> routes[a].filters[w");
  EXPECT_EQ(between(filters("pass"), filters("pass, pass")), "+ routes[a].filters[pass:2]\n");
  EXPECT_EQ(between(filters("{wall: {deny: [10.0.0.0/8]}}"), filters("{wall: {deny: [10.0.0.0/8, 192.0.2.0/24]}}")),
            "+ routes[a].filters[wall].deny: 192.0.2.0/24\n");
}

TEST(Diff, AListWhoseOrderCountsChangesAsAWhole) {
  EXPECT_EQ(between("geo: {databases: [/a, /b]}\n", "geo: {databases: [/b, /a]}\n"),
            "~ geo.databases: [/a, /b] -> [/b, /a]\n");
}

TEST(Diff, ASectionThatMeansSomethingByBeingThere) {
  EXPECT_EQ(between("", "admin: {}\n"), "+ admin (takes effect at the next start)\n");
  EXPECT_EQ(between("routes: [{name: a, affinity: {}}]\n", "routes: [{name: a}]\n"), "- routes[a].affinity\n");
}

TEST(Diff, SaysWhatWaitsForTheNextStart) {
  EXPECT_EQ(between("", "gateway: {workers: 2}\naccess_log: {path: \"off\"}\n"),
            "~ gateway.workers: auto -> 2 (takes effect at the next start)\n"
            "~ access_log.path: stdout -> off\n");
}

TEST(Diff, ASecretChangesWithoutAWordOfIt) {
  const std::string one(32, 'a'), two(32, 'b');
  const auto keys = [](const std::string& secret) { return "sessions: {keys: [{id: 1, secret: " + secret + "}]}\n"; };
  const auto found = changes(testing::load_with(keys(one)), testing::load_with(keys(two)));
  EXPECT_EQ(diff_text(found), "~ sessions.keys[1].secret: changed (secret)\n");
  EXPECT_EQ(diff_json(found).find(one), std::string::npos);
  EXPECT_EQ(diff_json(found).find(two), std::string::npos);
  EXPECT_EQ(between(filters("{paint: {colour: red}}"), filters("{paint: {colour: red, notes: {n: " + one + "}}}")),
            "+ routes[a].filters[paint].notes.n\n");
}

TEST(Diff, AValueWithoutADefaultIsAddedAndRemoved) {
  EXPECT_EQ(between("", "gateway: {region: eu-west}\n"), "+ gateway.region: eu-west\n");
  EXPECT_EQ(between("gateway: {region: eu-west}\n", ""), "- gateway.region: eu-west\n");
}

TEST(Diff, TheJsonHasTheSame) {
  EXPECT_EQ(diff_json(changes(testing::load_with(""), testing::load_with("gateway: {workers: 2}\n"))),
            "[\n  {\n    \"path\": \"gateway.workers\",\n    \"kind\": \"changed\",\n    \"before\": \"auto\",\n    "
            "\"after\": \"2\",\n    \"effect\": \"restart\"\n  }\n]\n");
  EXPECT_EQ(diff_json({}), "[]\n");
}

}  // namespace
}  // namespace rhumb::config
