// SPDX-License-Identifier: Apache-2.0
#include "config/json_writer.h"

#include <gtest/gtest.h>

namespace rhumb::config {
namespace {

TEST(JsonWriter, PutsCommasAndIndents) {
  JsonWriter out;
  out.open('{');
  out.member("a", "x");
  out.key("b"), out.open('['), out.raw("1"), out.raw("true"), out.open('{'), out.close(), out.close();
  out.key("c"), out.open('['), out.close();
  out.close();
  EXPECT_EQ(out.take(), "{\n  \"a\": \"x\",\n  \"b\": [\n    1,\n    true,\n    {}\n  ],\n  \"c\": []\n}\n");
}

TEST(JsonWriter, EscapesNamesAndTexts) {
  JsonWriter out;
  out.open('{');
  out.member("a\"b", "line\nend\\");
  out.close();
  EXPECT_EQ(out.take(), "{\n  \"a\\\"b\": \"line\\u000aend\\\\\"\n}\n");
}

}  // namespace
}  // namespace rhumb::config
