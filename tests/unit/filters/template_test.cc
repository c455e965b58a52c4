// SPDX-License-Identifier: Apache-2.0
#include "filters/template.h"

#include <gmock/gmock.h>

#include "config/codes.h"
#include "filters_testing.h"

namespace rhumb::filters {
namespace {

using ::testing::HasSubstr;
using testing::TestExchange;

class TemplateTest : public ::testing::Test {
 protected:
  std::string expand(std::string_view text) {
    const auto compiled = compile(text);
    return compiled ? std::string(compiled->expand(exchange_.view)) : "refused";
  }
  std::string uri(std::string_view text) {
    const auto compiled = compile(text);
    return compiled ? std::string(compiled->expand_uri(exchange_.view)) : "refused";
  }
  std::optional<Template> compile(std::string_view text) {
    diagnostics_ = {};
    return Template::compile(text, {0, 1, 1, 1}, "headers.set.x", diagnostics_);
  }
  std::string hint() const { return diagnostics_.sorted().at(0).hint; }

  TestExchange exchange_;
  config::Diagnostics diagnostics_;
};

TEST_F(TemplateTest, LeavesPlainTextAlone) {
  EXPECT_EQ(expand("rhumb"), "rhumb");
  EXPECT_EQ(expand(""), "");
  EXPECT_EQ(expand("100%% of {braces} $ and }"), "100% of {braces} $ and }");
  EXPECT_TRUE(compile("a%%b")->constant());
  EXPECT_FALSE(compile("a%{host}")->constant());
}

TEST_F(TemplateTest, TellsWhetherItIsTheSameForAllClients) {
  for (const char* text : {"", "/x", "%{scheme}://%{host}%{path}?%{query}", "%{target}"})
    EXPECT_TRUE(compile(text)->of_uri_alone()) << text;
  for (const char* name : {"client_ip", "country", "continent", "city", "region", "request_id", "route", "trace_id"})
    EXPECT_FALSE(compile("%{host}/%{" + std::string(name) + "}")->of_uri_alone()) << name;
}

TEST_F(TemplateTest, FillsInWhatIsKnown) {
  exchange_.view.route = "api";
  exchange_.view.trace_id = "4bf9";
  exchange_.view.facts.where.country = geo::Country::of("IE");
  exchange_.view.facts.where.continent = {'E', 'U'};
  exchange_.view.facts.where.city = "Dublin";
  exchange_.request.has_query = true;
  exchange_.request.query = "q=1";
  EXPECT_EQ(expand("%{host}|%{path}|%{query}|%{target}"), "www.example.org|/a|q=1|/a?q=1");
  EXPECT_EQ(expand("%{client_ip}|%{country}|%{continent}|%{city}"), "198.51.100.7|IE|EU|Dublin");
  EXPECT_EQ(expand("%{route}|%{request_id}|%{trace_id}"), "api|0123456789abcdef0123456789abcdef|4bf9");
  EXPECT_EQ(expand("%{country}"), "IE");
}

TEST_F(TemplateTest, NamesTheRegionOnceItIsDecided) {
  decision::Policy policy;
  auto regions = std::make_shared<decision::Regions>(2);
  (*regions)[1].name = "us-east";
  policy.regions = regions;
  decision::Decision decision;
  exchange_.view.policy = &policy;
  EXPECT_EQ(expand("<%{region}>"), "<>");
  exchange_.view.decision = &decision;
  EXPECT_EQ(expand("<%{region}>"), "<>");
  decision.winner = 1;
  EXPECT_EQ(expand("<%{region}>"), "<us-east>");
}

TEST_F(TemplateTest, IsEmptyWhereNothingIsKnown) {
  EXPECT_EQ(expand("[%{country}%{continent}%{city}%{query}%{region}%{route}]"), "[]");
  EXPECT_EQ(expand("%{target}"), "/a");
  exchange_.request.has_query = true;
  EXPECT_EQ(expand("%{target}"), "/a?");
}

TEST_F(TemplateTest, TakesTheSchemeFromTheOutermostTrustedHop) {
  EXPECT_EQ(expand("%{scheme}"), "http");
  exchange_.view.tls = true;
  EXPECT_EQ(expand("%{scheme}"), "https");
  exchange_.with("X-Forwarded-Proto", "http");
  EXPECT_EQ(expand("%{scheme}"), "http");
}

TEST_F(TemplateTest, DoesNotLookIntoValues) {
  exchange_.view.path = "/%{host}/%%/%{";
  EXPECT_EQ(expand("%{path}"), "/%{host}/%%/%{");
  EXPECT_EQ(expand("a%{path}b"), "a/%{host}/%%/%{b");
}

TEST_F(TemplateTest, KeepsBytesSoThatTheCallerCanRefuseThem) {
  exchange_.view.path = std::string_view("/a\r\nX-Evil: 1\0", 14);
  EXPECT_EQ(expand("x%{path}"), std::string("x/a\r\nX-Evil: 1\0", 15));
}

TEST_F(TemplateTest, EncodesWhatMayNotStandInAUri) {
  exchange_.view.path = "/a b\r\nLocation: x\"<>\\^`{|}\x7f\xc3\xa9%2F#";
  EXPECT_EQ(uri("https://h%{path}"), "https://h/a%20b%0D%0ALocation:%20x%22%3C%3E%5C%5E%60%7B%7C%7D%7F%C3%A9%2F%23");
}

TEST_F(TemplateTest, EncodesDelimitersInValuesThatAreNoPartOfAUri) {
  exchange_.view.request_id = "a/../?b=c#d@e:f%41";
  exchange_.view.facts.where.city = "S\xc3\xa3o Paulo";
  EXPECT_EQ(uri("/%{request_id}"), "/a%2F..%2F%3Fb%3Dc%23d%40e%3Af%2541");
  EXPECT_EQ(uri("/?city=%{city}#top"), "/?city=S%C3%A3o%20Paulo#top");
}

TEST_F(TemplateTest, SuggestsTheVariableThatWasMeant) {
  EXPECT_EQ(expand("%{contry}"), "refused");
  EXPECT_THAT(hint(), HasSubstr("did you mean 'country'?"));
  EXPECT_EQ(expand("%{zzzzzz}"), "refused");
  EXPECT_THAT(hint(), HasSubstr("variables: city, client_ip"));
  EXPECT_EQ(expand("%{a}%{b}"), "refused");
  EXPECT_EQ(diagnostics_.errors(), 2u);
}

TEST_F(TemplateTest, RefusesLonePercentSigns) {
  for (const char* text : {"%", "100%", "50% of", "%{host", "%{", "%}", "%(host)", "%host%"}) {
    EXPECT_EQ(expand(text), "refused") << text;
    EXPECT_EQ(diagnostics_.sorted().at(0).code, config::code::kNotAllowed);
  }
  EXPECT_EQ(expand("%{}"), "refused");
  EXPECT_EQ(expand("%{ host}"), "refused");
}

TEST_F(TemplateTest, HoldsSixteenVariablesAndAsManyTextsBetween) {
  std::string text, wanted;
  for (int i = 0; i < 16; ++i) text += "-%{country}", wanted += "-IE";
  exchange_.view.facts.where.country = geo::Country::of("IE");
  EXPECT_EQ(expand(text), wanted);
  EXPECT_EQ(expand(text + "-%{country}"), "refused");
}

}  // namespace
}  // namespace rhumb::filters
