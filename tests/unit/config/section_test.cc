// SPDX-License-Identifier: Apache-2.0
#include "config/section.h"

#include <gmock/gmock.h>

#include "config/codes.h"
#include "config/yaml.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr Field kInner[] = {{.name = "depth", .type = Type::integer, .fallback = "4"},
                            {.name = "must", .required = true}};
constexpr Field kTable[] = {
    {.name = "flag", .type = Type::boolean, .fallback = "true"},
    {.name = "count", .type = Type::integer, .fallback = "7", .min = 0, .max = 10},
    {.name = "ratio", .type = Type::number, .fallback = "0.5"},
    {.name = "share", .type = Type::percent, .fallback = "2%"},
    {.name = "speed", .type = Type::rate, .fallback = "10r/s"},
    {.name = "wait", .type = Type::duration, .fallback = "250ms"},
    {.name = "room", .type = Type::size, .fallback = "64KiB"},
    {.name = "label", .fallback = "none"},
    {.name = "nets", .type = Type::list, .fallback = "[10.0.0.0/8, ::1]", .element = Type::cidr},
    {.name = "tags", .type = Type::list},
    {.name = "pairs", .type = Type::map},
    {.name = "weights", .type = Type::map, .element = Type::number},
    {.name = "inner", .type = Type::section, .fields = kInner},
    {.name = "many", .type = Type::sections, .fields = kInner},
};

class SectionTest : public ::testing::Test {
 protected:
  Section read(const std::string& text) {
    EXPECT_TRUE(add_checked(sources_, "t", text, diagnostics_));
    root_ = parse_yaml(sources_, 0, diagnostics_);
    EXPECT_TRUE(root_);
    return {root_.get(), kTable, "top", diagnostics_};
  }
  std::vector<int> codes() const { return testing::codes(diagnostics_); }
  std::string message() const { return diagnostics_.sorted().at(0).message; }
  std::string hint() const { return diagnostics_.sorted().at(0).hint; }

  SourceList sources_;
  Diagnostics diagnostics_;
  std::unique_ptr<Node> root_;
};

TEST_F(SectionTest, GivesWhatTheFileSays) {
  const Section s = read(
      "flag: false\ncount: 3\nratio: -1.5\nshare: 50%\nspeed: 60r/m\nwait: 1m30s\nroom: 1MiB\nlabel: x\nnets: "
      "[192.0.2.0/24]\n"
      "tags: [a, 010]\npairs: {k: v, l: \"2\"}\nweights: {a: 0.25}\ninner: {depth: 9, must: x}\nmany: [{must: y}, "
      "{must: z, depth: 1}]\n");
  EXPECT_FALSE(s.boolean("flag"));
  EXPECT_EQ(s.integer("count"), 3);
  EXPECT_EQ(s.number("ratio"), -1.5);
  EXPECT_DOUBLE_EQ(s.percent("share"), 0.5);
  EXPECT_DOUBLE_EQ(s.rate("speed"), 1.0);
  EXPECT_EQ(s.duration("wait"), base::Seconds(90));
  EXPECT_EQ(s.size("room"), 1u << 20);
  EXPECT_EQ(s.string("label"), "x");
  ASSERT_EQ(s.cidrs("nets").size(), 1u);
  EXPECT_EQ(s.cidrs("nets")[0].to_string(), "192.0.2.0/24");
  EXPECT_THAT(s.strings("tags"), ElementsAre("a", "010"));
  EXPECT_THAT(s.map("pairs"), ElementsAre(Pair("k", "v"), Pair("l", "2")));
  EXPECT_THAT(s.number_map("weights"), ElementsAre(Pair("a", 0.25)));
  EXPECT_EQ(s.section("inner").integer("depth"), 9);
  EXPECT_EQ(s.section("inner").path(), "top.inner");
  const std::vector<Section> many = s.sections("many");
  ASSERT_EQ(many.size(), 2u);
  EXPECT_EQ(many[0].integer("depth"), 4);
  EXPECT_EQ(many[1].integer("depth"), 1);
  EXPECT_EQ(many[1].path(), "top.many[1]");
  EXPECT_THAT(codes(), IsEmpty());
}

TEST_F(SectionTest, GivesDefaultsForWhatTheFileDoesNotSay) {
  const Section s(nullptr, kTable, "top", diagnostics_);
  EXPECT_TRUE(s.boolean("flag"));
  EXPECT_EQ(s.integer("count"), 7);
  EXPECT_EQ(s.number("ratio"), 0.5);
  EXPECT_DOUBLE_EQ(s.percent("share"), 0.02);
  EXPECT_DOUBLE_EQ(s.rate("speed"), 10.0);
  EXPECT_EQ(s.duration("wait"), base::Millis(250));
  EXPECT_EQ(s.size("room"), 65'536u);
  EXPECT_EQ(s.string("label"), "none");
  EXPECT_EQ(s.cidrs("nets").size(), 2u);
  EXPECT_THAT(s.strings("tags"), IsEmpty());
  EXPECT_THAT(s.map("pairs"), IsEmpty());
  EXPECT_EQ(s.section("inner").integer("depth"), 4);
  EXPECT_THAT(s.sections("many"), IsEmpty());
  EXPECT_EQ(s.default_item("many").integer("depth"), 4);
  EXPECT_FALSE(s.has("flag"));
  EXPECT_THAT(codes(), IsEmpty()) << "nothing is required of a section that is not there";
}

TEST_F(SectionTest, GivesDefaultsForWhatIsWrong) {
  const Section s = read("flag: yes\ncount: 11\nratio: x\nwait: 5\nlabel: [a]\n");
  EXPECT_TRUE(s.boolean("flag"));
  EXPECT_EQ(s.integer("count"), 7);
  EXPECT_EQ(s.number("ratio"), 0.5);
  EXPECT_EQ(s.duration("wait"), base::Millis(250));
  EXPECT_EQ(s.string("label"), "none");
  EXPECT_THAT(codes(), ElementsAre(code::kBoolean, code::kRange, code::kNumber, code::kUnit, code::kWrongKind));
}

TEST_F(SectionTest, ReportsEachErrorOnceHoweverOftenItIsRead) {
  const Section s = read("count: x\n");
  s.integer("count"), s.integer("count"), s.place("count");
  EXPECT_EQ(diagnostics_.errors(), 1u);
  EXPECT_EQ(message(), "top.count: 'x' is not a whole number");
}

TEST_F(SectionTest, ReportsUnknownKeysAndWhatWasMeant) {
  read("cuont: 1\nlable: x\n");
  EXPECT_THAT(codes(), ElementsAre(code::kUnknownKey, code::kUnknownKey));
  EXPECT_EQ(message(), "unknown key 'cuont' in top");
  EXPECT_EQ(hint(), "did you mean 'count'?");
}

TEST_F(SectionTest, ReportsMissingKeysUnlessTheyAreMisspelt) {
  const Section s = read("many: [{}, {musst: x}]\n");
  s.sections("many");
  EXPECT_THAT(codes(), ElementsAre(code::kMissingKey, code::kUnknownKey));
  EXPECT_EQ(message(), "'must' is missing in top.many[0]");
}

TEST_F(SectionTest, ReportsKeysWithoutValue) {
  const Section s = read("count:\ntags: ~\npairs: {a: }\ninner:\nmany: [~]\nnets: [~]\n");
  s.section("inner"), s.sections("many");
  EXPECT_THAT(codes(), ElementsAre(code::kNoValue, code::kNoValue, code::kNoValue, code::kNoValue, code::kNoValue,
                                   code::kNoValue));
  EXPECT_EQ(message(), "'top.count' has no value");
}

TEST_F(SectionTest, ReportsWrongKinds) {
  const Section s = read("count: {}\ntags: {a: b}\npairs: [a]\ninner: [a]\nmany: {a: b}\nlabel: [a]\n");
  EXPECT_THAT(s.section("inner").has("depth"), false);
  EXPECT_THAT(s.sections("many"), IsEmpty());
  EXPECT_THAT(codes(), ElementsAre(code::kWrongKind, code::kWrongKind, code::kWrongKind, code::kWrongKind,
                                   code::kWrongKind, code::kWrongKind));
  EXPECT_EQ(message(), "'top.count' must be a whole number, not a mapping");
}

TEST_F(SectionTest, ChecksElementsOfListsAndMaps) {
  read("nets: [10.0.0.0/8, x]\nweights: {a: 1, b: y}\ntags: [[a]]\n");
  EXPECT_THAT(codes(), ElementsAre(code::kCidr, code::kNumber, code::kWrongKind));
  EXPECT_THAT(message(), HasSubstr("top.nets[1]: 'x'"));
}

TEST_F(SectionTest, TakesOneValueForAListOfOne) {
  const Section s = read("tags: a\nnets: 10.0.0.0/8\n");
  EXPECT_THAT(s.strings("tags"), ElementsAre("a"));
  EXPECT_EQ(s.cidrs("nets").size(), 1u);
  EXPECT_EQ(s.item_place("tags", 0).column, 7u);
}

TEST_F(SectionTest, TakesAnyPlainWordForAText) {
  const Section s = read("label: 007\ntags: [true, NO, 1.0]\n");
  EXPECT_EQ(s.string("label"), "007");
  EXPECT_THAT(s.strings("tags"), ElementsAre("true", "NO", "1.0"));
  EXPECT_THAT(codes(), IsEmpty());
}

TEST_F(SectionTest, KnowsThePlacesOfKeysValuesAndElements) {
  const Section s = read("label: x\ntags: [a,\n  b]\npairs: {k: v}\n");
  EXPECT_EQ(s.place().line, 1u);
  EXPECT_EQ(s.place("label").column, 8u);
  EXPECT_EQ(s.key_place("tags").column, 1u);
  EXPECT_EQ(s.item_place("tags", 1).line, 3u);
  EXPECT_EQ(s.item_place("pairs", 0).column, 12u);
  EXPECT_EQ(s.place("count").line, 1u) << "a key that is not there stands where its mapping does";
}

TEST_F(SectionTest, PutsItsPathBeforeErrorsOfItsReader) {
  const Section s = read("label: x\n");
  s.error(999, "label", "is odd", "be even");
  EXPECT_EQ(message(), "top.label: is odd");
  EXPECT_EQ(hint(), "be even");
}

TEST(SectionHints, NameTheMappingAKeyBelongsTo) {
  const auto hint = [](const std::string& more) { return testing::load_with(more).diagnostics.sorted().at(0).hint; };
  EXPECT_EQ(hint("routes: [{name: a, path_prefix: /x}]\n"), "it belongs under 'routes[].match'");
  EXPECT_EQ(hint("gateway: {trusted_proxies: []}\n"), "it belongs under 'geo'");
  EXPECT_EQ(hint("latency: {routes: []}\n"), "it belongs at the top level");
  EXPECT_EQ(hint("half_life: 1s\n"), "it belongs under 'latency'");
  EXPECT_EQ(hint("latency: {name: x}\n"), "known keys: half_life, idle_decay, exploration, all_slow")
      << "name is known in many places";
}

TEST(RenamedKey, IsReadByItsNewNameAndTypeWithAWarning) {
  constexpr Field kRenamedTable[] = {{.name = "now", .type = Type::integer, .fallback = "4", .required = true},
                                     {.name = "once", .renamed_to = "now"}};
  const auto read = [&](const std::string& text, auto&& look) {
    SourceList sources;
    Diagnostics diagnostics;
    EXPECT_TRUE(add_checked(sources, "t", text, diagnostics));
    const auto root = parse_yaml(sources, 0, diagnostics);
    look(Section(root.get(), kRenamedTable, "top", diagnostics), diagnostics);
  };
  read("once: 7\n", [](const Section& s, const Diagnostics& d) {
    EXPECT_EQ(s.integer("now"), 7);
    EXPECT_TRUE(s.has("now"));
    EXPECT_FALSE(d.has_errors());
    EXPECT_THAT(testing::warnings(d), ElementsAre(code::kRenamed));
  });
  read("once: x\n",
       [](const Section&, const Diagnostics& d) { EXPECT_THAT(testing::codes(d), ElementsAre(code::kInteger)); });
  read("once: 7\nnow: 8\n",
       [](const Section&, const Diagnostics& d) { EXPECT_THAT(testing::codes(d), ElementsAre(code::kDuplicateKey)); });
}

TEST(Section, OtherMembersAreThoseThatOnlyTheRowOfAnyKeyHas) {
  constexpr Field kOpen[] = {{.name = "a", .type = Type::number}, {.name = kAnyKey, .type = Type::number, .max = 9}};
  SourceList sources;
  Diagnostics diagnostics;
  ASSERT_TRUE(add_checked(sources, "t", "a: 1\nmine: 2\nbad: 10\n", diagnostics));
  const auto tree = parse_yaml(sources, 0, diagnostics);
  const Section section(tree.get(), kOpen, {}, diagnostics);
  const auto others = section.other_members();
  ASSERT_EQ(others.size(), 2u);
  EXPECT_EQ(others[0]->key, "mine");
  EXPECT_EQ(others[1]->key, "bad");
  EXPECT_EQ(testing::codes(diagnostics), std::vector<int>{code::kRange}) << "their values are checked by that row";
}

constexpr Field kHiding[] = {{.name = "role", .type = Type::enumeration, .allowed = "read admin"},
                             {.name = "wait", .type = Type::duration},
                             {.name = "label", .type = Type::address},
                             {.name = "secret", .type = Type::integer, .secret = true},
                             {.name = "fields", .type = Type::map, .element = Type::integer, .secret = true}};

class Hiding : public SectionTest {
 protected:
  /// All that is said of a mapping, in one line.
  std::string said(const std::string& text) {
    sources_ = {}, diagnostics_ = {};
    read(text);
    diagnostics_ = {};
    const Section section(root_.get(), kHiding, "top", diagnostics_);
    std::string all;
    for (const Diagnostic& d : diagnostics_.sorted()) all += d.message + "; " + d.hint + " | ";
    return all;
  }
};

TEST_F(Hiding, ValuesOfSecretRowsAreInNoMessage) {
  EXPECT_EQ(said("secret: hunter2\n"), "top.secret: the value is not a whole number;  | ");
  EXPECT_EQ(said("fields: {x-key: hunter2}\n"), "top.fields.x-key: the value is not a whole number;  | ");
  EXPECT_EQ(said("fields: {x-key, hunter2}\n"),
            "'top.fields' has no value; give it a whole number, or remove it | "
            "'top.fields' has no value; give it a whole number, or remove it | ");
}

TEST_F(Hiding, AKeyIsNamedWhenItIsAName) {
  EXPECT_THAT(said("colour: hunter2\n"), HasSubstr("unknown key 'colour' in top"));
  EXPECT_THAT(said("secert: hunter2\n"), HasSubstr("unknown key 'secert' in top; did you mean 'secret'?"));
  EXPECT_THAT(said("secert:\n"), HasSubstr("unknown key 'secert' in top"));
  for (const char* text :
       {"{secret:hunter2}", "{secret hunter2}", "{role: read, hunter2}", "hunter2:", "\"a hunter2\": 1"})
    EXPECT_THAT(said(text), AllOf(HasSubstr("unknown key in top"), ::testing::Not(HasSubstr("hunter2")))) << text;
}

TEST_F(Hiding, AValueIsRepeatedWhenItCanBeOneOfItsRow) {
  EXPECT_THAT(said("role: wrote\n"), HasSubstr("'wrote' is not one of the allowed values; allowed: read, admin"));
  EXPECT_THAT(said("role: read secret\n"),
              HasSubstr("the value is not one of the allowed values; allowed: read, admin"));
  EXPECT_THAT(said("role: a-secret-that-came-here\n"), HasSubstr("the value is not one of the allowed values"));
  EXPECT_THAT(said("wait: 30 s\n"), HasSubstr("'30 s' is not a duration: number and unit are written without a space"));
  EXPECT_THAT(said("wait: 30 secret\n"), HasSubstr("top.wait: the value is not a duration (for example 5s"));
  EXPECT_THAT(said("wait: [30s]\n"), HasSubstr("'top.wait' must be a duration, not a list"));
  EXPECT_THAT(said("label: \"http://user:hunter2@h:1\"\n"), HasSubstr("the value is not an address with a port"));
}

}  // namespace
}  // namespace rhumb::config
