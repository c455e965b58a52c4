// SPDX-License-Identifier: Apache-2.0
#include "admin/auth.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "http/h1_parser.h"

namespace rhumb::admin {
namespace {

const std::string kDeploy(32, 'd'), kViewer(40, 'v');

class AdminAccess : public ::testing::Test {
 protected:
  /// The caller's name and role, or the status of the refusal.
  std::string admit(const std::string& fields, const std::string& target = "/v1/regions") {
    const std::string text = "GET " + target + " HTTP/1.1\r\n" + fields + "\r\n";
    base::Arena arena(blocks_);
    http::RequestHead head;
    EXPECT_EQ(http::RequestParser().feed(text, arena, head).status, http::ParseStatus::done) << text;
    const auto caller = access_.admit(peer_, head, now_);
    if (caller) return caller->name + " " + std::string(name(caller->role));
    refusal_ = caller.error();
    return std::to_string(refusal_.status);
  }
  std::string with_token(const std::string& token, const std::string& target = "/v1/regions") {
    return admit("Host: localhost\r\nAuthorization: Bearer " + token + "\r\n", target);
  }
  void be_process(uid_t uid, std::vector<gid_t> groups) {
    peer_.local = true;
    peer_.pid = 42;
    peer_.uid = uid;
    peer_.groups = std::move(groups);
  }
  void want_tokens() {
    access_ = Access({.tokens = {{"deploy", Role::operate, kDeploy}, {"view", Role::read, kViewer}}});
  }

  base::BlockPool blocks_{4};
  base::Instant now_{base::Seconds(1000)};
  Access access_{AccessRules{}};
  net::Peer peer_{.address = *base::SocketAddress::parse("127.0.0.1:50000")};
  Response refusal_;
};

TEST_F(AdminAccess, LoopbackWithoutTokensReads) { EXPECT_EQ(admit("Host: localhost\r\n"), "address 127.0.0.1 read"); }

TEST_F(AdminAccess, ABrowsersPageIsRefused) {
  for (const char* field : {"Origin: http://localhost", "Origin: null", "Origin: https://evil.example",
                            "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: "})
    EXPECT_EQ(admit(std::string("Host: localhost\r\n") + field + "\r\n"), "403") << field;
  EXPECT_NE(refusal_.body.find("cross_site"), std::string::npos);
  for (const char* site : {"none", "same-origin"})
    EXPECT_EQ(admit(std::string("Host: localhost\r\nSec-Fetch-Site: ") + site + "\r\n"), "address 127.0.0.1 read");
}

TEST_F(AdminAccess, ABrowsersPageIsRefusedAlsoWithATokenAndOnTheSocket) {
  want_tokens();
  EXPECT_EQ(admit("Host: localhost\r\nOrigin: null\r\nAuthorization: Bearer " + kDeploy + "\r\n"), "403");
  be_process(0, {});
  EXPECT_EQ(admit("Host: localhost\r\nOrigin: null\r\n"), "403");
}

TEST_F(AdminAccess, AForeignHostIsRefused) {
  for (const char* host : {"evil.example", "evil.example:9901", "localhost.evil.example", "127.0.0.1.evil.example",
                           "localhost.", "rhumb.internal"})
    EXPECT_EQ(admit(std::string("Host: ") + host + "\r\n"), "403") << host;
  EXPECT_NE(refusal_.body.find("\"host\""), std::string::npos);
  EXPECT_EQ(admit("Host: evil.example\r\n", "http://localhost/v1/regions"), "403") << "both names count";
  EXPECT_EQ(admit("Host: localhost\r\n", "http://evil.example/v1/regions"), "403");
}

TEST_F(AdminAccess, AddressesLocalhostAndConfiguredNamesAreItsOwn) {
  access_ = Access({.hosts = {"rhumb.internal"}});
  for (const char* host : {"localhost", "LOCALHOST:9901", "127.0.0.1", "127.0.0.1:9901", "192.0.2.1", "[::1]",
                           "[::1]:9901", "rhumb.internal", "Rhumb.Internal:9901"})
    EXPECT_EQ(admit(std::string("Host: ") + host + "\r\n"), "address 127.0.0.1 read") << host;
}

TEST_F(AdminAccess, WithTokensOneIsWanted) {
  want_tokens();
  EXPECT_EQ(with_token(kDeploy), "token deploy operate");
  EXPECT_EQ(with_token(kViewer), "token view read");
  EXPECT_EQ(admit("Host: localhost\r\nAuthorization: bearer  " + kDeploy + "\r\n"), "token deploy operate");
  EXPECT_EQ(admit("Host: localhost\r\n"), "401");
  ASSERT_EQ(refusal_.headers.size(), 1u);
  EXPECT_EQ(refusal_.headers[0].first, "WWW-Authenticate");
  EXPECT_EQ(admit("Host: localhost\r\n", "/healthz"), "address 127.0.0.1 read") << "machines ask this without one";
  EXPECT_EQ(admit("Host: localhost\r\n", "/readyz"), "address 127.0.0.1 read");
  EXPECT_EQ(admit("Host: localhost\r\n", "/metrics"), "401");
}

TEST_F(AdminAccess, AWrongTokenIsRefusedEverywhere) {
  want_tokens();
  for (const std::string& token : {std::string(32, 'x'), kDeploy.substr(1), kDeploy + "d", std::string("d")})
    EXPECT_EQ(with_token(token), "401") << token;
  EXPECT_EQ(admit("Host: localhost\r\nAuthorization: Basic " + kDeploy + "\r\n"), "401");
  EXPECT_EQ(admit("Host: localhost\r\nAuthorization: Bearer\r\n"), "401");
  EXPECT_EQ(with_token("wrong", "/healthz"), "401") << "who says something says it right";
  EXPECT_EQ(refusal_.body.find("deploy"), std::string::npos);
  access_ = Access(AccessRules{});
  EXPECT_EQ(with_token(kDeploy), "401") << "no token is known";
  EXPECT_EQ(admit("Host: localhost\r\nAuthorization: Bearer \r\n"), "401");
}

TEST_F(AdminAccess, GuessingIsLimitedButNotTheRightToken) {
  want_tokens();
  std::string last;
  int refused = 0;
  while ((last = with_token("wrong")) == "401" && refused < 1000) ++refused;
  EXPECT_EQ(refused, 50);
  EXPECT_EQ(last, "429");
  EXPECT_EQ(with_token(kDeploy), "token deploy operate");
  now_ += base::Seconds(1);
  EXPECT_EQ(with_token("wrong"), "401");
}

TEST_F(AdminAccess, OnTheSocketRootAndTheGatewaysUserAreAdmin) {
  be_process(0, {0});
  EXPECT_EQ(admit("Host: localhost\r\n"), "uid 0 pid 42 admin");
  be_process(::geteuid(), {});
  EXPECT_EQ(admit("Host: localhost\r\n"), "uid " + std::to_string(::geteuid()) + " pid 42 admin");
  want_tokens();
  EXPECT_EQ(admit("Host: localhost\r\n"), "uid " + std::to_string(::geteuid()) + " pid 42 admin");
  EXPECT_EQ(with_token(kViewer), "token view read") << "who shows a token is what it says";
}

TEST_F(AdminAccess, OnTheSocketOthersAreWhatTheirListSays) {
  access_ = Access({.members = {{false, 4001, Role::read}, {true, 50, Role::operate}, {true, 51, Role::read}}});
  be_process(4001, {100});
  EXPECT_EQ(admit("Host: localhost\r\n"), "uid 4001 pid 42 read");
  be_process(4001, {100, 50});
  EXPECT_EQ(admit("Host: localhost\r\n"), "uid 4001 pid 42 operate") << "the most of what it is";
  be_process(4002, {51});
  EXPECT_EQ(admit("Host: localhost\r\n"), "uid 4002 pid 42 read");
  be_process(50, {4001});
  EXPECT_EQ(admit("Host: localhost\r\n"), "403") << "a user's number is no group's";
  EXPECT_NE(refusal_.body.find("\"user\""), std::string::npos);
}

TEST(PeerName, IsTheSameHoweverOftenItConnects) {
  net::Peer peer;
  peer.local = true, peer.uid = 7, peer.pid = 1;
  EXPECT_EQ(peer_name(peer), "uid 7");
  peer.local = false;
  peer.address = *base::SocketAddress::parse("192.0.2.7:1000");
  EXPECT_EQ(peer_name(peer), "address 192.0.2.7");
  peer.address = *base::SocketAddress::parse("[2001:db8:1:2:3:4:5:6]:1000");
  EXPECT_EQ(peer_name(peer), "address 2001:db8:1:2::") << "of IPv6 the /64";
}

}  // namespace
}  // namespace rhumb::admin
