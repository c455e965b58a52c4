// SPDX-License-Identifier: Apache-2.0
#include "decision/facts.h"

#include <gtest/gtest.h>

namespace rhumb::decision {
namespace {

TEST(TenantKey, NoNameIsNoTenant) {
  EXPECT_EQ(tenant_key(""), 0u);
  EXPECT_NE(tenant_key("acme"), 0u);
  EXPECT_NE(tenant_key("acme"), tenant_key("Acme"));
}

TEST(TenantKey, IsTheSameInEveryRelease) {
  EXPECT_EQ(tenant_key("acme"), 14206586390525355686u) << "recordings hold it";
}

}  // namespace
}  // namespace rhumb::decision
