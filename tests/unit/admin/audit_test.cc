// SPDX-License-Identifier: Apache-2.0
#include "admin/audit.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "tests/unit/admin/serving.h"

namespace rhumb::admin {
namespace {

using nlohmann::json;

class AuditTest : public ::testing::Test {
 protected:
  /// What the line of the log says.
  json told(const AuditEntry& entry) {
    ::testing::internal::CaptureStderr();
    audit_.tell(entry);
    line_ = ::testing::internal::GetCapturedStderr();
    const size_t at = line_.find("audit: ");
    return at == std::string::npos ? json() : json::parse(line_.substr(at + 7), nullptr, false);
  }
  json event() const { return json::parse(to_json(*events_.next_after(events_.last() - 1))); }

  base::ManualClock clock_;
  Events events_{clock_};
  Audit audit_{events_};
  std::string line_;
};

TEST_F(AuditTest, AChangeTellsWhoWhatBeforeAndAfter) {
  const json line = told({"uid 0", "PUT", "/v1/regions/eu/dial", 200, R"({"before":{"dial":1},"after":{"dial":0.5}})"});
  EXPECT_EQ(line.dump(), R"({"after":{"dial":0.5},"before":{"dial":1},"method":"PUT","outcome":"applied",)"
                         R"("path":"/v1/regions/eu/dial","status":200,"who":"uid 0"})");
  EXPECT_NE(line_.find(" info audit: "), std::string::npos) << line_;
  EXPECT_EQ(event()["kind"], "admin_change");
  EXPECT_EQ(event()["data"], line);
  EXPECT_EQ(audit_.count(AuditOutcome::applied), 1u);
}

TEST_F(AuditTest, IsLoggedWhateverTheLevel) {
  base::set_log_level(base::LogLevel::error);
  const json line = told({"uid 0", "POST", "/v1/config:reload", 200, ""});
  base::set_log_level(base::LogLevel::info);
  EXPECT_EQ(line["outcome"], "applied");
}

TEST_F(AuditTest, EachOutcomeIsCountedForItself) {
  for (const auto& [status, outcome] : {std::pair{401, "denied"},
                                        {403, "denied"},
                                        {404, "refused"},
                                        {503, "failed"},
                                        {0, "unanswered"},
                                        {202, "applied"}}) {
    EXPECT_EQ(told({"address 127.0.0.1", "DELETE", "/x", status, ""})["outcome"], outcome) << status;
    EXPECT_EQ(event()["kind"], std::string(outcome) == "denied" ? "admin_denied" : "admin_change");
  }
  EXPECT_EQ(audit_.count(AuditOutcome::denied), 2u);
  EXPECT_EQ(audit_.count(AuditOutcome::refused), 1u);
  EXPECT_EQ(audit_.count(AuditOutcome::failed), 1u);
  EXPECT_EQ(audit_.count(AuditOutcome::unanswered), 1u);
}

TEST_F(AuditTest, NoChangeIsLeftOutHoweverAlikeTheyAre) {
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 100; ++i) audit_.tell({"uid 0", "PUT", "/v1/regions/eu/dial", 200, ""});
  const std::string lines = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 100);
}

TEST_F(AuditTest, OfOnePeerSoManyDenialsAreToldAndTheRestIsANumber) {
  const auto deny = [&](const std::string& peer) {
    const uint64_t before = events_.last();
    audit_.tell({peer + " pid 7", "GET", "/metrics", 403, "", peer});
    return events_.last() - before;
  };
  ::testing::internal::CaptureStderr();
  uint64_t told = 0;
  for (int i = 0; i < 4400; ++i) told += deny("uid 9");
  EXPECT_EQ(told, Audit::kDenials);
  EXPECT_EQ(deny("uid 10"), 1u) << "another peer's are told";
  EXPECT_EQ(audit_.count(AuditOutcome::denied), 4401u) << "all are counted";
  audit_.settle();
  EXPECT_EQ(events_.last(), Audit::kDenials + 1u) << "its minute is not over";
  clock_.advance(Audit::kWindow);
  audit_.settle();
  audit_.settle();
  EXPECT_EQ(events_.last(), Audit::kDenials + 2u);
  EXPECT_EQ(event()["kind"], "admin_denied");
  EXPECT_EQ(event()["data"], (json{{"who", "uid 9"}, {"outcome", "denied"}, {"leftOut", 4400 - Audit::kDenials}}));
  EXPECT_EQ(deny("uid 9"), 1u) << "a new minute";
  const std::string lines = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), Audit::kDenials + 3);
}

TEST_F(AuditTest, WhoCanChangeNothingPushesNoChangeOutByBeingRefused) {
  ::testing::internal::CaptureStderr();
  audit_.tell({"token deploy", "PUT", "/v1/regions/eu/dial", 200, "", "uid 1"});
  for (int i = 0; i < 4400; ++i) audit_.tell({"uid 9 pid 7", "POST", "/nowhere", 404, "", "uid 9", false});
  ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(events_.last(), 1u + Audit::kDenials);
  EXPECT_EQ(event()["kind"], "admin_denied");
  EXPECT_EQ(event()["data"]["outcome"], "refused");
  EXPECT_EQ(audit_.count(AuditOutcome::refused), 4400u);
}

TEST_F(AuditTest, S31_ManyPeersCountAsOneBeyondALimit) {
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 5000; ++i) {
    const std::string peer = "address 192.0.2." + std::to_string(i);
    audit_.tell({peer, "GET", "/metrics", 403, "", peer});
  }
  ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(events_.last(), Audit::kMostPeers + Audit::kDenials);
}

TEST_F(AuditTest, WhatACallerMadeUpStaysOneLine) {
  const json line = told({"token a\nb", "PUT", "/v1/\xff" + std::string(2000, 'x'), 404, "no json"});
  EXPECT_EQ(std::count(line_.begin(), line_.end(), '\n'), 1);
  EXPECT_LT(line["path"].get<std::string>().size(), 300u);
  EXPECT_EQ(line["who"], "token a\nb");
}

/// What the sessions of a server tell it.
class AuditOfAServer : public testing::Serving {
 protected:
  /// The data of the last event, and how many there were.
  json last() {
    const Event* event = events_.next_after(events_.last() - 1);
    return event == nullptr ? json() : json::parse(event->data);
  }
  uint64_t told() const { return events_.last(); }
};

TEST_F(AuditOfAServer, EveryChangeIsToldWhetherItsEndpointSaysMoreOrNot) {
  AccessRules rules;
  rules.tokens.push_back({"deploy", Role::operate, "0123456789abcdef0123456789abcdef"});
  add(
      http::Method::post, "/silent", [](const Request&, const Reply& reply) { reply.send({}); }, Role::operate);
  add(
      http::Method::post, "/tells",
      [](const Request&, const Reply& reply) { reply.send({.change = R"({"before":1,"after":2})"}); }, Role::operate);
  add(http::Method::get, "/reads", [](const Request&, const Reply& reply) { reply.send({}); });
  serve(rules);
  const std::string token = "Authorization: Bearer 0123456789abcdef0123456789abcdef\r\n";
  (void)ask(post("/silent", "", token));
  EXPECT_EQ(last()["path"], "/silent");
  EXPECT_EQ(last()["who"], "token deploy");
  EXPECT_EQ(last()["outcome"], "applied");
  const std::string answer = ask(post("/tells", "", token));
  EXPECT_EQ(last()["before"], 1);
  EXPECT_EQ(last()["after"], 2);
  EXPECT_EQ(answer.find("before"), std::string::npos) << "that is for the audit alone";
  EXPECT_EQ(told(), 2u);
  EXPECT_EQ(status(ask(get("/reads", "Host: localhost\r\n" + token))), "200");
  EXPECT_EQ(status(ask(get("/nowhere", "Host: localhost\r\n" + token))), "404");
  EXPECT_EQ(told(), 2u) << "reading changes nothing";
}

TEST_F(AuditOfAServer, WhoMayNotIsToldWithWhatHeWanted) {
  add(
      http::Method::post, "/change", [](const Request&, const Reply& reply) { reply.send({}); }, Role::operate);
  serve();
  EXPECT_EQ(status(ask(post("/change", ""))), "403");
  EXPECT_EQ(last()["outcome"], "denied");
  EXPECT_EQ(last()["who"].get<std::string>().substr(0, 17), "address 127.0.0.1");
  EXPECT_EQ(status(ask(get("/metrics", "Host: evil.example\r\n"))), "403");
  EXPECT_EQ(last()["path"], "/metrics") << "reading too, when it is denied";
  EXPECT_EQ(status(ask(get("/metrics", "Host: localhost\r\nAuthorization: Bearer wrong\r\n"))), "401");
  EXPECT_EQ(last()["status"], 401);
  EXPECT_EQ(audit_.count(AuditOutcome::denied), 3u);
  EXPECT_EQ(status(ask(post("/nowhere", ""))), "404");
  EXPECT_EQ(last()["outcome"], "refused");
  EXPECT_EQ(handled_, 0);
}

TEST_F(AuditOfAServer, AMethodThatIsNoneOfOursIsToldToo) {
  add(http::Method::post, "/change", [](const Request&, const Reply& reply) { reply.send({}); });
  serve();
  EXPECT_EQ(status(ask("BREW /change HTTP/1.1\r\nHost: localhost\r\n\r\n")), "405");
  EXPECT_EQ(last()["method"], "BREW");
  EXPECT_EQ(status(ask(std::string(5000, 'B') + " /change HTTP/1.1\r\nHost: localhost\r\n\r\n")), "405");
  EXPECT_EQ(last()["method"], std::string(32, 'B')) << "no more of it than is needed";
}

TEST_F(AuditOfAServer, AChangeWhoseClientLeftIsToldAsUnanswered) {
  AccessRules rules;
  rules.tokens.push_back({"deploy", Role::operate, "0123456789abcdef0123456789abcdef"});
  std::optional<Reply> kept;
  add(
      http::Method::post, "/slow", [&](const Request&, Reply reply) { kept = std::move(reply); }, Role::operate);
  serve(rules);
  {
    const net::Fd fd = dial();
    say(fd, post("/slow", "", "Authorization: Bearer 0123456789abcdef0123456789abcdef\r\n"));
    ASSERT_TRUE(until([&] { return kept.has_value(); }));
    const linger hard{1, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }
  ASSERT_TRUE(until([&] { return told() == 1; }));
  EXPECT_EQ(last()["outcome"], "unanswered");
  EXPECT_FALSE(last().contains("status"));
  kept->send({});
  EXPECT_EQ(told(), 1u);
}

}  // namespace
}  // namespace rhumb::admin
