// SPDX-License-Identifier: Apache-2.0
#include "http/message.h"

#include <gtest/gtest.h>

namespace rhumb::http {
namespace {

TEST(MethodTest, KnowsTheMethodsByTheirExactName) {
  EXPECT_EQ(method_of("GET"), Method::get);
  EXPECT_EQ(method_of("HEAD"), Method::head);
  EXPECT_EQ(method_of("POST"), Method::post);
  EXPECT_EQ(method_of("PUT"), Method::put);
  EXPECT_EQ(method_of("DELETE"), Method::delete_);
  EXPECT_EQ(method_of("OPTIONS"), Method::options);
  EXPECT_EQ(method_of("PATCH"), Method::patch);
  EXPECT_EQ(method_of("TRACE"), Method::trace);
  EXPECT_EQ(method_of("CONNECT"), Method::connect);
}

TEST(MethodTest, IsCaseSensitiveAndTakesNoPrefix) {
  for (const char* text : {"", "get", "Get", "GE", "GETT", "PROPFIND", "PRI", "DELET", "OPTION", "CONNECTS"})
    EXPECT_EQ(method_of(text), Method::other) << text;
}

TEST(MethodTest, OnlyMethodsKnownToBeSoAreSafeOrIdempotent) {
  EXPECT_TRUE(is_safe(Method::get) && is_safe(Method::head) && is_safe(Method::options));
  EXPECT_FALSE(is_safe(Method::put) || is_safe(Method::post) || is_safe(Method::other));
  EXPECT_TRUE(is_idempotent(Method::put) && is_idempotent(Method::delete_) && is_idempotent(Method::get));
  EXPECT_FALSE(is_idempotent(Method::post) || is_idempotent(Method::patch) || is_idempotent(Method::other));
}

}  // namespace
}  // namespace rhumb::http
