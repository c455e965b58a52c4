// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using testing::codes_with;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::load_with;
using ::testing::Not;

const std::string kSecret = "0123456789abcdef0123456789abcdef";

TEST(LoadGateway, TakesWorkersAsNumberOrAuto) {
  EXPECT_EQ(load_with("gateway: {workers: 8}\n").spec.gateway.workers, 8u);
  EXPECT_EQ(load_with("gateway: {workers: auto}\n").spec.gateway.workers, 0u);
  for (const char* value : {"0", "1025", "-1"})
    EXPECT_THAT(codes_with(std::string("gateway: {workers: ") + value + "}\n"), ElementsAre(code::kRange));
  EXPECT_THAT(codes_with("gateway: {workers: many}\n"), ElementsAre(code::kNotAllowed));
  EXPECT_THAT(codes_with("gateway: {workers: 010}\n"), ElementsAre(code::kNotAllowed));
}

TEST(LoadGateway, S33_CoreDumpsAreOffUnlessAskedFor) {
  EXPECT_FALSE(load_with("").spec.gateway.core_dumps);
  EXPECT_TRUE(load_with("gateway: {core_dumps: true}\n").spec.gateway.core_dumps);
}

TEST(LoadGateway, TakesAMemoryLimitAsSizeAutoOrOff) {
  EXPECT_EQ(load_with("").spec.gateway.memory_limit, std::nullopt);
  EXPECT_EQ(load_with("gateway: {memory_limit: auto}\n").spec.gateway.memory_limit, std::nullopt);
  EXPECT_EQ(load_with("gateway: {memory_limit: off}\n").spec.gateway.memory_limit, 0u);
  EXPECT_EQ(load_with("gateway: {memory_limit: 512MiB}\n").spec.gateway.memory_limit, 512ull << 20);
  for (const char* value : {"0B", "512", "much"})
    EXPECT_THAT(codes_with(std::string("gateway: {memory_limit: ") + value + "}\n"), ElementsAre(code::kNotAllowed));
}

TEST(LoadSessions, NeedsSecretsOf32BytesAndNeverShowsThem) {
  EXPECT_THAT(codes_with("sessions: {keys: [{id: 1, secret: \"" + kSecret + "\"}]}\n"), IsEmpty());
  const Loaded loaded = load_with("sessions: {keys: [{id: 1, secret: \"" + kSecret.substr(1) + "\"}]}\n");
  EXPECT_THAT(testing::codes(loaded.diagnostics), ElementsAre(code::kShortSecret));
  EXPECT_THAT(testing::rendered(loaded), Not(HasSubstr("123456")));
}

TEST(LoadSessions, NeedsIdsOfTheirOwnThatFitAByte) {
  const auto keys = [](const std::string& a, const std::string& b) {
    return "sessions: {keys: [{id: " + a + ", secret: \"" + kSecret + "\"}, {id: " + b + ", secret: \"" + kSecret +
           "\"}]}\n";
  };
  EXPECT_THAT(codes_with(keys("1", "255")), IsEmpty());
  EXPECT_THAT(codes_with(keys("0", "256")), ElementsAre(code::kRange, code::kRange));
  EXPECT_THAT(codes_with(keys("7", "7")), ElementsAre(code::kDuplicateId));
  EXPECT_THAT(codes_with("sessions: {keys: [{}]}\n"), ElementsAre(code::kMissingKey, code::kMissingKey));
}

TEST(LoadSessions, NeedsSecureForSameSiteNone) {
  EXPECT_THAT(codes_with("sessions: {same_site: none}\n"), ElementsAre(code::kSameSite));
  EXPECT_THAT(codes_with("sessions: {same_site: none, secure: false}\n"), ElementsAre(code::kSameSite));
  EXPECT_THAT(codes_with("sessions: {same_site: none, secure: true}\n"), IsEmpty());
  EXPECT_THAT(codes_with("sessions: {same_site: strict}\n"), IsEmpty());
}

TEST(LoadSessions, HoldsACookiesNameToItsPrefix) {
  const auto codes = [](const std::string& sessions) { return codes_with("sessions: {" + sessions + "}\n"); };
  EXPECT_THAT(codes("cookie: __Host-rhumb, secure: true"), IsEmpty());
  EXPECT_THAT(codes("cookie: __Host-rhumb, secure: true, path: /"), IsEmpty());
  EXPECT_THAT(codes("cookie: __Host-rhumb"), ElementsAre(code::kCookiePrefix));
  EXPECT_THAT(codes("cookie: __Host-rhumb, secure: true, path: /app"), ElementsAre(code::kCookiePrefix));
  EXPECT_THAT(codes("cookie: __hOST-rhumb, path: /app"), ElementsAre(code::kCookiePrefix, code::kCookiePrefix));
  EXPECT_THAT(codes("cookie: __Secure-rhumb, secure: true, path: /app"), IsEmpty());
  EXPECT_THAT(codes("cookie: __SECURE-rhumb, secure: false"), ElementsAre(code::kCookiePrefix));
  EXPECT_THAT(codes("cookie: __Hostrhumb"), IsEmpty());
}

TEST(LoadSessions, LeavesCacheableResponsesAloneWhenTold) {
  EXPECT_FALSE(load_with("sessions: {cacheable: private}\n").spec.sessions.skip_cacheable);
  EXPECT_TRUE(load_with("sessions: {cacheable: skip}\n").spec.sessions.skip_cacheable);
  EXPECT_THAT(codes_with("sessions: {cacheable: public}\n"), ElementsAre(code::kNotAllowed));
}

TEST(LoadSessions, KeepsTheCookieHarmless) {
  EXPECT_THAT(codes_with("sessions: {cookie: \"a=b\"}\n"), ElementsAre(code::kName));
  EXPECT_THAT(codes_with("sessions: {cookie: \"\"}\n"), ElementsAre(code::kName));
  EXPECT_THAT(codes_with("sessions: {path: \"/; Domain=x\"}\n"), ElementsAre(code::kPath));
  EXPECT_THAT(codes_with("sessions: {path: app}\n"), ElementsAre(code::kPath));
}

TEST(LoadLatency, KeepsSharesAndTimesSane) {
  EXPECT_THAT(codes_with("latency: {exploration: 101%, half_life: 0s}\n"), ElementsAre(code::kRange, code::kRange));
}

TEST(LoadAccessLog, NeedsAPathAndARingOfSomeSize) {
  EXPECT_THAT(codes_with("access_log: {path: \"\", buffer: 1KiB}\n"), ElementsAre(code::kEmpty, code::kRange));
  EXPECT_EQ(load_with("access_log: {path: /var/log/rhumb.json, buffer: 4MiB}\n").spec.access_log.path,
            "/var/log/rhumb.json");
}

TEST(LoadAccessLog, TellsNothingOfAQueryAndOfHeadersUnlessAsked) {
  const AccessLogSpec spec = load_with("").spec.access_log;
  EXPECT_EQ(spec.format, "json");
  EXPECT_TRUE(spec.headers.empty());
  EXPECT_FALSE(spec.query);
  EXPECT_FALSE(spec.truncate_addresses);
  EXPECT_EQ(spec.sample, 1.0);
  EXPECT_THAT(spec.redact_query, ::testing::IsSupersetOf({"password", "token", "access_token", "api_key"}));
}

TEST(LoadAccessLog, TakesNamesOfHeadersAndParametersInAnyCase) {
  const AccessLogSpec spec =
      load_with("access_log: {headers: [User-Agent, referer], redact_query: [Ticket], sample: 12.5%}\n")
          .spec.access_log;
  EXPECT_THAT(spec.headers, ElementsAre("user-agent", "referer"));
  EXPECT_THAT(spec.redact_query, ElementsAre("ticket"));
  EXPECT_EQ(spec.sample, 0.125);
}

TEST(LoadAccessLog, RefusesWhatIsNoHeaderOrIsGivenTwice) {
  EXPECT_THAT(codes_with("access_log: {headers: [\"user agent\"]}\n"), ElementsAre(code::kName));
  EXPECT_THAT(codes_with("access_log: {headers: [Referer, referer]}\n"), ElementsAre(code::kDuplicateItem));
  EXPECT_THAT(codes_with("access_log: {sample: 120%}\n"), ElementsAre(code::kRange));
}

}  // namespace
}  // namespace rhumb::config
