// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/codes.h"
#include "filters_testing.h"

namespace rhumb::filters {
namespace {

using testing::build;
using ::testing::ElementsAre;
using testing::TestExchange;
namespace code = config::code;

TEST(Methods, PassesTheAllowedAndNamesThemToOthers) {
  const auto built = build("{methods: {allow: [GET, HEAD, PURGE]}}");
  for (const char* method : {"GET", "HEAD", "PURGE"}) {
    TestExchange exchange;
    exchange.request.method_text = method;
    EXPECT_EQ(exchange.run(*built.chain).kind(), Verdict::Kind::next) << method;
  }
  for (const char* method : {"POST", "get", "GETS", ""}) {
    TestExchange exchange;
    exchange.request.method_text = method;
    const Verdict verdict = exchange.run(*built.chain);
    ASSERT_EQ(verdict.kind(), Verdict::Kind::reply) << method;
    EXPECT_EQ(verdict.reply().status, 405);
    EXPECT_EQ(verdict.reply().extra_name, "Allow");
    EXPECT_EQ(verdict.reply().extra_value, "GET, HEAD, PURGE");
  }
}

TEST(Methods, RefusesWhatIsNoMethod) {
  EXPECT_THAT(build("{methods: {allow: [get]}}").codes(), ElementsAre(code::kName));
  EXPECT_THAT(build("{methods: {allow: [\"G T\", POST]}}").codes(), ElementsAre(code::kName));
  EXPECT_THAT(build("{methods: {allow: []}}").codes(), ElementsAre(code::kEmpty));
  EXPECT_THAT(build("{methods: {}}").codes(), ElementsAre(code::kMissingKey));
}

}  // namespace
}  // namespace rhumb::filters
