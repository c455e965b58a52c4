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

std::string sealed(const TokenCodec& codec, const Token& token = sample()) {
  std::string text(TokenCodec::kMaxText, '\0');
  text.resize(codec.seal(token, text.data()));
  return text;
}

/// What open() says: "good", or the error.
std::string opened(const TokenCodec& codec, std::string_view text, WallTime now = kNow) {
  const auto token = codec.open(text, now);
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
  const TokenCodec codec(kOld, "rhumb");
  const std::string text = sealed(codec);
  EXPECT_EQ(opened(codec, text), "good");
  EXPECT_EQ(opened(codec, text), "good");
  EXPECT_EQ(opened(codec, text, kNow + Seconds(1800)), "expired");
  EXPECT_EQ(opened(codec, text, kNow - TokenCodec::kSkew - Seconds(1)), "expired") << "issued in the future";
  EXPECT_EQ(opened(codec, text), "good");
}

TEST(Token, AKnownOneDoesNotLendItsSealToAnother) {
  const TokenCodec codec(kOld, "rhumb");
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
  const TokenCodec codec(kOld, "rhumb");
  std::vector<std::string> texts;
  for (uint32_t i = 0; i < 2000; ++i) {
    Token token = sample();
    token.epoch = i;
    texts.push_back(sealed(codec, token));
  }
  for (int round = 0; round < 2; ++round) {
    for (uint32_t i = 0; i < texts.size(); ++i) {
      const auto token = codec.open(texts[i], kNow);
      ASSERT_TRUE(token);
      ASSERT_EQ(token->epoch, i);
    }
  }
}

TEST(Token, WithoutKeysNothingOpens) {
  const TokenCodec with(kOld, "rhumb"), without({}, "rhumb");
  EXPECT_EQ(opened(without, sealed(with)), "key_unknown");
  EXPECT_EQ(opened(without, std::string(sealed(with).size(), '\0')), "malformed");
}

TEST(Token, ComesBackAsItWentOut) {
  const TokenCodec codec(kOld, "rhumb");
  const std::string text = sealed(codec);
  EXPECT_LE(text.size(), TokenCodec::kMaxText);
  const auto token = codec.open(text, kNow);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->session, sample().session);
  EXPECT_EQ(token->region, sample().region);
  EXPECT_EQ(token->endpoint, sample().endpoint);
  EXPECT_EQ(token->epoch, 7u);
  EXPECT_EQ(token->issued, kNow);
  EXPECT_EQ(token->idle_expiry, sample().idle_expiry);
  EXPECT_EQ(token->absolute_expiry, sample().absolute_expiry);
  EXPECT_TRUE(token->newest_key);
}

TEST(Token, IsACookieValueAndSaysNothingOfItsContent) {
  const TokenCodec codec(kOld, "rhumb");
  const std::string text = sealed(codec);
  EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  EXPECT_NE(text, sealed(codec)) << "each seal has a nonce of its own";
}

TEST(Token, NoFlippedBitIsAccepted) {
  const TokenCodec codec(kOld, "rhumb");
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
  const TokenCodec codec(kNew, "rhumb");
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
  const TokenCodec codec(kOld, "rhumb");
  const std::string text = sealed(codec);
  for (size_t size = 0; size < text.size(); ++size) EXPECT_EQ(opened(codec, text.substr(0, size)), "malformed") << size;
  for (const std::string& tail : {std::string("A"), std::string("="), std::string(40, 'A'), std::string(100'000, 'A')})
    EXPECT_EQ(opened(codec, text + tail), "malformed");
}

TEST(Token, ForeignCharactersAreMalformed) {
  const TokenCodec codec(kOld, "rhumb");
  for (const char c : {'+', '/', '=', ' ', '\0', '\n', '%', '.', '\xff'}) {
    std::string text = sealed(codec);
    text[30] = c;
    EXPECT_EQ(opened(codec, text), "malformed");
  }
}

TEST(Token, AnotherKeyUnderTheSameIdIsForged) {
  const TokenCodec codec(kOld, "rhumb"), other({{1, "another secret of thirty-two byte"}}, "rhumb");
  EXPECT_EQ(opened(other, sealed(codec)), "forged");
}

TEST(Token, BelongsToItsCookie) {
  const TokenCodec codec(kOld, "rhumb"), other(kOld, "rhumb2");
  EXPECT_EQ(opened(other, sealed(codec)), "forged");
}

TEST(Token, OldKeysOpenAndTheNewestSeals) {
  const TokenCodec before(kOld, "rhumb"), after(kNew, "rhumb");
  const auto token = after.open(sealed(before), kNow);
  ASSERT_TRUE(token);
  EXPECT_FALSE(token->newest_key);
  EXPECT_TRUE(after.open(sealed(after), kNow)->newest_key);
  EXPECT_EQ(opened(before, sealed(after)), "key_unknown");
}

TEST(Token, WithoutKeysNothingIsSealedOrOpened) {
  const TokenCodec none({}, "rhumb"), some(kOld, "rhumb");
  EXPECT_EQ(sealed(none), "");
  EXPECT_EQ(opened(none, sealed(some)), "key_unknown");
}

TEST(Token, ExpiresWhenIdleAndWhenOld) {
  const TokenCodec codec(kOld, "rhumb");
  const std::string text = sealed(codec);
  EXPECT_EQ(opened(codec, text, kNow + Seconds(1800) - Micros(1)), "good");
  EXPECT_EQ(opened(codec, text, kNow + Seconds(1800)), "expired");
  Token old = sample();
  old.idle_expiry = kNow + Seconds(1'000'000);
  EXPECT_EQ(opened(codec, sealed(codec, old), kNow + Seconds(86400) - Micros(1)), "good");
  EXPECT_EQ(opened(codec, sealed(codec, old), kNow + Seconds(86400)), "expired");
}

TEST(Token, ToleratesFiveMinutesBetweenClocks) {
  const TokenCodec codec(kOld, "rhumb");
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
