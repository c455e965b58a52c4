// SPDX-License-Identifier: Apache-2.0
#include "http/h1_parser.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "http_testing.h"

namespace rhumb::http {
namespace {

using testing::join;
using testing::Memory;
using testing::Vector;
using testing::Words;

HeadLimits limits_of(const Vector& v) {
  HeadLimits limits;
  limits.request_line = static_cast<uint32_t>(std::stoul(v.option("line", "8192")));
  limits.head = static_cast<uint32_t>(std::stoul(v.option("head", "32768")));
  limits.fields = static_cast<uint16_t>(std::stoul(v.option("fields", "100")));
  return limits;
}

/// Every way of cutting the bytes must give what is expected, and the same in every detail.
void check(const Vector& v, const std::function<Words(const std::vector<size_t>&)>& parse) {
  const Words whole = parse({v.bytes.size()});
  for (const std::string& word : v.expect)
    EXPECT_TRUE(whole.count(word)) << v.file << ":" << v.line << " " << v.name << "\n  expected: " << word
                                   << "\n  got:      " << join(whole);
  testing::for_each_cut(v.bytes.size(), [&](const std::vector<size_t>& ends, const std::string& how) {
    const Words other = parse(ends);
    EXPECT_EQ(join(whole), join(other)) << v.file << ":" << v.line << " " << v.name << ", " << how;
  });
}

TEST(RequestParserTest, JudgesEveryVectorTheSameHoweverItsBytesArrive) {
  const auto vectors = testing::read_vectors("requests.txt");
  EXPECT_GE(vectors.size(), 150u);
  for (const Vector& v : vectors)
    check(v, [&](const auto& ends) { return testing::parse_request(v.bytes, ends, limits_of(v)); });
}

TEST(ResponseParserTest, JudgesEveryVectorTheSameHoweverItsBytesArrive) {
  const auto vectors = testing::read_vectors("responses.txt");
  EXPECT_GE(vectors.size(), 60u);
  for (const Vector& v : vectors) {
    const Method method = method_of(v.option("method", "GET"));
    check(v, [&](const auto& ends) { return testing::parse_response(v.bytes, ends, method, limits_of(v)); });
  }
}

}  // namespace
}  // namespace rhumb::http
