// SPDX-License-Identifier: Apache-2.0
#include "filters/trace_context.h"

#include <gtest/gtest.h>

#include <string>

namespace rhumb::filters {
namespace {

const std::string kGood = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContext, ReadsAValidTraceparent) {
  const auto parent = parse_traceparent(kGood);
  ASSERT_TRUE(parent);
  EXPECT_EQ(parent->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(parent->flags, 1);
}

TEST(TraceContext, ReadsTheKnownPartOfLaterVersions) {
  EXPECT_TRUE(parse_traceparent("cc" + kGood.substr(2)));
  EXPECT_TRUE(parse_traceparent("cc" + kGood.substr(2) + "-what-comes-next"));
  EXPECT_FALSE(parse_traceparent("cc" + kGood.substr(2) + "x"));
}

TEST(TraceContext, RefusesWhatIsNotExactlyThat) {
  std::string zero_trace = kGood, zero_parent = kGood, upper = kGood;
  zero_trace.replace(3, 32, 32, '0');
  zero_parent.replace(36, 16, 16, '0');
  upper[3] = 'A', upper[4] = 'B';
  for (const std::string& text :
       {std::string(), kGood.substr(0, 54), kGood + "-", kGood + "0", "ff" + kGood.substr(2), zero_trace, zero_parent,
        upper, " " + kGood, "0x" + kGood.substr(2), kGood.substr(0, 53) + "0g"})
    EXPECT_FALSE(parse_traceparent(text)) << text;
  for (size_t i = 0; i < kGood.size(); ++i) {
    std::string broken = kGood;
    broken[i] = 'Z';
    EXPECT_FALSE(parse_traceparent(broken)) << i;
  }
}

TEST(TraceContext, ChecksTracestate) {
  for (const char* text :
       {"rojo=00f067aa0ba902b7", "rojo=1,congo=t61rcWkgMzE", "a=1 , b=2", "fw529a3039@dt=FfZ", "a*/_-=x", "a=1,,b=2"})
    EXPECT_TRUE(valid_tracestate(text)) << text;
  for (const char* text :
       {"", ",", "a", "=1", "A=1", "a=", "a=b=c", "@dt=1", "a@=1", "a@b@c=1", "a b=1", "a=\x01", "a=\xff"})
    EXPECT_FALSE(valid_tracestate(text)) << text;
}

TEST(TraceContext, LimitsTracestate) {
  std::string members = "a=1";
  for (int i = 1; i < 32; ++i) members += ",a=1";
  EXPECT_TRUE(valid_tracestate(members));
  EXPECT_FALSE(valid_tracestate(members + ",a=1"));
  EXPECT_TRUE(valid_tracestate("a=" + std::string(256, 'x')));
  EXPECT_FALSE(valid_tracestate("a=" + std::string(257, 'x')));
  EXPECT_FALSE(valid_tracestate("a=" + std::string(255, 'x') + ",b=" + std::string(255, 'x')));
}

}  // namespace
}  // namespace rhumb::filters
