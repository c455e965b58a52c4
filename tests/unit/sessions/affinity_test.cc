// SPDX-License-Identifier: Apache-2.0
#include "sessions/affinity.h"

#include <gmock/gmock.h>

#include <string>

namespace rhumb::sessions {
namespace {

using base::Seconds;
using base::WallTime;
using decision::Affinity;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

const WallTime kToday(Seconds(1'800'000'000));
const uint64_t kEu = region_key("eu-west"), kUs = region_key("us-east");
const uint64_t kEu1 = endpoint_key("127.0.0.1:9001"), kEu2 = endpoint_key("127.0.0.1:9002"),
               kUs1 = endpoint_key("127.0.0.1:9003");

config::SessionsSpec spec() {
  config::SessionsSpec result;
  result.cookie = "rhumb";
  result.keys = {{1, "0123456789abcdef0123456789abcdef"}};
  result.idle = Seconds(1800);
  result.absolute = Seconds(86400);
  result.path = "/";
  result.same_site = "lax";
  return result;
}

class AffinityTest : public ::testing::Test {
 protected:
  AffinityTest() {
    const uint64_t eu[] = {kEu1, kEu2}, us[] = {kUs1};
    regions_.add(kEu, 0, eu);
    regions_.add(kUs, 1, us);
    fields_.init(arena_, 16);
  }
  std::string sealed(const Token& token) const {
    char text[TokenCodec::kMaxText];
    return {text, codec_.seal(token, "", text)};
  }
  ReadToken read(const std::string& cookie, WallTime now = kToday, std::string_view tenant = "") {
    fields_.clear();
    RHUMB_ASSERT(fields_.add("Cookie", arena_.copy(cookie)));
    return read_preference(fields_, "rhumb", tenant, codec_, regions_, now);
  }
  std::string cookie(const config::SessionsSpec& from, const Token& token, std::string_view tenant = "") {
    char text[512];
    http::Writer writer(text, sizeof text);
    write_cookie(writer, from, TokenCodec(from.keys, scope_of(from), &seals_), tenant, token);
    return std::string(writer.view());
  }

  base::BlockPool pool_;
  base::Arena arena_{pool_};
  http::Headers fields_;
  SealCount seals_;
  TokenCodec codec_{spec().keys, scope_of(spec()), &seals_};
  RegionLookup regions_;
  Token fresh_ = *renew(nullptr, kEu, kEu2, spec(), kToday);
};

TEST_F(AffinityTest, LookupFindsRegionAndEndpoint) {
  EXPECT_EQ(regions_.find(kUs, kUs1).region, 1);
  EXPECT_EQ(regions_.find(kUs, kUs1).endpoint, 0);
  EXPECT_EQ(regions_.find(kEu, kEu2).endpoint, 1);
  EXPECT_EQ(regions_.find(kEu, kUs1).region, 0);
  EXPECT_EQ(regions_.find(kEu, kUs1).endpoint, 0xffff);
  EXPECT_EQ(regions_.find(kEu, 0).endpoint, 0xffff);
  EXPECT_EQ(regions_.find(region_key("gone"), kEu1).region, decision::kNoRegion);
}

TEST_F(AffinityTest, AGoodTokenIsAPreference) {
  const ReadToken got = read("a=1; rhumb=" + sealed(fresh_) + "; b=2");
  EXPECT_EQ(got.preference.verdict, Affinity::kept);
  EXPECT_EQ(got.preference.region, 0);
  EXPECT_EQ(got.preference.endpoint, 1);
  EXPECT_EQ(got.preference.epoch, 1u);
  ASSERT_TRUE(got.token);
  EXPECT_EQ(got.token->session, fresh_.session);
}

TEST_F(AffinityTest, WithoutACookieThereIsNoPreference) {
  const ReadToken got = read("a=1; rhumb2=x");
  EXPECT_EQ(got.preference.verdict, Affinity::none);
  EXPECT_EQ(got.preference.region, decision::kNoRegion);
  EXPECT_FALSE(got.token);
}

TEST_F(AffinityTest, SaysWhyATokenIsNotHonoured) {
  const std::string text = sealed(fresh_);
  std::string forged = text;
  forged[40] = forged[40] == 'A' ? 'B' : 'A';
  EXPECT_EQ(read("rhumb=").preference.verdict, Affinity::forged);
  EXPECT_EQ(read("rhumb=junk").preference.verdict, Affinity::forged);
  EXPECT_EQ(read("rhumb=" + forged).preference.verdict, Affinity::forged);
  EXPECT_EQ(read("rhumb=" + text, kToday + Seconds(1800)).preference.verdict, Affinity::expired);
  const TokenCodec other({{9, "fedcba9876543210fedcba9876543210"}}, scope_of(spec()), nullptr);
  EXPECT_EQ(read_preference(fields_, "rhumb", "", other, regions_, kToday).preference.verdict, Affinity::key_unknown);
  for (const std::string& cookie : {std::string("rhumb=junk"), "rhumb=" + forged}) {
    EXPECT_FALSE(read(cookie).token);
    EXPECT_EQ(read(cookie).preference.region, decision::kNoRegion);
  }
}

TEST_F(AffinityTest, ATokenOfARegionThatIsGoneKeepsItsSession) {
  Token token = fresh_;
  token.region = region_key("gone");
  const ReadToken got = read("rhumb=" + sealed(token));
  EXPECT_EQ(got.preference.verdict, Affinity::region_gone);
  EXPECT_EQ(got.preference.region, decision::kNoRegion);
  ASSERT_TRUE(got.token);
  EXPECT_EQ(got.token->session, fresh_.session);
}

TEST_F(AffinityTest, ATokenOfAnEndpointThatIsGoneKeepsItsRegion) {
  Token token = fresh_;
  token.endpoint = endpoint_key("192.0.2.1:1");
  const ReadToken got = read("rhumb=" + sealed(token));
  EXPECT_EQ(got.preference.verdict, Affinity::kept);
  EXPECT_EQ(got.preference.region, 0);
  EXPECT_EQ(got.preference.endpoint, 0xffff);
}

TEST_F(AffinityTest, TheFirstOfTwoCookiesCounts) {
  EXPECT_EQ(read("rhumb=junk; rhumb=" + sealed(fresh_)).preference.verdict, Affinity::forged);
  EXPECT_EQ(read("rhumb=" + sealed(fresh_) + "; rhumb=junk").preference.verdict, Affinity::kept);
}

TEST_F(AffinityTest, ANewClientGetsASessionOfItsOwn) {
  EXPECT_EQ(fresh_.epoch, 1u);
  EXPECT_EQ(fresh_.region, kEu);
  EXPECT_EQ(fresh_.endpoint, kEu2);
  EXPECT_EQ(fresh_.issued, kToday);
  EXPECT_EQ(fresh_.idle_expiry, kToday + Seconds(1800));
  EXPECT_EQ(fresh_.absolute_expiry, kToday + Seconds(86400));
  EXPECT_NE(fresh_.session, renew(nullptr, kEu, kEu2, spec(), kToday)->session);
}

TEST_F(AffinityTest, AGoodTokenIsLeftAloneForHalfItsIdleTime) {
  EXPECT_FALSE(renew(&fresh_, kEu, kEu2, spec(), kToday));
  EXPECT_FALSE(renew(&fresh_, kEu, kEu2, spec(), kToday + Seconds(900)));
  const auto later = renew(&fresh_, kEu, kEu2, spec(), kToday + Seconds(901));
  ASSERT_TRUE(later);
  EXPECT_EQ(later->session, fresh_.session);
  EXPECT_EQ(later->epoch, 1u);
  EXPECT_EQ(later->issued, kToday + Seconds(901));
  EXPECT_EQ(later->idle_expiry, kToday + Seconds(901 + 1800));
  EXPECT_EQ(later->absolute_expiry, fresh_.absolute_expiry);
}

TEST_F(AffinityTest, AnotherRegionMeansTheNextEpoch) {
  const auto moved = renew(&fresh_, kUs, kUs1, spec(), kToday + Seconds(1));
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->session, fresh_.session);
  EXPECT_EQ(moved->epoch, 2u);
  EXPECT_EQ(moved->region, kUs);
  EXPECT_EQ(moved->endpoint, kUs1);
  EXPECT_EQ(moved->absolute_expiry, fresh_.absolute_expiry);
}

TEST_F(AffinityTest, AnotherEndpointOfTheRegionIsTheSameEpoch) {
  const auto moved = renew(&fresh_, kEu, kEu1, spec(), kToday + Seconds(1));
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->epoch, 1u);
  EXPECT_EQ(moved->endpoint, kEu1);
}

TEST_F(AffinityTest, AnOldKeysTokenIsSealedAnew) {
  Token token = fresh_;
  token.current = false;
  const auto again = renew(&token, kEu, kEu2, spec(), kToday + Seconds(1));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->epoch, 1u);
  EXPECT_TRUE(again->current);
}

TEST_F(AffinityTest, NoRenewalOutlivesTheAbsoluteExpiry) {
  const auto late = renew(&fresh_, kEu, kEu2, spec(), kToday + Seconds(86000));
  ASSERT_TRUE(late);
  EXPECT_EQ(late->idle_expiry, fresh_.absolute_expiry);
}

TEST_F(AffinityTest, WritesACookieThatReadsBack) {
  const std::string line = cookie(spec(), fresh_);
  EXPECT_THAT(line, MatchesRegex("Set-Cookie: rhumb=[A-Za-z0-9_-]+; [^\r\n]*\r\n"));
  EXPECT_THAT(line, HasSubstr("Path=/"));
  EXPECT_THAT(line, HasSubstr("HttpOnly"));
  EXPECT_THAT(line, HasSubstr("SameSite=Lax"));
  EXPECT_THAT(line, Not(HasSubstr("Secure")));
  const std::string pair = line.substr(12, line.find(';') - 12);
  EXPECT_EQ(read(pair).preference.verdict, Affinity::kept);
}

TEST_F(AffinityTest, WritesTheAttributesAskedFor) {
  config::SessionsSpec other = spec();
  other.path = "/app";
  other.same_site = "none";
  other.secure = true;
  const std::string line = cookie(other, fresh_);
  EXPECT_THAT(line, HasSubstr("Path=/app"));
  EXPECT_THAT(line, HasSubstr("Secure"));
  EXPECT_THAT(line, HasSubstr("SameSite=None"));
  other.same_site = "strict";
  EXPECT_THAT(cookie(other, fresh_), HasSubstr("SameSite=Strict"));
}

TEST_F(AffinityTest, WritesACookieForItsTenantAlone) {
  const std::string line = cookie(spec(), fresh_, "acme");
  const std::string pair = line.substr(12, line.find(';') - 12);
  EXPECT_EQ(read(pair, kToday, "acme").preference.verdict, Affinity::kept);
  EXPECT_EQ(read(pair, kToday, "initech").preference.verdict, Affinity::forged);
  EXPECT_EQ(read(pair).preference.verdict, Affinity::forged);
}

TEST_F(AffinityTest, WritesNothingWithoutAKey) {
  config::SessionsSpec keyless = spec();
  keyless.keys.clear();
  EXPECT_EQ(cookie(keyless, fresh_), "");
}

}  // namespace
}  // namespace rhumb::sessions
