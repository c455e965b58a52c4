// SPDX-License-Identifier: Apache-2.0
// Whole heads are in vectors/; here the functions alone, for what the parsers do not show.
#include "http/framing.h"

#include <gtest/gtest.h>

#include "http_testing.h"

namespace rhumb::http {
namespace {

using base::FaultKind;

class FramingTest : public ::testing::Test {
 protected:
  Headers& with(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    headers_.init(memory_.arena, fields.size());
    for (const auto& [name, value] : fields) headers_.add(name, value);
    return headers_;
  }
  testing::Memory memory_;
  Headers headers_;
};

TEST_F(FramingTest, RequestsWithoutFramingFieldsHaveNoBody) {
  EXPECT_EQ(request_framing(Version::http11, with({}))->kind, BodyKind::none);
  EXPECT_EQ(request_framing(Version::http10, with({}))->kind, BodyKind::none);
}

TEST_F(FramingTest, ResponsesWithoutFramingFieldsEndWithTheConnection) {
  EXPECT_EQ(response_framing(Version::http11, 200, Method::get, with({}))->kind, BodyKind::until_close);
}

TEST_F(FramingTest, TheSideDecidesTheFault) {
  Headers& both = with({{"Content-Length", "1"}, {"Transfer-Encoding", "chunked"}});
  EXPECT_EQ(request_framing(Version::http11, both).error().kind, FaultKind::ambiguous_framing);
  EXPECT_EQ(response_framing(Version::http11, 200, Method::get, both).error().kind, FaultKind::upstream_malformed);
}

TEST_F(FramingTest, StatusAndHeadRuleABodyOut) {
  Headers& sized = with({{"Content-Length", "7"}});
  for (uint16_t status : {100, 101, 103, 199, 204, 304})
    EXPECT_EQ(response_framing(Version::http11, status, Method::get, sized)->kind, BodyKind::none) << status;
  EXPECT_EQ(response_framing(Version::http11, 200, Method::head, sized)->kind, BodyKind::none);
  for (uint16_t status : {200, 205, 206, 301, 404, 500})
    EXPECT_EQ(response_framing(Version::http11, status, Method::post, sized)->length, 7u) << status;
}

TEST_F(FramingTest, ANominationIsSpentWhenItIsRead) {
  Headers& fields = with({{"X-Hop", "1"}, {"Connection", "X-Hop"}});
  const ConnectionOptions options = take_connection_options(fields);
  EXPECT_FALSE(options.malformed || options.names_end_to_end || options.close || options.upgrade);
  EXPECT_EQ(fields.find("X-Hop"), nullptr);
  EXPECT_EQ(fields.find(FieldId::connection), nullptr) << "else it would take an X-Hop that is added later";
}

TEST_F(FramingTest, FieldsForTheOtherEndCannotBeNominated) {
  for (std::string_view name : {"Host", "content-length", "Transfer-Encoding", "X-Forwarded-For", "Forwarded", "Via",
                                "Authorization", "Cookie", "X-Region", "traceparent", "Max-Forwards"}) {
    Headers& fields = with({{name, "1"}, {"Connection", name}});
    EXPECT_TRUE(take_connection_options(fields).names_end_to_end) << name;
    EXPECT_NE(fields.find(name), nullptr) << name;
  }
}

TEST_F(FramingTest, ConnectionMayHave32Elements) {
  std::string list;
  for (int i = 0; i < 32; ++i) list += i == 0 ? "a" : ",a";
  EXPECT_FALSE(take_connection_options(with({{"Connection", list}})).malformed);
  EXPECT_TRUE(take_connection_options(with({{"Connection", list}, {"Connection", "close"}})).malformed);
}

TEST_F(FramingTest, PersistenceFollowsVersionAndOptions) {
  ConnectionOptions none, close, keep;
  close.close = true, keep.keep_alive = true;
  EXPECT_TRUE(persists(Version::http11, none));
  EXPECT_FALSE(persists(Version::http11, close));
  EXPECT_FALSE(persists(Version::http10, none));
  EXPECT_TRUE(persists(Version::http10, keep));
  keep.close = true;
  EXPECT_FALSE(persists(Version::http10, keep));
  EXPECT_FALSE(persists(Version::http11, keep));
}

TEST_F(FramingTest, AnExpectationThatMeansNothingIsRemoved) {
  const Framing body{BodyKind::length, 5};
  Headers* fields = &with({{"Expect", "100-continue"}});
  EXPECT_TRUE(*expects_continue(Version::http11, body, *fields));
  EXPECT_TRUE(fields->has(FieldId::expect));
  EXPECT_FALSE(*expects_continue(Version::http11, {}, *fields));
  EXPECT_EQ(fields->find(FieldId::expect), nullptr);
  fields = &with({{"Expect", "cake"}});
  EXPECT_FALSE(*expects_continue(Version::http10, body, *fields));
  EXPECT_EQ(fields->find(FieldId::expect), nullptr);
}

TEST_F(FramingTest, AWebSocketIsAskedForInEveryWayAtOnce) {
  ConnectionOptions options;
  options.upgrade = true;
  RequestHead head;
  head.method = Method::get;
  const auto asks = [&](std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    head.fields = with(fields);
    return asks_for_websocket(head, options);
  };
  EXPECT_TRUE(asks({{"Upgrade", "WebSocket"}}));
  EXPECT_FALSE(asks({}));
  EXPECT_FALSE(asks({{"Upgrade", "h2c"}}));
  EXPECT_FALSE(asks({{"Upgrade", "websocket, h2c"}}));
  EXPECT_FALSE(asks({{"Upgrade", "websocket"}, {"Upgrade", "h2c"}}));
  head.method = Method::post;
  EXPECT_FALSE(asks({{"Upgrade", "websocket"}}));
  head.method = Method::get, head.version = Version::http10;
  EXPECT_FALSE(asks({{"Upgrade", "websocket"}}));
  head.version = Version::http11, head.framing = {BodyKind::length, 0};
  EXPECT_FALSE(asks({{"Upgrade", "websocket"}}));
  head.framing = {}, options.upgrade = false;
  EXPECT_FALSE(asks({{"Upgrade", "websocket"}}));
}

}  // namespace
}  // namespace rhumb::http
