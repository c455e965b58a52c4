// SPDX-License-Identifier: Apache-2.0
#include "decision/route_table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "http/h1_parser.h"
#include "tests/unit/decision/allocations.h"
#include "tests/unit/decision/naive_rule.h"

namespace rhumb::decision {
namespace {

config::RouteSpec route(const std::string& name, config::MatchSpec match = {}) {
  config::RouteSpec spec;
  spec.name = name;
  spec.match = std::move(match);
  return spec;
}

/// Asks the table with a request that went through the real parser.
class Asker {
 public:
  explicit Asker(std::vector<config::RouteSpec> routes) : routes_(std::move(routes)) {
    auto built = RouteTable::build(routes_);
    EXPECT_TRUE(built.has_value());
    table_ = *built;
  }
  std::string operator()(const std::string& host, const std::string& target, const std::string& fields = "",
                         const std::string& method = "GET", const std::string& client = "192.0.2.1",
                         const std::string& id = "") {
    const std::string text = method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n";
    base::Arena arena(blocks_);
    http::RequestHead head;
    EXPECT_EQ(http::RequestParser().feed(text, arena, head).status, http::ParseStatus::done) << text;
    const uint32_t index = table_->match({head, host, head.path, *base::IpAddress::parse(client), id, arena});
    if (index == RouteTable::kTooLong) return "too long";
    return index == RouteTable::kNone ? "none" : routes_[index].name;
  }
  const RouteTable& table() const { return *table_; }

 private:
  base::BlockPool blocks_;
  std::vector<config::RouteSpec> routes_;
  std::shared_ptr<const RouteTable> table_;
};

TEST(RouteTable, TheFirstMatchOfTheFileWins) {
  Asker ask({route("a", {.path_prefix = "/x/"}), route("b", {.path_prefix = "/x/y/"}), route("rest")});
  EXPECT_EQ(ask("h", "/x/y/z"), "a");
  EXPECT_EQ(ask("h", "/q"), "rest");
}

TEST(RouteTable, HostsExactAndWildcard) {
  Asker ask({route("exact", {.hosts = {"api.example.com"}}), route("wild", {.hosts = {"*.example.com"}}),
             route("other", {.hosts = {"example.org"}})});
  EXPECT_EQ(ask("api.example.com", "/"), "exact");
  EXPECT_EQ(ask("b.example.com", "/"), "wild");
  EXPECT_EQ(ask("a.b.example.com", "/"), "wild") << "one or more labels";
  EXPECT_EQ(ask("example.com", "/"), "none") << "not the name itself";
  EXPECT_EQ(ask("xexample.com", "/"), "none");
  EXPECT_FALSE(ask.table().knows_host("example.com"));
  EXPECT_TRUE(ask.table().knows_host("example.org"));
}

TEST(RouteTable, AnEarlierWildcardGoesBeforeALaterExactHost) {
  Asker ask({route("wild", {.hosts = {"*.example.com"}}), route("exact", {.hosts = {"api.example.com"}})});
  EXPECT_EQ(ask("api.example.com", "/"), "wild");
}

TEST(RouteTable, PathsExactPrefixAndPattern) {
  Asker ask({route("exact", {.path = "/a"}), route("segment", {.path_prefix = "/api"}),
             route("below", {.path_prefix = "/img/"}), route("pattern", {.path_pattern = "/v[0-9]+/.*"})});
  EXPECT_EQ(ask("h", "/a"), "exact");
  EXPECT_EQ(ask("h", "/a/"), "none");
  EXPECT_EQ(ask("h", "/api"), "segment");
  EXPECT_EQ(ask("h", "/api/x"), "segment");
  EXPECT_EQ(ask("h", "/apix"), "none");
  EXPECT_EQ(ask("h", "/img"), "none");
  EXPECT_EQ(ask("h", "/img/x"), "below");
  EXPECT_EQ(ask("h", "/v12/x"), "pattern");
  EXPECT_EQ(ask("h", "/x/v12/x"), "none") << "the whole path";
}

TEST(RouteTable, MethodsHeadersQueryAndCookies) {
  Asker ask({route("post", {.methods = {"POST", "PUT"}}), route("canary", {.headers = {{"x-canary", "1"}}}),
             route("any", {.headers = {{"x-any", "*"}}}), route("v2", {.query = {{"v", "2"}}}),
             route("beta", {.cookies = {{"beta", "*"}}}), route("rest")});
  EXPECT_EQ(ask("h", "/", "", "POST"), "post");
  EXPECT_EQ(ask("h", "/", "X-Canary: 1\r\n"), "canary");
  EXPECT_EQ(ask("h", "/", "X-Canary: 2\r\n"), "rest");
  EXPECT_EQ(ask("h", "/", "X-ANY: \r\n"), "any");
  EXPECT_EQ(ask("h", "/?a=1&v=2"), "v2");
  EXPECT_EQ(ask("h", "/?v=22"), "rest");
  EXPECT_EQ(ask("h", "/", "Cookie: a=b; beta=x\r\n"), "beta");
}

TEST(RouteTable, ASplitTakesItsShareAndStaysWithTheKey) {
  config::RouteSpec canary = route("canary");
  canary.split = 0.2;
  canary.split_key = "client_ip";
  Asker ask({canary, route("rest")});
  int taken = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string client = "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    const std::string first = ask("h", "/", "", "GET", client);
    ASSERT_EQ(ask("h", "/other", "", "GET", client), first) << "the same client, the same side";
    taken += first == "canary" ? 1 : 0;
  }
  EXPECT_NEAR(taken, 400, 80);
}

TEST(RouteTable, ASplitWithoutItsKeyTakesNobody) {
  config::RouteSpec canary = route("canary");
  canary.split = 0.99;
  canary.split_key = "header:x-user";
  Asker ask({canary, route("rest")});
  EXPECT_EQ(ask("h", "/"), "rest");
  int taken = 0;
  for (int i = 0; i < 300; ++i) taken += ask("h", "/", "X-User: u" + std::to_string(i) + "\r\n") == "canary" ? 1 : 0;
  EXPECT_GT(taken, 270);
}

TEST(RouteTable, APatternThatIsNoneIsAnErrorWithItsRoute) {
  const auto built = RouteTable::build({route("fine"), route("bad", {.path_pattern = "/(("})});
  ASSERT_FALSE(built.has_value());
  EXPECT_EQ(built.error().route, 1u);
  EXPECT_TRUE(built.error().message.starts_with("path_pattern: missing ")) << built.error().message;
  EXPECT_EQ(built.error().message.find("/(("), std::string::npos) << built.error().message;
}

TEST(RouteTable, RoutesOfEveryHostTakeTheirPlaceInTheFile) {
  Asker ask({route("early", {.path_prefix = "/health"}), route("host", {.hosts = {"a.example"}}), route("late")});
  EXPECT_EQ(ask("a.example", "/health"), "early");
  EXPECT_EQ(ask("a.example", "/x"), "host");
  EXPECT_EQ(ask("b.example", "/x"), "late");
  EXPECT_TRUE(ask.table().knows_host("anything"));
  EXPECT_TRUE(ask.table().knows_host(""));
}

TEST(RouteTable, ARouteOfSeveralHostsServesEach) {
  Asker ask({route("many", {.hosts = {"a.example", "*.b.example", "[::1]"}})});
  EXPECT_EQ(ask("a.example", "/"), "many");
  EXPECT_EQ(ask("x.b.example", "/"), "many");
  EXPECT_EQ(ask("[::1]", "/"), "many");
  EXPECT_EQ(ask("c.example", "/"), "none");
}

TEST(RouteTable, NestedWildcardsGoByTheFileNotByLength) {
  Asker wide_first({route("wide", {.hosts = {"*.example"}}), route("narrow", {.hosts = {"*.a.example"}})});
  EXPECT_EQ(wide_first("x.a.example", "/"), "wide");
  Asker narrow_first({route("narrow", {.hosts = {"*.a.example"}}), route("wide", {.hosts = {"*.example"}})});
  EXPECT_EQ(narrow_first("x.a.example", "/"), "narrow");
  EXPECT_EQ(narrow_first("a.example", "/"), "wide");
}

TEST(RouteTable, OddHostsMatchNothing) {
  const Asker ask({route("wild", {.hosts = {"*.example.com"}})});
  for (const char* host : {"", ".", "..", ".example.com", "example.com.", "com", "*.example.com.x"})
    EXPECT_FALSE(ask.table().knows_host(host)) << host;
  std::string labels;
  for (int i = 0; i < 120; ++i) labels += "a.";
  EXPECT_TRUE(ask.table().knows_host(labels + "example.com"));
}

TEST(RouteTable, AnEmptyTableMatchesNothing) {
  Asker ask({});
  EXPECT_EQ(ask("h", "/"), "none");
  EXPECT_FALSE(ask.table().knows_host("h"));
}

/// One host's answers must not depend on how many others there are.
TEST(RouteTable, S12_AHundredThousandHostsDecideLikeOne) {
  constexpr int kHosts = 100'000;
  const auto routes_of = [](int i) {
    const std::string host = "h" + std::to_string(i) + ".example";
    return std::vector<config::RouteSpec>{route("x", {.hosts = {host}, .path_prefix = "/x"}),
                                          route("sub", {.hosts = {"*." + host}})};
  };
  std::vector<config::RouteSpec> all;
  for (int i = 0; i < kHosts; ++i)
    for (config::RouteSpec& one : routes_of(i)) all.push_back(std::move(one));
  Asker many(std::move(all));
  for (int i = 0; i < kHosts; i += 1999) {
    Asker one(routes_of(i));
    const std::string host = "h" + std::to_string(i) + ".example";
    for (const std::string& asked : {host, "a." + host, "a.b." + host, host + "x", "x" + host + ".y"})
      for (const char* path : {"/x/1", "/y"}) ASSERT_EQ(many(asked, path), one(asked, path)) << asked << path;
  }
}

TEST(RouteTable, MatchingAllocatesNothing) {
  config::RouteSpec canary = route("canary", {.path_prefix = "/none", .headers = {{"x-canary", "1"}}});
  canary.split = 0.5, canary.split_key = "cookie:id";
  Asker ask({canary, route("picky", {.hosts = {"*.example.com", "a.b.example.com"},
                                     .path_pattern = "/v[0-9]+/.*",
                                     .methods = {"GET"},
                                     .headers = {{"x-any-name", "*"}},
                                     .query = {{"q", "1"}},
                                     .cookies = {{"c", "*"}}})});
  const std::string text =
      "GET /v1/x?q=1 HTTP/1.1\r\nHost: h\r\nX-Any-Name: 1\r\nX-Canary: 1\r\nCookie: id=1; c=2\r\n\r\n";
  base::BlockPool blocks;
  base::Arena arena(blocks);
  http::RequestHead head;
  ASSERT_EQ(http::RequestParser().feed(text, arena, head).status, http::ParseStatus::done);
  const RouteQuery query{head, "a.b.example.com", "/v1/x", {}, "some-request-id-that-is-long-enough-to-need-the-heap",
                         arena};
  const uint64_t before = allocations();
  EXPECT_EQ(ask.table().match(query), 1u);
  EXPECT_TRUE(ask.table().knows_host("a.b.example.com"));
  EXPECT_EQ(allocations(), before);
}

/// Many patterns that each read a long path to its end: nobody says which route is the first, and none is guessed.
TEST(RouteTable, S29_APathThatIsTooLongForItsPatternsIsRefused) {
  std::vector<config::RouteSpec> routes;
  for (int i = 0; i < 100; ++i) routes.push_back(route("r", {.path_pattern = "/.*x" + std::to_string(i)}));
  routes.push_back(route("other", {.hosts = {"other.example"}}));
  routes.push_back(route("rest"));
  Asker ask(std::move(routes));
  EXPECT_EQ(ask("h", "/" + std::string(7000, 'a')), "too long");
  EXPECT_EQ(ask("h", "/" + std::string(2500, 'a')), "rest");
  EXPECT_EQ(ask("h", "/" + std::string(2500, 'a') + "x99"), "r");
}

TEST(RouteTable, S29_PatternsBehindTheFirstMatchAreNotAsked) {
  std::vector<config::RouteSpec> routes = {route("first", {.path_prefix = "/a"})};
  for (int i = 0; i < 100; ++i) routes.push_back(route("r", {.path_pattern = "/.*x" + std::to_string(i)}));
  EXPECT_EQ(Asker(std::move(routes))("h", "/a/" + std::string(7000, 'a')), "first");
}

/// One of a few, so that conditions of routes and parts of requests meet.
std::string any_of(base::Random& random, std::initializer_list<const char*> texts) {
  return *(texts.begin() + random.below(texts.size()));
}

config::StringPairs random_pairs(base::Random& random, const char* prefix) {
  config::StringPairs pairs;
  for (const char* name : {"a", "b", "cc"})
    if (random.below(6) == 0)
      pairs.emplace_back(std::string(prefix) + name, any_of(random, {"*", "1", "2", "", "\"1\""}));
  return pairs;
}

config::RouteSpec random_route(base::Random& random, size_t number) {
  config::RouteSpec made = route("r" + std::to_string(number));
  config::MatchSpec& match = made.match;
  for (const char* host : {"a.example", "*.example", "*.a.example", "b.example"})
    if (random.below(6) == 0) match.hosts.push_back(host);
  const uint64_t path = random.below(8);
  if (path == 0) match.path = any_of(random, {"/", "/a", "/a/b"});
  if (path == 1) match.path_prefix = any_of(random, {"/a", "/a/", "/b", "/"});
  if (path == 2) match.path_pattern = any_of(random, {"/[ab]", "/.*b", "/a(/.*)?", "/(a|b)*a(a|b){12}"});
  for (const char* method : {"GET", "PUT", "DO-IT"})
    if (random.below(5) == 0) match.methods.push_back(method);
  match.headers = random_pairs(random, "x-");
  if (random.below(8) == 0) match.headers.emplace_back(any_of(random, {"accept", "cookie", "host"}), "*");
  match.query = random_pairs(random, "");
  match.cookies = random_pairs(random, "");
  if (random.below(4) == 0) {
    made.split = static_cast<double>(random.below(11)) / 10;
    made.split_key =
        any_of(random, {"client_ip", "request_id", "header:x-a", "header:accept", "cookie:a", "cookie:cc"});
  }
  return made;
}

std::string random_head(base::Random& random) {
  std::string text = any_of(random, {"GET ", "PUT ", "DO-IT ", "GET "}) +
                     any_of(random, {"/", "/a", "/a/b", "/b", "/abababababababab", "/ab"});
  if (random.below(3) != 0) text += "?";
  for (size_t i = random.below(5); i > 0 && text.find('?') != std::string::npos; --i)
    text += any_of(random, {"a=1&", "a=2&", "b&", "b=&", "&&", "cc=\"1\"&", "=1&", "a", "cc=1"});
  text += " HTTP/1.1\r\nHost: h\r\n";
  for (size_t i = random.below(6); i > 0; --i)
    text += any_of(random, {"X-A: 1\r\n", "x-a: 2\r\n", "X-b:\r\n", "X-CC: \"1\"\r\n", "Accept: 1\r\n"});
  for (size_t i = random.below(3); i > 0; --i) {
    text += "Cookie: ";
    for (size_t k = random.below(5); k > 0; --k)
      text += any_of(random, {"a=1;", "a=2; ", "b; ", "b=;", ";; ", "cc=\"1\"; ", " cc = 2 ;", "=1;", "A=1; "});
    if (random.below(4) == 0) text += "a=" + std::string(300, 'v') + ";";
    text += "\r\n";
  }
  return text + "\r\n";
}

RC_GTEST_PROP(RouteTable, TakesTheRouteThatTheNaiveRuleTakes, (uint64_t seed)) {
  base::Random random(seed);
  std::vector<config::RouteSpec> routes;
  for (size_t i = 1 + random.below(12); i > 0; --i) routes.push_back(random_route(random, i));
  const auto table = RouteTable::build(routes);
  RC_ASSERT(table.has_value());
  for (int i = 0; i < 20; ++i) {
    const std::string text = random_head(random);
    const std::string host = any_of(random, {"a.example", "x.a.example", "b.example", "y.x.example", "other", ""});
    base::BlockPool blocks(1);
    base::Arena arena(blocks);
    http::RequestHead head;
    RC_ASSERT(http::RequestParser().feed(text, arena, head).status == http::ParseStatus::done);
    const auto client = random.below(5) == 0 ? base::IpAddress() : base::IpAddress::v4(uint32_t(random.next()));
    const std::string id = any_of(random, {"", "id-1", "id-2"});
    const RouteQuery query{head, host, head.path, client, id, arena};
    if ((*table)->match(query) != naive::match(routes, query)) RC_FAIL(text);
  }
}

}  // namespace
}  // namespace rhumb::decision
