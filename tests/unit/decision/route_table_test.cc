// SPDX-License-Identifier: Apache-2.0
#include "decision/route_table.h"

#include <gtest/gtest.h>

#include <string>

#include "http/h1_parser.h"
#include "tests/unit/decision/allocations.h"

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
    const uint32_t index = table_->match({head, host, head.path, *base::IpAddress::parse(client), id});
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
  EXPECT_NE(built.error().message.find("path_pattern '/(('"), std::string::npos);
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
  const RouteQuery query{head, "a.b.example.com", "/v1/x", {}, "some-request-id-that-is-long-enough-to-need-the-heap"};
  ASSERT_EQ(ask.table().match(query), 1u) << "the first call lets RE2 build its tables";
  const uint64_t before = allocations();
  EXPECT_EQ(ask.table().match(query), 1u);
  EXPECT_TRUE(ask.table().knows_host("a.b.example.com"));
  EXPECT_EQ(allocations(), before);
}

}  // namespace
}  // namespace rhumb::decision
