// SPDX-License-Identifier: Apache-2.0
#include "config/node.h"

#include <gtest/gtest.h>

namespace rhumb::config {
namespace {

TEST(Node, FindsAMemberByItsKey) {
  Node node;
  node.kind = Node::Kind::mapping;
  node.members.push_back({"a", {}, {}});
  node.members.push_back({"b", {}, {}});
  EXPECT_EQ(node.find("b"), &node.members[1].value);
  EXPECT_EQ(node.find("c"), nullptr);
  EXPECT_EQ(Node{}.find("a"), nullptr);
}

}  // namespace
}  // namespace rhumb::config
