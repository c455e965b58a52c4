// SPDX-License-Identifier: Apache-2.0
#include "base/crypto.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"

namespace rhumb::base {
namespace {

using Bytes = std::vector<uint8_t>;

std::string unhex(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<char>(hex_value(hex[i]) * 16 + hex_value(hex[i + 1])));
  return out;
}

template <size_t N>
std::string raw(const std::array<uint8_t, N>& bytes) {
  return {bytes.begin(), bytes.end()};
}

Bytes seal(const Aead& aead, std::string_view plain, std::string_view associated) {
  Bytes out(plain.size() + Aead::kOverhead);
  EXPECT_TRUE(aead.seal(plain, {associated}, out.data()));
  return out;
}

std::optional<std::string> open(const Aead& aead, const Bytes& sealed, std::string_view associated) {
  std::string out(sealed.size() < Aead::kOverhead ? 0 : sealed.size() - Aead::kOverhead, '#');
  if (!aead.open(sealed, {associated}, reinterpret_cast<uint8_t*>(out.data()))) return std::nullopt;
  return out;
}

const std::string kSecret = "0123456789abcdef0123456789abcdef";

TEST(Digest, Sha256AndSha1GiveTheirKnownAnswers) {
  EXPECT_EQ(raw(sha256("")), unhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  EXPECT_EQ(raw(sha256("abc")), unhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  EXPECT_EQ(raw(sha1("")), unhex("da39a3ee5e6b4b0d3255bfef95601890afd80709"));
  EXPECT_EQ(raw(sha1("abc")), unhex("a9993e364706816aba3e25717850c26c9cd0d89d"));
  EXPECT_EQ(raw(sha256("abc")), raw(sha256(std::string("abc"))));  // the context is used again
}

TEST(Digest, AnswersTheWebSocketHandshakeOfRfc6455) {
  EXPECT_EQ(base64(sha1("dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11")),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Hmac, GivesTheAnswersOfRfc4231) {
  const struct {
    std::string key, message, mac;
  } cases[] = {
      {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {unhex("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
       "hashed "
       "before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const auto& c : cases) EXPECT_EQ(raw(hmac_sha256(c.key, c.message)), unhex(c.mac)) << c.message;
}

TEST(Hmac, TakesAnEmptyKeyForAnEmptyKeyNotForTheLastOne) {
  hmac_sha256("another key", "x");
  const std::string expected = unhex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  EXPECT_EQ(raw(hmac_sha256({}, {})), expected);
  EXPECT_EQ(raw(hmac_sha256("", "")), expected);
}

TEST(Hmac, IsTheSameOnEveryThread) {
  const auto here = hmac_sha256("key", "message");
  std::array<uint8_t, 32> there{};
  std::thread([&] { there = hmac_sha256("key", "message"); }).join();
  EXPECT_EQ(here, there);
}

TEST(Compare, IsEqualOnlyForEqualTexts) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("abc", "ab"));
  EXPECT_FALSE(equal_constant_time("", "a"));
}

TEST(RandomBytes, FillsAllOfItAndDiffersEveryTime) {
  std::set<uint64_t> seen;
  for (int i = 0; i < 100; ++i) seen.insert(random_u64());
  EXPECT_EQ(seen.size(), 100u);
  Bytes large(4096), touched(4096);
  for (int i = 0; i < 8; ++i) {
    random_bytes(large);
    for (size_t k = 0; k < large.size(); ++k) touched[k] |= large[k];
  }
  EXPECT_EQ(std::count(touched.begin(), touched.end(), 0), 0);
}

TEST(Aead, OpensWhatAnotherImplementationSealed) {
  const Aead aead(Aead::derive(kSecret));
  const std::string sealed = unhex(
      "0102030405060708090a0b0ca193fd5b29f1c0b6028666cd1cb0c7a1046a85ad4b0fb0b022a6551ebd766cb4e74535423bf503d804");
  EXPECT_EQ(open(aead, Bytes(sealed.begin(), sealed.end()), "v1:rhumb"), "the session is in eu-west");
}

TEST(Aead, DerivesItsKeyFromAllOfTheSecret) {
  EXPECT_EQ(raw(Aead::derive(kSecret)), unhex("586a31262d36afd75844ff5f162d07840acf9350783eb66531edd32065474f60"));
  EXPECT_NE(Aead::derive(kSecret), Aead::derive(kSecret + "0"));
}

TEST(Aead, OpensWhatItSealedAtAnySize) {
  const Aead aead(Aead::derive(kSecret));
  for (const size_t size : {0, 1, 15, 16, 17, 64, 1000, 70'000}) {
    const std::string plain(size, 'p');
    for (const std::string& associated : {std::string(), std::string("v1:rhumb"), std::string(100, 'a')})
      EXPECT_EQ(open(aead, seal(aead, plain, associated), associated), plain) << size;
  }
  EXPECT_EQ(open(aead, seal(aead, {}, {}), {}), "");
}

TEST(Aead, NeverSealsTheSameWayTwice) {
  const Aead aead(Aead::derive(kSecret));
  std::set<Bytes> seen;
  for (int i = 0; i < 100; ++i) seen.insert(seal(aead, "same", "same"));
  EXPECT_EQ(seen.size(), 100u);
}

TEST(Aead, RefusesEveryFlippedBitAndLeavesNoPlaintextBehind) {
  const Aead aead(Aead::derive(kSecret));
  const std::string plain = "the session is in eu-west";
  Bytes sealed = seal(aead, plain, "v1");
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    sealed[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    std::string out(plain.size(), '#');
    EXPECT_FALSE(aead.open(sealed, {"v1"}, reinterpret_cast<uint8_t*>(out.data()))) << bit;
    EXPECT_EQ(out, std::string(plain.size(), '\0')) << bit;
    sealed[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
  }
  EXPECT_EQ(open(aead, sealed, "v1"), plain);  // and none of that hurt the context
}

TEST(Aead, RefusesEveryTruncationAndExtension) {
  const Aead aead(Aead::derive(kSecret));
  const Bytes sealed = seal(aead, "region", "v1");
  for (size_t size = 0; size < sealed.size(); ++size)
    EXPECT_FALSE(open(aead, Bytes(sealed.begin(), sealed.begin() + static_cast<long>(size)), "v1")) << size;
  Bytes longer = sealed;
  longer.push_back(0);
  EXPECT_FALSE(open(aead, longer, "v1"));
}

TEST(Aead, RefusesAnotherKeyAndOtherAssociatedData) {
  const Aead aead(Aead::derive(kSecret)), other(Aead::derive(kSecret + "x"));
  const Bytes sealed = seal(aead, "region", "v1:rhumb");
  EXPECT_FALSE(open(other, sealed, "v1:rhumb"));
  for (const char* associated : {"", "v1:rhumc", "v1:rhum", "v1:rhumb "}) EXPECT_FALSE(open(aead, sealed, associated));
  EXPECT_EQ(open(aead, sealed, "v1:rhumb"), "region");
}

TEST(Aead, TakesItsAssociatedDataInParts) {
  const Aead aead(Aead::derive(kSecret));
  Bytes sealed(6 + Aead::kOverhead), opened(6);
  ASSERT_TRUE(aead.seal("region", {"v1:", {}, "rhumb"}, sealed.data()));
  EXPECT_EQ(open(aead, sealed, "v1:rhumb"), "region");
  EXPECT_TRUE(aead.open(sealed, {"v", "1:rhumb", ""}, opened.data()));
  EXPECT_FALSE(aead.open(sealed, {"v1:"}, opened.data()));
  EXPECT_FALSE(aead.open(sealed, {}, opened.data()));
}

TEST(Aead, CanBeMoved) {
  Aead first(Aead::derive(kSecret));
  const Bytes sealed = seal(first, "region", "v1");
  const Aead second = std::move(first);
  EXPECT_EQ(open(second, sealed, "v1"), "region");
}

std::string encoded(std::string_view bytes) {
  std::string out(base64url_size(bytes.size()), '#');
  EXPECT_EQ(base64url_encode({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, out.data()), out.size());
  return out;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out(text.size() * 3 / 4, '#');
  const auto size = base64url_decode(text, reinterpret_cast<uint8_t*>(out.data()));
  if (!size) return std::nullopt;
  EXPECT_EQ(*size, out.size());
  return out;
}

TEST(Base64, PadsAsRfc4648Says) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : cases) {
    const std::string_view view = plain;
    EXPECT_EQ(base64({reinterpret_cast<const uint8_t*>(view.data()), view.size()}), text);
  }
}

TEST(Base64Url, HasNoPaddingAndItsOwnLastTwoCharacters) {
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg");
  EXPECT_EQ(encoded("fo"), "Zm8");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("\xfb\xff\xbf"), "-_-_");
}

TEST(Base64Url, IsReadBackAtEverySize) {
  Random random(9);
  for (size_t size = 0; size < 200; ++size) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random.next());
    EXPECT_EQ(decoded(encoded(bytes)), bytes);
  }
}

TEST(Base64Url, HasExactlyOneTextForAnyBytes) {
  // Of all texts of two and of three characters, those that are read back are those that would be written.
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  int two = 0, three = 0;
  for (const char a : alphabet)
    for (const char b : alphabet) {
      two += decoded(std::string{a, b}).has_value();
      three += decoded(std::string{'A', a, b}).has_value();
    }
  EXPECT_EQ(two, 256);
  EXPECT_EQ(three, 64 * 16);
}

TEST(Base64Url, RefusesForeignCharactersAndLengths) {
  for (const char* bad :
       {"Z", "Zm9vZ", "Zg==", "Zg=", "Zm+v", "Zm/v", "Zm9 ", " m9v", "Zm9v\n", "Zm\xc3\xa9", "Zh", "Zm9"})
    EXPECT_FALSE(decoded(bad)) << bad;
  EXPECT_FALSE(decoded(std::string_view("Zm9\0", 4)));
}

}  // namespace
}  // namespace rhumb::base
