// SPDX-License-Identifier: Apache-2.0
#include "admin/audit.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/log.h"

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

TEST_F(AuditTest, WhatACallerMadeUpStaysOneLine) {
  const json line = told({"token a\nb", "PUT", "/v1/\xff" + std::string(2000, 'x'), 404, "no json"});
  EXPECT_EQ(std::count(line_.begin(), line_.end(), '\n'), 1);
  EXPECT_LT(line["path"].get<std::string>().size(), 300u);
  EXPECT_EQ(line["who"], "token a\nb");
}

}  // namespace
}  // namespace rhumb::admin
