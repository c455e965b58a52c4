// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/codes.h"
#include "filters_testing.h"

namespace rhumb::filters {
namespace {

using testing::build;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TestExchange;
namespace code = config::code;

class HeadersFilter : public ::testing::Test {
 protected:
  void run(const std::string& options) {
    built_ = build("{headers: " + options + "}");
    ASSERT_THAT(built_.codes(), IsEmpty()) << built_.text();
    EXPECT_EQ(exchange_.run(*built_.chain, Phase::decided, Phase::decided).kind(), Verdict::Kind::next);
    EXPECT_TRUE(exchange_.waker.asked.empty());
  }
  std::vector<std::string> request(std::string_view name) {
    return TestExchange::values(exchange_.request.fields, name);
  }
  std::vector<std::string> response(std::string_view name) {
    return TestExchange::values(exchange_.response.fields, name);
  }

  TestExchange exchange_;
  testing::Built built_;
};

TEST_F(HeadersFilter, SetsAddsAndRemoves) {
  exchange_.with("X-Edge", "client")
      .with("x-edge", "again")
      .with("Via", "1.1 a")
      .with("X-Internal", "1")
      .with("Accept", "*/*");
  run("{request: {set: {x-edge: \"rhumb %{country}\"}, add: {via: \"1.1 b\"}, remove: [x-internal]}}");
  EXPECT_THAT(request("x-edge"), ElementsAre("rhumb "));
  EXPECT_THAT(request("via"), ElementsAre("1.1 a", "1.1 b"));
  EXPECT_THAT(request("x-internal"), IsEmpty());
  EXPECT_THAT(request("accept"), ElementsAre("*/*"));
}

TEST_F(HeadersFilter, ChangesTheResponseOnItsWayBack) {
  RHUMB_ASSERT(exchange_.response.fields.add("Server", "secret/1.0"));
  RHUMB_ASSERT(exchange_.response.fields.add("Set-Cookie", "a=1"));
  run("{response: {set: {x-served-by: \"%{host}\"}, add: {set-cookie: \"b=2\"}, remove: [server]}}");
  EXPECT_THAT(request("x-served-by"), IsEmpty());
  EXPECT_EQ(exchange_.run_response(*built_.chain).kind(), Verdict::Kind::next);
  EXPECT_THAT(response("x-served-by"), ElementsAre("www.example.org"));
  EXPECT_THAT(response("set-cookie"), ElementsAre("a=1", "b=2"));
  EXPECT_THAT(response("server"), IsEmpty());
}

TEST_F(HeadersFilter, TakesAwayTheClientsOwnWhenThereIsNothingToSet) {
  exchange_.with("X-Country", "forged");
  run("{request: {set: {x-country: \"%{country}\"}}}");
  EXPECT_THAT(request("x-country"), IsEmpty());
}

TEST_F(HeadersFilter, S26_SkipsValuesThatWouldEndTheField) {
  for (const std::string_view bad : {std::string_view("/a\r\nX-Evil: 1"), std::string_view("/a\nb"),
                                     std::string_view("/a\0b", 4), std::string_view("/\x7f")}) {
    exchange_.request.fields.clear();
    exchange_.with("X-Path", "forged");
    exchange_.view.path = bad;
    run("{request: {set: {x-path: \"%{path}\"}, add: {x-other: \"got %{path}\"}}}");
    EXPECT_THAT(request("x-path"), IsEmpty());
    EXPECT_THAT(request("x-other"), IsEmpty());
  }
}

TEST_F(HeadersFilter, RunsAgainForAnotherRegionWithoutAddingTwice) {
  exchange_.with("X-Tag", "client");
  decision::Policy policy;
  auto regions = std::make_shared<decision::Regions>(2);
  (*regions)[0].name = "eu-west", (*regions)[1].name = "us-east";
  policy.regions = regions;
  decision::Decision decision;
  decision.winner = 0;
  exchange_.view.policy = &policy;
  exchange_.view.decision = &decision;
  run("{request: {set: {x-to: \"%{region}\"}, add: {x-tag: \"%{region}\"}}}");
  decision.winner = 1;
  for (int i = 0; i < 100; ++i) {
    FilterContext ctx = exchange_.context();
    EXPECT_EQ(exchange_.cursor.run_request(ctx, Phase::decided, Phase::decided).kind(), Verdict::Kind::next);
  }
  EXPECT_THAT(request("x-to"), ElementsAre("us-east"));
  EXPECT_THAT(request("x-tag"), ElementsAre("client", "us-east"));
}

TEST_F(HeadersFilter, AddsAfterItsOwnRemovalEachTime) {
  exchange_.with("Via", "1.1 client").with("Via", "1.1 other");
  run("{request: {add: {via: \"1.1 edge %{country}\"}, remove: [via]}}");
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(request("via"), ElementsAre("1.1 edge "));
    EXPECT_EQ(exchange_.request.fields.count(http::FieldId::via), 1u);
    FilterContext ctx = exchange_.context();
    EXPECT_EQ(exchange_.cursor.run_request(ctx, Phase::decided, Phase::decided).kind(), Verdict::Kind::next);
  }
}

TEST_F(HeadersFilter, RefusesFieldsOfConnectionFramingAndHost) {
  for (const char* name : {"connection", "Keep-Alive", "transfer-encoding", "content-length", "Upgrade", "TE",
                           "trailer", "host", "expect", "proxy-connection", "http2-settings"}) {
    const std::string n = name;
    EXPECT_THAT(build("{headers: {request: {set: {" + n + ": x}}}}").codes(), ElementsAre(code::kNotAllowed)) << n;
    EXPECT_THAT(build("{headers: {response: {add: {" + n + ": x}}}}").codes(), ElementsAre(code::kNotAllowed)) << n;
    EXPECT_THAT(build("{headers: {request: {remove: [" + n + "]}}}").codes(), ElementsAre(code::kNotAllowed)) << n;
  }
  EXPECT_THAT(build("{headers: {request: {set: {x-region: x}}}}").codes(), ElementsAre(code::kNotAllowed));
  EXPECT_THAT(build("{headers: {response: {set: {x-region: x}}}}").codes(), IsEmpty());
}

TEST_F(HeadersFilter, RefusesNamesAndValuesThatAreNone) {
  EXPECT_THAT(build("{headers: {request: {set: {\"a b\": x}}}}").codes(), ElementsAre(code::kName));
  EXPECT_THAT(build("{headers: {request: {remove: [\"a:\"]}}}").codes(), ElementsAre(code::kName));
  EXPECT_THAT(build("{headers: {request: {set: {x-a: \"\"}}}}").codes(), ElementsAre(code::kEmpty));
  EXPECT_THAT(build("{headers: {request: {set: {x-a: \"%{regoin}\"}}}}").codes(), ElementsAre(code::kNotAllowed));
  EXPECT_THAT(build("{headers: {request: {set: {x-a: \"a\\nb\"}}}}").codes(), ElementsAre(code::kControlCharacter));
  EXPECT_THAT(build("{headers: {requests: {}}}").codes(), ElementsAre(code::kUnknownKey));
  EXPECT_THAT(build("{headers: {request: {set: [x]}}}").codes(), ElementsAre(code::kWrongKind));
}

TEST_F(HeadersFilter, PointsAtTheFieldThatIsWrong) {
  const auto built = build("{headers: {request: {set: {x-a: \"%{regoin}\"}}}}");
  EXPECT_THAT(built.text(), HasSubstr("routes[0].filters[0].headers.request.set.x-a"));
  EXPECT_THAT(built.text(), HasSubstr("did you mean 'region'?"));
}

TEST_F(HeadersFilter, TakesAtMostSixteenFieldsADirection) {
  std::string sixteen;
  for (int i = 0; i < 16; ++i) sixteen += (i == 0 ? "x-" : ", x-") + std::to_string(i) + ": v";
  EXPECT_THAT(build("{headers: {request: {set: {" + sixteen + "}}}}").codes(), IsEmpty());
  EXPECT_THAT(build("{headers: {request: {set: {" + sixteen + ", x-16: v}}}}").codes(), ElementsAre(code::kRange));
}

}  // namespace
}  // namespace rhumb::filters
