// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin_listener.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace rhumb::proxy {
namespace {

class AdminListening : public ::testing::Test {
 protected:
  AdminListening() { spec_.unix_path = path_; }
  ~AdminListening() override { ::unlink(path_.c_str()); }
  std::string why_not() {
    const auto opened = open_admin_listener(spec_, inherited_);
    return opened ? "" : opened.error();
  }
  bool there() const { return std::filesystem::exists(path_); }
  const std::string path_ =
      (std::filesystem::temp_directory_path() / ("rhumb-listen-" + std::to_string(::getpid()) + ".sock")).string();
  config::AdminSpec spec_;
  std::vector<net::Inherited> inherited_;
};

TEST_F(AdminListening, TheSocketHasItsModeAndGoesWithItsOwner) {
  spec_.mode = 0660;
  {
    const auto opened = open_admin_listener(spec_, inherited_);
    ASSERT_TRUE(opened.has_value()) << opened.error();
    EXPECT_EQ(opened->address, "unix:" + path_);
    struct stat at {};
    ASSERT_EQ(::stat(path_.c_str(), &at), 0);
    EXPECT_EQ(at.st_mode & 07777, 0660u);
  }
  EXPECT_FALSE(there());
}

TEST_F(AdminListening, AStaleFileIsReplacedALiveOneIsNot) {
  {
    auto stale = open_admin_listener(spec_, inherited_);
    ASSERT_TRUE(stale.has_value());
    stale->file.keep();
  }
  ASSERT_TRUE(there());
  const auto live = open_admin_listener(spec_, inherited_);
  ASSERT_TRUE(live.has_value()) << live.error();
  EXPECT_NE(why_not().find("listening there already"), std::string::npos);
  EXPECT_TRUE(there()) << "and it stays";
}

TEST_F(AdminListening, WhatWasInheritedIsTakenAsItIs) {
  auto made = net::listen_unix(path_, 0640);
  ASSERT_TRUE(made.has_value());
  const int fd = made->get();
  inherited_.push_back({"admin", std::move(*made)});
  {
    const auto opened = open_admin_listener(spec_, inherited_);
    ASSERT_TRUE(opened.has_value()) << opened.error();
    EXPECT_EQ(opened->fd.get(), fd);
    EXPECT_TRUE(inherited_.empty());
  }
  EXPECT_TRUE(there()) << "its maker removes it";
}

TEST_F(AdminListening, AnotherFileIsNotReplaced) {
  std::fclose(std::fopen(path_.c_str(), "w"));
  EXPECT_NE(why_not(), "");
  EXPECT_TRUE(there());
}

TEST_F(AdminListening, AnAddressIsToldWithItsPort) {
  spec_ = {};
  spec_.address = base::SocketAddress::parse("127.0.0.1:0");
  const auto opened = open_admin_listener(spec_, inherited_);
  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(opened->address.starts_with("127.0.0.1:"));
  spec_.address = base::SocketAddress::parse(opened->address);
  EXPECT_NE(why_not(), "") << "it is taken";
}

TEST_F(AdminListening, UsersAndGroupsAreLookedUp) {
  spec_.users = {{"root", "read"}, {"4711", "operate"}};
  spec_.groups = {{"root", "admin"}};
  spec_.tokens = {{"deploy", "operate", "x"}};
  spec_.hosts = {"rhumb.internal"};
  const auto opened = open_admin_listener(spec_, inherited_);
  ASSERT_TRUE(opened.has_value()) << opened.error();
  const admin::AccessRules& rules = opened->rules;
  ASSERT_EQ(rules.members.size(), 3u);
  EXPECT_EQ(rules.members[1].id, 4711u);
  EXPECT_EQ(rules.members[1].role, admin::Role::operate);
  EXPECT_FALSE(rules.members[1].group);
  EXPECT_TRUE(rules.members[2].group);
  EXPECT_EQ(rules.tokens.at(0).role, admin::Role::operate);
  EXPECT_EQ(rules.hosts, spec_.hosts);
}

TEST_F(AdminListening, AnUnknownNameIsAnErrorAndLeavesNothing) {
  spec_.users = {{"no-such-user-here", "read"}};
  EXPECT_NE(why_not().find("no user 'no-such-user-here'"), std::string::npos);
  spec_.users.clear();
  spec_.groups = {{"no-such-group-here", "read"}};
  EXPECT_NE(why_not().find("no group 'no-such-group-here'"), std::string::npos);
  spec_.groups.clear();
  spec_.group = "no-such-group-here";
  EXPECT_NE(why_not().find("no group 'no-such-group-here'"), std::string::npos);
  EXPECT_FALSE(there());
}

}  // namespace
}  // namespace rhumb::proxy
