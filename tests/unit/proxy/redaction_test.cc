// SPDX-License-Identifier: Apache-2.0
#include "proxy/redaction.h"

#include <gtest/gtest.h>
#include <sanitizer/asan_interface.h>

#include <memory>

namespace rhumb::proxy {
namespace {

std::string redacted(std::string_view query, size_t room = 2048) {
  std::string memory(room, '?');
  const SecretParameters secrets(std::vector<std::string>{"token", "api_key"});
  return std::string(redact_query(query, secrets, {memory.data(), memory.size()}));
}

TEST(Redaction, ValuesOfSecretParametersAreReplaced) {
  EXPECT_EQ(redacted("token=abc"), "token=REDACTED");
  EXPECT_EQ(redacted("a=1&token=abc&b=2"), "a=1&token=REDACTED&b=2");
  EXPECT_EQ(redacted("token=a;api_key=b;c=d"), "token=REDACTED;api_key=REDACTED;c=d");
  EXPECT_EQ(redacted("token=a=b&token=c"), "token=REDACTED&token=REDACTED");
}

TEST(Redaction, OtherParametersStayAsTheyAre) {
  for (const char* query :
       {"", "a", "a=1&b", "tokens=1", "tok=1", "x-token=1", "&&", "=", "a=token", "token", "token="})
    EXPECT_EQ(redacted(query), query);
}

TEST(Redaction, ANameIsFoundInAnySpelling) {
  EXPECT_EQ(redacted("ToKeN=abc"), "ToKeN=REDACTED");
  EXPECT_EQ(redacted("%74oken=abc"), "%74oken=REDACTED");
  EXPECT_EQ(redacted("%54%4f%4B%45%4e=abc"), "%54%4f%4B%45%4e=REDACTED");
  EXPECT_EQ(redacted("api%5Fkey=abc"), "api%5Fkey=REDACTED");
  EXPECT_EQ(redacted("%7=abc&%zz=1"), "%7=abc&%zz=1");
}

TEST(Redaction, WhatDoesNotFitIsCutOffAndNoSecretIsLeftByThat) {
  EXPECT_EQ(redacted("a=1&token=abcdefgh", 12), "a=1&token=RE");
  EXPECT_EQ(redacted("abcdef", 3), "abc");
  EXPECT_EQ(redacted("abcdef", 0), "");
}

TEST(Redaction, OfManyNamesEachIsFound) {
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back("name" + std::to_string(i));
  const SecretParameters secrets(names);
  for (const std::string& name : names) EXPECT_TRUE(secrets.contains(name)) << name;
  EXPECT_TRUE(secrets.contains("NAM%45%37"));
  for (const char* other : {"", "name", "name1000", "name7%", "ame7"}) EXPECT_FALSE(secrets.contains(other)) << other;
  EXPECT_FALSE(SecretParameters().contains("name1"));
}

/// What is beyond the room cannot be read here.
TEST(Redaction, S29_WhatIsCutOffIsNotLookedAt) {
  constexpr size_t kRoom = 100;
  std::string text;
  while (text.size() < 8000) text += "token=1&";
  const auto bytes = std::make_unique<char[]>(text.size());
  text.copy(bytes.get(), text.size());
  ASAN_POISON_MEMORY_REGION(bytes.get() + kRoom, text.size() - kRoom);
  EXPECT_EQ(redacted({bytes.get(), text.size()}, kRoom).size(), kRoom);
  ASAN_UNPOISON_MEMORY_REGION(bytes.get(), text.size());
}

TEST(Redaction, HeadersOfCredentialsAreSecret) {
  for (const char* name : {"Cookie", "set-cookie", "AUTHORIZATION", "Proxy-Authorization"})
    EXPECT_TRUE(secret_header(http::field_id(name))) << name;
  for (const char* name : {"User-Agent", "Referer", "X-Cookie"}) EXPECT_FALSE(secret_header(http::field_id(name)));
}

}  // namespace
}  // namespace rhumb::proxy
