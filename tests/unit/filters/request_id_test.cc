// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <set>

#include "filters/trace_context.h"
#include "filters_testing.h"

namespace rhumb::filters {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using testing::TestExchange;

const std::string kParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

class RequestId : public ::testing::Test {
 protected:
  static void run(TestExchange& exchange) {
    static const auto chain = testing::build_gateway("{trusted_proxies: [10.0.0.0/8]}");
    EXPECT_EQ(exchange.run(*chain, Phase::identify, Phase::identify).kind(), Verdict::Kind::next);
  }
  TestExchange exchange_;
};

TEST_F(RequestId, MakesOneOf128BitsAndTellsTheUpstream) {
  run(exchange_);
  EXPECT_THAT(std::string(exchange_.view.request_id), MatchesRegex("[0-9a-f]{32}"));
  EXPECT_EQ(exchange_.field("x-request-id"), exchange_.view.request_id);
}

TEST_F(RequestId, MakesDifferentOnes) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    TestExchange exchange;
    run(exchange);
    EXPECT_TRUE(seen.insert(std::string(exchange.view.request_id)).second);
    EXPECT_TRUE(seen.insert(std::string(exchange.view.trace_id)).second);
  }
}

TEST_F(RequestId, KeepsATrustedPeers) {
  exchange_.from("10.0.0.1").with("X-Request-Id", "upstream-42/a");
  run(exchange_);
  EXPECT_EQ(exchange_.view.request_id, "upstream-42/a");
  EXPECT_THAT(TestExchange::values(exchange_.request.fields, "x-request-id"), ElementsAre("upstream-42/a"));
}

TEST_F(RequestId, ReplacesAnUntrustedPeers) {
  exchange_.with("X-Request-Id", "mine");
  run(exchange_);
  EXPECT_THAT(TestExchange::values(exchange_.request.fields, "x-request-id"),
              ElementsAre(std::string(exchange_.view.request_id)));
  EXPECT_NE(exchange_.view.request_id, "mine");
}

TEST_F(RequestId, ReplacesOneThatIsEmptyLongOrNotVisible) {
  for (const std::string& id :
       {std::string(), std::string(129, 'a'), std::string("a b"), std::string("a\tb"), std::string("\xc3\xa9")}) {
    TestExchange exchange;
    exchange.from("10.0.0.1").with("X-Request-Id", id);
    run(exchange);
    EXPECT_THAT(std::string(exchange.view.request_id), MatchesRegex("[0-9a-f]{32}"));
  }
  TestExchange exchange;
  exchange.from("10.0.0.1").with("X-Request-Id", std::string(128, 'a'));
  run(exchange);
  EXPECT_EQ(exchange.view.request_id.size(), 128u);
}

TEST_F(RequestId, ReplacesTwo) {
  exchange_.from("10.0.0.1").with("X-Request-Id", "a").with("X-Request-Id", "b");
  run(exchange_);
  EXPECT_THAT(TestExchange::values(exchange_.request.fields, "x-request-id"),
              ElementsAre(std::string(exchange_.view.request_id)));
}

TEST_F(RequestId, ContinuesATraceUnderASpanOfItsOwn) {
  exchange_.with("traceparent", kParent).with("tracestate", "rojo=1").with("tracestate", "congo=2");
  run(exchange_);
  const std::string sent = exchange_.field("traceparent");
  ASSERT_TRUE(parse_traceparent(sent));
  EXPECT_EQ(sent.substr(0, 36), kParent.substr(0, 36));
  EXPECT_NE(sent.substr(36, 16), kParent.substr(36, 16));
  EXPECT_EQ(sent.substr(52), "-01");
  EXPECT_EQ(exchange_.view.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_THAT(TestExchange::values(exchange_.request.fields, "tracestate"), ElementsAre("rojo=1", "congo=2"));
}

TEST_F(RequestId, PassesOnOnlyFlagsItKnows) {
  exchange_.with("traceparent", kParent.substr(0, 53) + "fe");
  run(exchange_);
  EXPECT_EQ(exchange_.field("traceparent").substr(52), "-02");
}

TEST_F(RequestId, BeginsATraceWhenThereIsNone) {
  exchange_.with("tracestate", "rojo=1");
  run(exchange_);
  const auto parent = parse_traceparent(exchange_.request.fields.get("traceparent"));
  ASSERT_TRUE(parent);
  EXPECT_EQ(parent->trace_id, exchange_.view.trace_id);
  EXPECT_THAT(TestExchange::values(exchange_.request.fields, "tracestate"), IsEmpty());
}

TEST_F(RequestId, ReplacesAnInvalidTraceAndDropsItsState) {
  for (const std::string& given : {kParent + "x", std::string("00-0-0-0"), std::string()}) {
    TestExchange exchange;
    exchange.with("traceparent", given).with("tracestate", "rojo=1");
    run(exchange);
    EXPECT_TRUE(parse_traceparent(exchange.request.fields.get("traceparent")));
    EXPECT_THAT(TestExchange::values(exchange.request.fields, "traceparent"), Not(ElementsAre(given)));
    EXPECT_THAT(TestExchange::values(exchange.request.fields, "tracestate"), IsEmpty());
  }
}

TEST_F(RequestId, TwoTraceparentsAreNone) {
  exchange_.with("traceparent", kParent).with("traceparent", kParent);
  run(exchange_);
  EXPECT_EQ(TestExchange::values(exchange_.request.fields, "traceparent").size(), 1u);
  EXPECT_NE(exchange_.view.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST_F(RequestId, DropsAnInvalidTracestateAlone) {
  exchange_.with("traceparent", kParent).with("tracestate", "rojo=1").with("tracestate", "BAD");
  run(exchange_);
  EXPECT_EQ(exchange_.view.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_THAT(TestExchange::values(exchange_.request.fields, "tracestate"), IsEmpty());
}

}  // namespace
}  // namespace rhumb::filters
