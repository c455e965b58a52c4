// SPDX-License-Identifier: Apache-2.0
#include "http/upgrade.h"

#include <gtest/gtest.h>

#include "http_testing.h"

namespace rhumb::http {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";  // RFC 6455 1.3
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

class UpgradeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    request_.upgrade_websocket = true;
    request_.fields.init(memory_.arena, 4);
    request_.fields.add(FieldId::sec_websocket_key, kKey);
    response_.status = 101;
    response_.fields.init(memory_.arena, 4);
    response_.fields.add("Connection", "Upgrade");
    response_.fields.add("Upgrade", "websocket");
    response_.fields.add("Sec-WebSocket-Accept", kAccept);
  }
  bool accepted() const { return websocket_accepted(request_, response_); }
  testing::Memory memory_;
  RequestHead request_;
  ResponseHead response_;
};

TEST_F(UpgradeTest, AcceptsTheExampleOfTheRfc) {
  EXPECT_EQ(websocket_accept(kKey), kAccept);
  EXPECT_TRUE(accepted());
}

TEST_F(UpgradeTest, NeedsToHaveBeenAskedFor) {
  request_.upgrade_websocket = false;
  EXPECT_FALSE(accepted());
}

TEST_F(UpgradeTest, NeedsStatus101) {
  response_.status = 200;
  EXPECT_FALSE(accepted());
}

TEST_F(UpgradeTest, NeedsTheRightAccept) {
  response_.fields.set(FieldId::sec_websocket_accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOp=");
  EXPECT_FALSE(accepted());
  response_.fields.remove(FieldId::sec_websocket_accept);
  EXPECT_FALSE(accepted());
}

TEST_F(UpgradeTest, NeedsTheAcceptOnce) {
  response_.fields.add("Sec-WebSocket-Accept", kAccept);
  EXPECT_FALSE(accepted());
}

TEST_F(UpgradeTest, NeedsConnectionAndUpgrade) {
  response_.fields.set(FieldId::connection, "close");
  EXPECT_FALSE(accepted());
  response_.fields.set(FieldId::connection, "close, upgrade");
  EXPECT_TRUE(accepted());
  response_.fields.set(FieldId::upgrade, "h2c");
  EXPECT_FALSE(accepted());
}

TEST_F(UpgradeTest, NeedsOneGoodKey) {
  request_.fields.add(FieldId::sec_websocket_key, kKey);
  EXPECT_FALSE(accepted());
  request_.fields.set(FieldId::sec_websocket_key, "short");
  response_.fields.set(FieldId::sec_websocket_accept, memory_.arena.copy(websocket_accept("short")));
  EXPECT_FALSE(accepted());
}

TEST(WebSocketKeyTest, Is16BytesInBase64) {
  EXPECT_TRUE(valid_websocket_key(kKey));
  EXPECT_TRUE(valid_websocket_key("AAAAAAAAAAAAAAAAAAAAAA=="));
  for (std::string_view key : {"", "AAAAAAAAAAAAAAAAAAAAA===", "AAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAAAA",
                               "AAAAAAAAAAAAAAAAAAAAAB==", "AAAAAAAAAAAAAAAAAAAA A==", "AAAAAAAAAAAAAAAAAAAA-A=="})
    EXPECT_FALSE(valid_websocket_key(key)) << key;
}

}  // namespace
}  // namespace rhumb::http
