// SPDX-License-Identifier: Apache-2.0
#include "config/meaning.h"

#include <gtest/gtest.h>

#include "tests/unit/config/config_testing.h"
#include "tests/unit/config/tools_testing.h"

namespace rhumb::config {
namespace {

class Meaning : public ::testing::Test {
 protected:
  void load(const std::string& more) {
    loaded_ = testing::load_with(more);
    ASSERT_TRUE(loaded_.ok()) << testing::rendered(loaded_);
    all_ = meaning_of(*loaded_.spec.tree, testing::kFilters);
  }
  /// Keys of sections, names of items.
  const Value* at(const std::vector<std::string>& keys) const {
    const Value* value = &all_;
    for (const std::string& key : keys) value = value == nullptr ? nullptr : value->find(key);
    return value;
  }
  Loaded loaded_;
  Value all_;
};

TEST_F(Meaning, TellsDefaultsFromWhatIsGiven) {
  load("latency: {half_life: 10s}\n");
  ASSERT_NE(at({"latency", "half_life"}), nullptr);
  EXPECT_TRUE(at({"latency", "half_life"})->given) << "also when it is the default's value";
  EXPECT_FALSE(at({"latency", "idle_decay"})->given);
  EXPECT_EQ(at({"latency", "idle_decay"})->text, "60s");
  EXPECT_FALSE(at({"gateway"})->given);
  EXPECT_EQ(at({"gateway", "region"}), nullptr) << "no default, not given";
  EXPECT_EQ(at({"regions", "eu-west", "location", "country"}), nullptr);
}

TEST_F(Meaning, AnOldNameSaysWhatTheKeyOfTodayWouldSay) {
  load("routes: [{name: all, filters: [{paint: {hue: red}}]}]\n");
  const Value* colour = at({"routes", "all", "filters", "paint", "colour"});
  ASSERT_NE(colour, nullptr);
  EXPECT_TRUE(colour->given);
  EXPECT_EQ(colour->text, "red");
  EXPECT_EQ(at({"routes", "all", "filters", "paint", "hue"}), nullptr);
}

TEST_F(Meaning, LeavesOutWhatOnlyExistsWhenGiven) {
  load("routes: [{name: a}, {name: b, affinity: {}}]\n");
  EXPECT_EQ(at({"admin"}), nullptr);
  EXPECT_EQ(at({"routes", "a", "affinity"}), nullptr);
  ASSERT_NE(at({"routes", "b", "affinity", "key"}), nullptr);
  EXPECT_EQ(at({"routes", "b", "affinity", "key"})->text, "cookie");
}

TEST_F(Meaning, HasTheKeysThatOnlyTheRowOfAnyKeyKnows) {
  load("terms: [{name: carbon, normalise: {half: 300}}]\nroutes: [{name: a, score: {latency: 1, carbon: 0.20}}]\n");
  const Value* weight = at({"routes", "a", "score", "carbon"});
  ASSERT_NE(weight, nullptr);
  EXPECT_TRUE(weight->given);
  EXPECT_EQ(weight->meaning, "0.2");
  EXPECT_EQ(at({"routes", "a", "score", "*"}), nullptr);
  EXPECT_EQ(at({"terms", "carbon", "normalise", "half"})->text, "300");
}

TEST_F(Meaning, KnowsThatTermsAGivenScoreDoesNotNameWeighNothing) {
  load("routes: [{name: a}, {name: b, score: {latency: 1}}]\n");
  EXPECT_EQ(at({"routes", "a", "score", "distance"})->text, "0.5");
  EXPECT_EQ(at({"routes", "b", "score", "distance"})->text, "0");
  EXPECT_EQ(at({"routes", "b", "score", "bias"})->text, "1.0");
  // The loader says the same.
  for (const auto& [term, weight] : loaded_.spec.routes[1].score)
    EXPECT_EQ(normal_form(Type::number, at({"routes", "b", "score", term})->text),
              normal_form(Type::number, std::to_string(weight)))
        << term;
}

TEST_F(Meaning, NamesItemsByTheFirstRowThatSaysSomething) {
  load(
      "fence: [{countries: [FR, DE], regions: eu-west}, {tenants: [acme], regions: eu-west}]\nsessions: {keys: [{id: "
      "7, secret: " +
      std::string(32, 'x') + "}]}\n");
  EXPECT_NE(at({"fence", "DE FR"}), nullptr);
  EXPECT_NE(at({"fence", "acme"}), nullptr);
  ASSERT_NE(at({"sessions", "keys", "7", "secret"}), nullptr);
  EXPECT_TRUE(at({"sessions", "keys", "7", "secret"})->secret);
  EXPECT_FALSE(at({"sessions", "keys", "7", "id"})->secret);
}

TEST_F(Meaning, NumbersFiltersOfOneName) {
  load("routes: [{name: a, filters: [pass, {wall: {deny: 10.0.0.0/8}}, pass, {wall: {}}]}]\n");
  const Value* filters = at({"routes", "a", "filters"});
  ASSERT_EQ(filters->items.size(), 4u);
  EXPECT_EQ(filters->items[2].key, "pass:2");
  EXPECT_EQ(filters->items[2].name, "pass");
  EXPECT_EQ(at({"routes", "a", "filters", "wall", "deny"})->items[0].text, "10.0.0.0/8");
  EXPECT_EQ(at({"routes", "a", "filters", "wall:2", "rate"})->text, "10r/s");
}

TEST_F(Meaning, TreatsWhatNobodyKnowsAsSecret) {
  load("routes: [{name: a, filters: [{unheard: {of: it}}]}]\n");
  const Value* filter = at({"routes", "a", "filters", "unheard"});
  ASSERT_NE(filter, nullptr);
  EXPECT_TRUE(filter->secret);
  EXPECT_TRUE(filter->items.empty());
}

TEST_F(Meaning, HandsTheEffectOfASectionDown) {
  load("admin: {address: \"127.0.0.1:9901\"}\naccess_log: {path: \"off\"}\n");
  EXPECT_EQ(at({"admin", "address"})->effect, Effect::restart);
  EXPECT_EQ(at({"access_log", "path"})->effect, Effect::reload);
  EXPECT_EQ(at({"gateway", "workers"})->effect, Effect::restart);
  EXPECT_EQ(at({"gateway", "log_level"})->effect, Effect::reload);
}

TEST(NormalForm, IsOneForAllSpellings) {
  EXPECT_EQ(normal_form(Type::duration, "1m"), normal_form(Type::duration, "60s"));
  EXPECT_EQ(normal_form(Type::duration, "1.5s"), normal_form(Type::duration, "1500ms"));
  EXPECT_EQ(normal_form(Type::size, "1MiB"), normal_form(Type::size, "1024KiB"));
  EXPECT_NE(normal_form(Type::size, "1MB"), normal_form(Type::size, "1MiB"));
  EXPECT_EQ(normal_form(Type::rate, "60r/m"), normal_form(Type::rate, "1r/s"));
  EXPECT_EQ(normal_form(Type::percent, "7%"), normal_form(Type::percent, "7.0%"));
  EXPECT_EQ(normal_form(Type::number, "-0"), normal_form(Type::number, "0.0"));
  EXPECT_EQ(normal_form(Type::address, "[2001:DB8::1]:80"), normal_form(Type::address, "[2001:db8:0::1]:80"));
  EXPECT_EQ(normal_form(Type::cidr, "10.0.0.1"), normal_form(Type::cidr, "10.0.0.1/32"));
  EXPECT_NE(normal_form(Type::string, "1"), normal_form(Type::string, "1.0")) << "a text is a text";
}

}  // namespace
}  // namespace rhumb::config
