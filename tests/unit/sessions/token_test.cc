// SPDX-License-Identifier: Apache-2.0
#include "sessions/token.h"

#include <gtest/gtest.h>

#include <string>

namespace rhumb::sessions {
namespace {

using base::Micros;
using base::Seconds;
using base::WallTime;
using Keys = std::vector<config::SessionsSpec::Key>;

const WallTime kNow(Seconds(1'800'000'000));
const Keys kOld = {{1, "0123456789abcdef0123456789abcdef"}};
const Keys kNew = {{2, "fedcba9876543210fedcba9876543210"}, kOld[0]};

Token sample() {
  Token token;
  for (size_t i = 0; i < token.session.size(); ++i) token.session[i] = static_cast<uint8_t>(i * 17);
  token.region = region_key("eu-west");
  token.endpoint = endpoint_key("127.0.0.1:9001");
  token.epoch = 7;
  token.issued = kNow;
  token.idle_expiry = kNow + Seconds(1800);
  token.absolute_expiry = kNow + Seconds(86400);
  return token;
}

const Scope kScope{"rhumb", "/"};

/// A codec with a count of its own.
struct Codec : SealCount, TokenCodec {
  explicit Codec(const Keys& keys, const Scope& scope = kScope, uint64_t sealed_before = 0)
      : SealCount(sealed_before), TokenCodec(keys, scope, this) {}
};

std::string sealed(const TokenCodec& codec, const Token& token = sample(), std::string_view tenant = "") {
  std::string text(TokenCodec::kMaxText, '\0');
  text.resize(codec.seal(token, tenant, text.data()));
  return text;
}

/// As the version before sealed it.
std::string sealed_before(const Keys& keys, std::string_view cookie, const Token& token = sample()) {
  std::string plain(token.session.begin(), token.session.end());
  const auto put = [&](uint64_t value, int bytes) {
    for (int i = bytes; i-- > 0;) plain.push_back(static_cast<char>(value >> (8 * i)));
  };
  const auto micros = [](WallTime time) { return static_cast<uint64_t>(time.time_since_epoch().count()); };
  put(token.region, 8), put(token.endpoint, 8), put(token.epoch, 4);
  put(micros(token.issued), 8), put(micros(token.idle_expiry), 8), put(micros(token.absolute_expiry), 8);
  std::vector<uint8_t> binary(2 + plain.size() + base::Aead::kOverhead);
  binary[0] = 1, binary[1] = keys.front().id;
  const base::Aead aead(base::Aead::derive(keys.front().secret.view()));
  EXPECT_TRUE(aead.seal(plain, {"\x01", cookie}, binary.data() + 2));
  std::string text(base::base64url_size(binary.size()), '\0');
  text.resize(base::base64url_encode(binary, text.data()));
  return text;
}

/// What open() says: "good", or the error.
std::string opened(const TokenCodec& codec, std::string_view text, WallTime now = kNow, std::string_view tenant = "") {
  const auto token = codec.open(text, tenant, now);
  if (token) return "good";
  switch (token.error()) {
    case TokenError::malformed:
      return "malformed";
    case TokenError::key_unknown:
      return "key_unknown";
    case TokenError::forged:
      return "forged";
    case TokenError::expired:
      return "expired";
  }
  return "?";
}

// A token that was opened is known by its text from then on: nothing else about it may be taken for granted.
TEST(Token, OneThatIsKnownStillExpires) {
  const Codec codec(kOld);
  const std::string text = sealed(codec);
  EXPECT_EQ(opened(codec, text), "good");
  EXPECT_EQ(opened(codec, text), "good");
  EXPECT_EQ(opened(codec, text, kNow + Seconds(1800)), "expired");
  EXPECT_EQ(opened(codec, text, kNow - TokenCodec::kSkew - Seconds(1)), "expired") << "issued in the future";
  EXPECT_EQ(opened(codec, text), "good");
}

TEST(Token, AKnownOneDoesNotLendItsSealToAnother) {
  const Codec codec(kOld);
  const std::string text = sealed(codec);
  for (size_t i = 0; i < text.size(); ++i) {
    ASSERT_EQ(opened(codec, text), "good");
    std::string other = text;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    ASSERT_NE(opened(codec, other), "good") << i;
  }
}

// More clients than are remembered: each has its own session, whoever was there before.
TEST(Token, ManyClientsAreNeverTakenForEachOther) {
  const Codec codec(kOld);
  std::vector<std::string> texts;
  for (uint32_t i = 0; i < 2000; ++i) {
    Token token = sample();
    token.epoch = i;
    texts.push_back(sealed(codec, token));
  }
  for (int round = 0; round < 2; ++round) {
    for (uint32_t i = 0; i < texts.size(); ++i) {
      const auto token = codec.open(texts[i], "", kNow);
      ASSERT_TRUE(token);
      ASSERT_EQ(token->epoch, i);
    }
  }
}

TEST(Token, WithoutKeysNothingOpens) {
  const Codec with(kOld), without({});
  EXPECT_EQ(opened(without, sealed(with)), "key_unknown");
  EXPECT_EQ(opened(without, std::string(sealed(with).size(), '\0')), "malformed");
}

TEST(Token, ComesBackAsItWentOut) {
  const Codec codec(kOld);
  const std::string text = sealed(codec);
  EXPECT_LE(text.size(), TokenCodec::kMaxText);
  const auto token = codec.open(text, "", kNow);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->session, sample().session);
  EXPECT_EQ(token->region, sample().region);
  EXPECT_EQ(token->endpoint, sample().endpoint);
  EXPECT_EQ(token->epoch, 7u);
  EXPECT_EQ(token->issued, kNow);
  EXPECT_EQ(token->idle_expiry, sample().idle_expiry);
  EXPECT_EQ(token->absolute_expiry, sample().absolute_expiry);
  EXPECT_TRUE(token->current);
}

TEST(Token, IsACookieValueAndSaysNothingOfItsContent) {
  const Codec codec(kOld);
  const std::string text = sealed(codec);
  EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  EXPECT_NE(text, sealed(codec)) << "each seal has a nonce of its own";
}

TEST(Token, NoFlippedBitIsAccepted) {
  const Codec codec(kOld);
  const std::string text = sealed(codec);
  ASSERT_EQ(opened(codec, text), "good") << "and is known from now on";
  for (size_t i = 0; i < text.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string forged = text;
      forged[i] = static_cast<char>(forged[i] ^ 1 << bit);
      EXPECT_NE(opened(codec, forged), "good") << i << " " << bit;
    }
  }
}

TEST(Token, NoFlippedBitOfTheBinaryIsAccepted) {
  const Codec codec(kNew);
  const std::string text = sealed(codec);
  std::vector<uint8_t> binary(text.size());
  binary.resize(*base::base64url_decode(text, binary.data()));
  for (size_t i = 0; i < binary.size() * 8; ++i) {
    std::vector<uint8_t> forged = binary;
    forged[i / 8] = static_cast<uint8_t>(forged[i / 8] ^ 1u << i % 8);
    std::string again(base::base64url_size(forged.size()), '\0');
    again.resize(base::base64url_encode(forged, again.data()));
    const std::string verdict = opened(codec, again);
    EXPECT_EQ(verdict, i < 8 ? "malformed" : verdict == "key_unknown" ? "key_unknown" : "forged") << i;
    EXPECT_TRUE(verdict != "key_unknown" || i < 16) << i;
  }
}

TEST(Token, OtherLengthsAreMalformed) {
  const Codec codec(kOld);
  const std::string text = sealed(codec);
  for (size_t size = 0; size < text.size(); ++size) EXPECT_EQ(opened(codec, text.substr(0, size)), "malformed") << size;
  for (const std::string& tail : {std::string("A"), std::string("="), std::string(40, 'A'), std::string(100'000, 'A')})
    EXPECT_EQ(opened(codec, text + tail), "malformed");
}

TEST(Token, ForeignCharactersAreMalformed) {
  const Codec codec(kOld);
  for (const char c : {'+', '/', '=', ' ', '\0', '\n', '%', '.', '\xff'}) {
    std::string text = sealed(codec);
    text[30] = c;
    EXPECT_EQ(opened(codec, text), "malformed");
  }
}

TEST(Token, AnotherKeyUnderTheSameIdIsForged) {
  const Codec codec(kOld), other({{1, "another secret of thirty-two byte"}});
  EXPECT_EQ(opened(other, sealed(codec)), "forged");
}

TEST(Token, BelongsToItsCookie) {
  const Codec codec(kOld), other(kOld, {"rhumb2", "/"});
  EXPECT_EQ(opened(other, sealed(codec)), "forged");
}

TEST(Token, BelongsToItsScope) {
  const Codec codec(kOld), path(kOld, {"rhumb", "/app"}), shifted(kOld, {"rhum", "b/"});
  EXPECT_EQ(opened(path, sealed(codec)), "forged");
  EXPECT_EQ(opened(codec, sealed(path)), "forged");
  EXPECT_EQ(opened(shifted, sealed(codec)), "forged") << "a name and a path are no other two with the same letters";
}

TEST(Token, BelongsToItsTenant) {
  const Codec codec(kOld);
  const std::string of_acme = sealed(codec, sample(), "acme"), of_nobody = sealed(codec);
  EXPECT_EQ(opened(codec, of_acme, kNow, "acme"), "good");
  for (const char* tenant : {"", "acm", "acme ", "Acme", "initech"})
    EXPECT_EQ(opened(codec, of_acme, kNow, tenant), "forged") << tenant << ", although it is known by now";
  EXPECT_EQ(opened(codec, of_nobody), "good");
  EXPECT_EQ(opened(codec, of_nobody, kNow, "acme"), "forged");
  EXPECT_EQ(opened(codec, of_acme, kNow, "acme"), "good") << "who came between has not changed that";
  const Codec longer(kOld, {"rhumb", "/acme"});
  EXPECT_EQ(opened(longer, of_acme), "forged") << "a path is no tenant";
}

// More of a tenant's name than is remembered.
TEST(Token, BelongsToATenantOfAnyLength) {
  const Codec codec(kOld);
  for (const size_t size : {63u, 64u, 65u, 30'000u}) {
    std::string tenant(size, 't');
    const std::string text = sealed(codec, sample(), tenant);
    for (int round = 0; round < 2; ++round) EXPECT_EQ(opened(codec, text, kNow, tenant), "good") << size;
    tenant.back() = 'u';
    EXPECT_EQ(opened(codec, text, kNow, tenant), "forged") << size;
    EXPECT_EQ(opened(codec, text, kNow, tenant.substr(1)), "forged") << size;
  }
}

TEST(Token, OneOfTheVersionBeforeIsReadUntilItExpires) {
  const Codec codec(kNew), other(kOld, {"rhumb2", "/"});
  const std::string text = sealed_before(kOld, "rhumb"), newest = sealed_before(kNew, "rhumb");
  for (int round = 0; round < 2; ++round) {
    for (const char* tenant : {"", "acme"}) {
      const auto token = codec.open(text, tenant, kNow);
      ASSERT_TRUE(token);
      EXPECT_EQ(token->session, sample().session);
      EXPECT_EQ(token->region, sample().region);
      EXPECT_EQ(token->epoch, 7u);
      EXPECT_FALSE(token->current) << "so that its client gets one of this version";
      EXPECT_FALSE(codec.open(newest, tenant, kNow)->current);
    }
  }
  EXPECT_EQ(opened(codec, text, kNow + Seconds(1800)), "expired");
  EXPECT_EQ(opened(other, text), "forged") << "its cookie's name was in it";
}

TEST(Token, NoVersionPassesForAnother) {
  const Codec codec(kOld);
  std::vector<uint8_t> binary(TokenCodec::kMaxText);
  const auto with_version = [&](const std::string& text, uint8_t version) {
    const size_t size = *base::base64url_decode(text, binary.data());
    binary[0] = version;
    std::string out(base::base64url_size(size), '\0');
    base::base64url_encode({binary.data(), size}, out.data());
    return out;
  };
  EXPECT_EQ(opened(codec, with_version(sealed(codec), 1)), "forged");
  EXPECT_EQ(opened(codec, with_version(sealed_before(kOld, "rhumb"), 2)), "forged");
  EXPECT_EQ(opened(codec, with_version(sealed(codec), 3)), "malformed");
}

TEST(Token, EverySealIsCountedAndNoOpening) {
  Codec codec(kOld);
  const std::string text = sealed(codec);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(opened(codec, sealed(codec)), "good");
  EXPECT_EQ(opened(codec, text), "good");
  EXPECT_EQ(codec.sealed(), 5u);
}

TEST(Token, AKeyThatIsUsedUpSealsNoMoreAndStillOpens) {
  Codec codec(kOld, kScope, SealCount::kMost - 1);
  EXPECT_TRUE(codec.may_seal());
  const std::string last = sealed(codec);
  EXPECT_FALSE(codec.may_seal());
  EXPECT_EQ(sealed(codec), "");
  EXPECT_EQ(opened(codec, last), "good");
  EXPECT_EQ(codec.refused(), 2u);
}

TEST(Token, WithoutACountNothingIsSealed) {
  const TokenCodec codec(kOld, kScope, nullptr);
  EXPECT_FALSE(codec.may_seal());
  EXPECT_EQ(sealed(codec), "");
  EXPECT_EQ(opened(codec, sealed(Codec(kOld))), "good");
}

TEST(Token, OldKeysOpenAndTheNewestSeals) {
  const Codec before(kOld), after(kNew);
  const auto token = after.open(sealed(before), "", kNow);
  ASSERT_TRUE(token);
  EXPECT_FALSE(token->current);
  EXPECT_TRUE(after.open(sealed(after), "", kNow)->current);
  EXPECT_EQ(opened(before, sealed(after)), "key_unknown");
}

TEST(Token, WithoutKeysNothingIsSealedOrOpened) {
  const Codec none({}), some(kOld);
  EXPECT_EQ(sealed(none), "");
  EXPECT_EQ(opened(none, sealed(some)), "key_unknown");
}

TEST(Token, ExpiresWhenIdleAndWhenOld) {
  const Codec codec(kOld);
  const std::string text = sealed(codec);
  EXPECT_EQ(opened(codec, text, kNow + Seconds(1800) - Micros(1)), "good");
  EXPECT_EQ(opened(codec, text, kNow + Seconds(1800)), "expired");
  Token old = sample();
  old.idle_expiry = kNow + Seconds(1'000'000);
  EXPECT_EQ(opened(codec, sealed(codec, old), kNow + Seconds(86400) - Micros(1)), "good");
  EXPECT_EQ(opened(codec, sealed(codec, old), kNow + Seconds(86400)), "expired");
}

TEST(Token, ToleratesFiveMinutesBetweenClocks) {
  const Codec codec(kOld);
  const std::string text = sealed(codec);
  EXPECT_EQ(opened(codec, text, kNow - Seconds(300)), "good");
  EXPECT_EQ(opened(codec, text, kNow - Seconds(300) - Micros(1)), "expired");
}

TEST(Token, KeysOfNamesAreTheirDigestsAndNeverChange) {
  EXPECT_EQ(region_key("abc"), 0xba7816bf8f01cfeau);  // FIPS 180-4's example
  EXPECT_EQ(endpoint_key("abc"), region_key("abc"));
  EXPECT_NE(region_key("eu-west"), region_key("eu-east"));
}

}  // namespace
}  // namespace rhumb::sessions
