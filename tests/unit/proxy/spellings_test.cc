// SPDX-License-Identifier: Apache-2.0
// Row S11: every spelling of a path is decided like the path itself or refused, and all who look at it see one form.
#include <gtest/gtest.h>

#include <set>

#include "base/random.h"
#include "tests/unit/proxy/gateway.h"

namespace rhumb::proxy {
namespace {

using testing::Gateway;
using testing::get;
using testing::listener;
using testing::Message;
using testing::one_region;
using testing::Upstream;
using testing::Wire;

constexpr int kSpellings = 150;  // of each path

std::string hex(char c, bool upper) {
  char text[4];
  std::snprintf(text, sizeof text, upper ? "%%%02X" : "%%%02x", static_cast<unsigned>(static_cast<uint8_t>(c)));
  return text;
}

/// Another way to write the path: some that mean the same, some that may be refused, and some that a careless reader
/// takes for the same.
std::string respelled(const std::string& path, base::Random& random) {
  static const std::string kDetours[] = {"/./",       "/x/../",   "/%2e/",    "/x/%2e%2E/", "/x/.%2e/",
                                         "/x/%2f../", "/x\\..\\", "/x/..;y/", "/%c0%af../", "/x/../%2e/"};
  std::string out;
  for (const char c : path) {
    const uint64_t draw = random.next() % 12;
    if (c == '/') {
      out += draw < 3 ? kDetours[random.next() % std::size(kDetours)] : draw == 3 ? "%2f" : "/";
    } else {
      out += draw < 4 ? hex(c, draw % 2 == 0) : std::string(1, c);
    }
  }
  return out;
}

struct Answer {
  int status;
  std::string body, location;
  auto operator<=>(const Answer&) const = default;
};

class Spellings : public ::testing::Test {
 protected:
  Answer ask(const std::string& target) {
    Wire client = gateway_.dial();
    const Message answer = client.exchange(get(target, "Connection: close\r\n"));
    return {answer.status(), answer.status() == 200 ? answer.body : "", answer.field("location")};
  }
  /// All spellings but those that are refused must be answered as the path itself is.
  void expect_alike(const std::string& path, int status) {
    const Answer plain = ask(path);
    EXPECT_EQ(plain.status, status);
    base::Random random(11);
    int alike = 0, refused = 0;
    for (int i = 0; i < kSpellings; ++i) {
      const std::string spelling = respelled(path, random);
      const Answer answer = ask(spelling);
      if (answer.status == 400) {
        ++refused;
        continue;
      }
      ++alike;
      EXPECT_EQ(answer, plain) << spelling << " as " << path;
    }
    EXPECT_GT(alike, 20) << path;
    EXPECT_GT(refused, 20) << path;
  }

  // Tells what it was asked for.
  Upstream upstream_{Upstream::each([](const Message& request) { return testing::ok(request.target()); })};
  Gateway gateway_{listener("") + one_region(upstream_) +
                   "routes:\n"
                   "  - {name: closed, match: {path_prefix: /closed/}, filters: [{ip_acl: {deny: [127.0.0.0/8]}}]}\n"
                   "  - {name: fenced, match: {path: /fenced}, filters: [{geo_acl: {unknown: deny}}]}\n"
                   "  - {name: moved, match: {path_prefix: /moved/}, filters: [{redirect: {to: \"/new%{path}\"}}]}\n"
                   "  - {name: rest, match: {path_prefix: /open/}}\n"};
};

TEST_F(Spellings, S11_GuardedPathsStayGuarded) { expect_alike("/closed/door", 403); }

TEST_F(Spellings, S11_TheRegionSeesOneForm) { expect_alike("/open/a-b_c~1/d", 200); }

TEST_F(Spellings, S11_ARedirectIsMadeOfThatForm) { expect_alike("/moved/thing", 302); }

TEST_F(Spellings, S11_NoRouteIsNoRouteHoweverItIsWritten) { expect_alike("/nowhere/at/all", 404); }

TEST_F(Spellings, S11_TheLogHoldsThatFormAlone) {
  base::Random random(12);
  for (int i = 0; i < kSpellings; ++i) ask(respelled("/open/log/me", random));
  gateway_.stop();
  std::set<std::string> paths;
  for (const auto& line : gateway_.log())
    if (line["status"] == 200) paths.insert(line["path"]);
  EXPECT_EQ(paths, std::set<std::string>{"/open/log/me"});
}

}  // namespace
}  // namespace rhumb::proxy
