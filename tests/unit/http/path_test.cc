// SPDX-License-Identifier: Apache-2.0
// canonical_path() (http/path.cc).
#include <gtest/gtest.h>

#include "http/uri.h"
#include "http_testing.h"

namespace rhumb::http {
namespace {

class PathTest : public ::testing::Test {
 protected:
  std::string canonical(std::string_view path) {
    const auto result = canonical_path(path, memory_.arena);
    return result ? std::string(*result) : std::string(base::info(result.error().kind).name);
  }
  testing::Memory memory_;
};

TEST_F(PathTest, CanonicalPathsAreTheArgumentItself) {
  for (std::string_view path : {"/", "/a", "/a/b/", "//", "/a//b", "/.well-known/x", "/...", "/a..", "/..a", "/a.b",
                                "/caf%C3%A9", "/a%20b", "/%25", "/a;b=c", "/a:b@c!$&'()*+,=~", "/%252e%252e/"}) {
    const auto result = canonical_path(path, memory_.arena);
    ASSERT_TRUE(result) << path;
    EXPECT_EQ(*result, path);
    EXPECT_EQ(result->data(), path.data()) << path;
  }
}

TEST_F(PathTest, UnreservedCharactersAreDecoded) {
  EXPECT_EQ(canonical("/%61%7E%2D%5F%30"), "/a~-_0");
  EXPECT_EQ(canonical("/a%2Eb"), "/a.b");
  EXPECT_EQ(canonical("/%41dmin"), "/Admin");
}

TEST_F(PathTest, OtherEncodingsAreUpperCase) {
  EXPECT_EQ(canonical("/%c3%a9%20%3f"), "/%C3%A9%20%3F");
  EXPECT_EQ(canonical("/%3B%3a"), "/%3B%3A");
}

TEST_F(PathTest, DotSegmentsAreRemoved) {
  EXPECT_EQ(canonical("/a/./b"), "/a/b");
  EXPECT_EQ(canonical("/a/../b"), "/b");
  EXPECT_EQ(canonical("/a/b/../../c"), "/c");
  EXPECT_EQ(canonical("/a/.."), "/");
  EXPECT_EQ(canonical("/a/b/.."), "/a/");
  EXPECT_EQ(canonical("/a/."), "/a/");
  EXPECT_EQ(canonical("/."), "/");
  EXPECT_EQ(canonical("/./"), "/");
  EXPECT_EQ(canonical("/a//../b"), "/a/b");
  EXPECT_EQ(canonical("//.."), "/");
}

TEST_F(PathTest, NothingLeavesTheRoot) {
  for (std::string_view path : {"/..", "/../", "/../a", "/a/../..", "/a/../../b", "/./.."})
    EXPECT_EQ(canonical(path), "bad_request") << path;
}

TEST_F(PathTest, HiddenDotSegmentsAreRefused) {
  for (std::string_view path :
       {"/%2e", "/%2E%2E/", "/a/%2e%2e/b", "/a/.%2e", "/a/%2e./b", "/a/..;/b", "/a/..;x=1", "/a/.;/b", "/a/%2e%2e;/b"})
    EXPECT_EQ(canonical(path), "bad_request") << path;
}

TEST_F(PathTest, EncodedSlashBackslashAndNulAreRefused) {
  for (std::string_view path : {"/a%2fb", "/a%2Fb", "/a%5cb", "/a%5Cb", "/a%00", "/a\\b", "/\\"})
    EXPECT_EQ(canonical(path), "bad_request") << path;
}

TEST_F(PathTest, BadEncodingsAreRefused) {
  for (std::string_view path : {"/%", "/%4", "/%zz", "/%4g", "/%g4", "/%%41", "/a%u0041", "/% 41"})
    EXPECT_EQ(canonical(path), "bad_request") << path;
}

TEST_F(PathTest, OverlongUtf8IsRefused) {
  for (std::string_view path : {"/%c0%af", "/%C0%AE%C0%AE/", "/%c1%9c", "/%e0%80%af", "/%f0%80%80%af"})
    EXPECT_EQ(canonical(path), "bad_request") << path;
  EXPECT_EQ(canonical("/%C0x"), "/%C0x") << "a lone byte of another encoding";
  EXPECT_EQ(canonical("/%E0%A4%85"), "/%E0%A4%85");
  EXPECT_EQ(canonical("/%F0%9F%98%80"), "/%F0%9F%98%80");
}

TEST_F(PathTest, WhatIsNoPathIsRefused) {
  for (std::string_view path : {"", "a", "*", "?", "/a?b", "/a#b", "/a b", "/a\tb", "/caf\xc3\xa9", "/\x7f"})
    EXPECT_EQ(canonical(path), "bad_request") << path;
  EXPECT_EQ(canonical(std::string_view("/a\0b", 4)), "bad_request");
}

TEST_F(PathTest, CanonicalFormsStayAsTheyAre) {
  const char* const pieces[] = {"/", "a", ".", "..", "%2e", "%41", "%c3", "%2F", "%", ";", "%a9", "%C0", "b"};
  size_t accepted = 0;
  for (const char* a : pieces)
    for (const char* b : pieces)
      for (const char* c : pieces)
        for (const char* d : pieces) {
          const std::string path = std::string("/") + a + b + c + d;
          const auto once = canonical_path(path, memory_.arena);
          if (!once) continue;
          ++accepted;
          const auto twice = canonical_path(*once, memory_.arena);
          ASSERT_TRUE(twice) << path << " -> " << *once;
          EXPECT_EQ(*once, *twice) << path;
          EXPECT_EQ(once->find("/../"), std::string_view::npos) << path;
        }
  EXPECT_GT(accepted, 1000u);
}

}  // namespace
}  // namespace rhumb::http
