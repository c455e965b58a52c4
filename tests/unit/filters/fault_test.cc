// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/codes.h"
#include "filters_testing.h"

namespace rhumb::filters {
namespace {

using testing::build;
using ::testing::ElementsAre;
using testing::TestExchange;
using Kind = Verdict::Kind;
namespace code = config::code;

class FaultFilter : public ::testing::Test {
 protected:
  Verdict run(const std::string& options) {
    built_ = build("{fault: " + options + "}");
    EXPECT_TRUE(built_.codes().empty()) << built_.text();
    return exchange_.run(*built_.chain);
  }
  Verdict wake() {
    bool stale = true;
    FilterContext ctx = exchange_.context();
    const Verdict verdict = exchange_.cursor.resume(ctx, exchange_.waker.asked.at(0).name, stale);
    EXPECT_FALSE(stale);
    return verdict;
  }
  TestExchange exchange_;
  testing::Built built_;
};

TEST_F(FaultFilter, AbortsAtOnce) {
  const Verdict verdict = run("{abort: 503}");
  EXPECT_EQ(verdict.kind(), Kind::reply);
  EXPECT_EQ(verdict.reply().status, 503);
}

TEST_F(FaultFilter, DelaysThenPasses) {
  EXPECT_EQ(run("{delay: 250ms}").kind(), Kind::pause);
  ASSERT_EQ(exchange_.waker.asked.size(), 1u);
  EXPECT_EQ(exchange_.waker.asked[0].after, base::Millis(250));
  EXPECT_EQ(wake().kind(), Kind::next);
}

TEST_F(FaultFilter, DelaysThenAborts) {
  EXPECT_EQ(run("{delay: 1s, abort: 500}").kind(), Kind::pause);
  const Verdict verdict = wake();
  EXPECT_EQ(verdict.kind(), Kind::reply);
  EXPECT_EQ(verdict.reply().status, 500);
}

TEST_F(FaultFilter, TakesTheShareItIsToldAndTheSameRequestsEachTime) {
  const auto built = build("{fault: {abort: 500, percent: 25%}}");
  const auto none = build("{fault: {abort: 500, percent: 0%}}");
  int hit = 0;
  for (int i = 0; i < 4000; ++i) {
    TestExchange exchange;
    const std::string id = "request-" + std::to_string(i);
    exchange.view.request_id = id;
    const Kind kind = exchange.run(*built.chain).kind();
    hit += kind == Kind::reply;
    EXPECT_EQ(exchange.run(*built.chain).kind(), kind);
    EXPECT_EQ(exchange.run(*none.chain).kind(), Kind::next);
  }
  EXPECT_NEAR(hit, 1000, 150);
}

TEST_F(FaultFilter, RefusesFaultsThatDoNothing) {
  EXPECT_THAT(build("{fault: {}}").codes(), ElementsAre(code::kMissingKey));
  EXPECT_THAT(build("{fault: {percent: 5%}}").codes(), ElementsAre(code::kMissingKey));
  EXPECT_THAT(build("{fault: {abort: 200}}").codes(), ElementsAre(code::kRange));
  EXPECT_THAT(build("{fault: {delay: 5}}").codes(), ElementsAre(code::kUnit));
  EXPECT_THAT(build("{fault: {delya: 5s}}").codes(), ElementsAre(code::kUnknownKey));
}

}  // namespace
}  // namespace rhumb::filters
