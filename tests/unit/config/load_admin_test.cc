// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using testing::codes_with;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::load_with;
using ::testing::Not;
using ::testing::Pair;

const std::string kTokenSecret = "0123456789abcdef0123456789abcdef";
const std::string kTokens = "tokens: [{name: deploy, role: operate, secret: \"" + kTokenSecret + "\"}]";

AdminSpec admin_of(const std::string& keys) { return load_with("admin: {" + keys + "}\n").spec.admin; }
std::vector<int> admin_codes(const std::string& keys) { return codes_with("admin: {" + keys + "}\n"); }

TEST(LoadAdmin, ListensNowhereUnlessAsked) {
  EXPECT_FALSE(load_with("").spec.admin.address);
  EXPECT_EQ(load_with("admin: {}\n").spec.admin.address->to_string(), "127.0.0.1:9901");
  EXPECT_EQ(load_with("admin: {address: \"[::1]:1\"}\n").spec.admin.address->to_string(), "[::1]:1");
  const AdminSpec unix_socket = load_with("admin: {address: \"unix:/run/a.sock\"}\n").spec.admin;
  EXPECT_EQ(unix_socket.unix_path, "/run/a.sock");
  EXPECT_FALSE(unix_socket.address);
}

TEST(LoadAdmin, RefusesAddressesOthersCanReachOrListenersHave) {
  EXPECT_THAT(codes_with("admin: {address: \"0.0.0.0:9901\"}\n"), ElementsAre(code::kAddress));
  EXPECT_THAT(codes_with("admin: {address: \"192.0.2.1:9901\"}\n"), ElementsAre(code::kAddress));
  EXPECT_THAT(codes_with("admin: {address: \"127.0.0.1:8080\"}\n"), ElementsAre(code::kDuplicateAddress));
  EXPECT_THAT(codes_with("admin: {address: \"127.0.0.1:0\"}\n"), IsEmpty());
}

TEST(LoadAdmin, AnAddressOthersCanReachNeedsTokens) {
  EXPECT_THAT(admin_codes("address: \"0.0.0.0:9901\", " + kTokens), IsEmpty());
  const AdminSpec spec = admin_of("address: \"192.0.2.1:9901\", hosts: [Rhumb.internal], " + kTokens);
  EXPECT_EQ(spec.address->to_string(), "192.0.2.1:9901");
  EXPECT_THAT(spec.hosts, ElementsAre("rhumb.internal"));
  ASSERT_EQ(spec.tokens.size(), 1u);
  EXPECT_EQ(spec.tokens[0], (AdminSpec::Token{"deploy", "operate", kTokenSecret}));
}

TEST(LoadAdmin, ASocketHasModeGroupAndRoles) {
  EXPECT_EQ(admin_of("address: \"unix:/run/a.sock\"").mode, 0600u);
  const AdminSpec spec = admin_of(
      "address: \"unix:/run/a.sock\", mode: \"0660\", group: ops, users: {alice: read, 1000: operate}, groups: {ops: "
      "admin}");
  EXPECT_EQ(spec.mode, 0660u);
  EXPECT_EQ(spec.group, "ops");
  EXPECT_THAT(spec.users, ElementsAre(Pair("alice", "read"), Pair("1000", "operate")));
  EXPECT_THAT(spec.groups, ElementsAre(Pair("ops", "admin")));
}

TEST(LoadAdmin, RefusesWhatIsNoModeOfASocket) {
  for (const char* mode : {"\"1777\"", "\"0400\"", "\"077\"", "rw", "\"0o660\"", "\"00660\"", "\"0680\""})
    EXPECT_THAT(admin_codes(std::string("address: \"unix:/run/a.sock\", mode: ") + mode),
                ElementsAre(code::kNotAllowed))
        << mode;
  EXPECT_THAT(admin_codes("address: \"unix:/run/a.sock\", mode: 660"), IsEmpty());
}

TEST(LoadAdmin, RefusesRolesThereAreNot) {
  EXPECT_THAT(admin_codes("address: \"unix:/run/a.sock\", users: {alice: root}"), ElementsAre(code::kNotAllowed));
  EXPECT_THAT(admin_codes("tokens: [{name: a, role: write, secret: \"" + kTokenSecret + "\"}]"),
              ElementsAre(code::kNotAllowed));
}

TEST(LoadAdmin, RefusesOnAnAddressWhatOnlyASocketHas) {
  EXPECT_THAT(admin_codes("mode: \"0660\""), ElementsAre(code::kNotAllowed));
  EXPECT_THAT(admin_codes("users: {alice: read}, groups: {ops: admin}"),
              ElementsAre(code::kNotAllowed, code::kNotAllowed));
}

TEST(LoadAdmin, TokensHaveNamesOfTheirOwn) {
  const std::string one = "{name: a, role: read, secret: \"" + kTokenSecret + "\"}";
  EXPECT_THAT(admin_codes("tokens: [" + one + ", " + one + "]"), ElementsAre(code::kDuplicateName));
  EXPECT_THAT(admin_codes("tokens: [{name: \"a b\", role: read, secret: \"" + kTokenSecret + "\"}]"),
              ElementsAre(code::kName));
}

TEST(LoadAdmin, SecretsAreLongCanBeSentAndAreNeverShown) {
  for (const std::string& secret : {kTokenSecret.substr(1), kTokenSecret + " x", kTokenSecret + "\xc3\xa4"}) {
    const Loaded loaded = load_with("admin: {tokens: [{name: a, role: read, secret: \"" + secret + "\"}]}\n");
    ASSERT_EQ(testing::codes(loaded.diagnostics).size(), 1u) << secret;
    EXPECT_THAT(testing::rendered(loaded), Not(HasSubstr("3456789"))) << secret;
  }
}

TEST(LoadAdmin, RefusesWhatIsNoNameOfAHost) {
  for (const char* host : {"\"\"", "\"a:1\"", "\"*.a\"", "\"http://a\"", "\"[::1]\""})
    EXPECT_THAT(admin_codes(std::string("hosts: [") + host + "]"), ElementsAre(code::kHost)) << host;
}

TEST(LoadAdmin, AnyChangeIsAChange) {
  const AdminSpec spec = admin_of("address: \"unix:/run/a.sock\", users: {alice: read}, " + kTokens);
  EXPECT_EQ(spec, admin_of("address: \"unix:/run/a.sock\", users: {alice: read}, " + kTokens));
  EXPECT_NE(spec, admin_of("address: \"unix:/run/a.sock\", users: {alice: operate}, " + kTokens));
  EXPECT_NE(spec, admin_of("address: \"unix:/run/a.sock\", users: {alice: read}"));
}

}  // namespace
}  // namespace rhumb::config
