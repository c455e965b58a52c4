// SPDX-License-Identifier: Apache-2.0
#include "proxy/config_endpoints.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/admin/replies.h"
#include "tests/unit/proxy/compiling.h"

namespace rhumb::proxy {
namespace {

using http::Method;

class ConfigEndpoints : public ::testing::Test {
 protected:
  ConfigEndpoints() {
    add_config_endpoints(router_,
                         {[this]() -> const World& { return world_; },
                          [this](Reloader::Done done, const foresight::PlanLimits& limits, const std::string& by) {
                            reloads_.push_back(std::move(done));
                            limits_ = limits;
                            by_ = by;
                          },
                          [this](Reloader::Done done) { previews_.push_back(std::move(done)); },
                          [this](UpgradeDone done) { upgrades_.push_back(std::move(done)); }});
  }
  nlohmann::json body() {
    asking_.read();
    return nlohmann::json::parse(asking_.replies->answered->body);
  }
  int status() const { return asking_.replies->answered->status; }
  /// As load_config() makes it: it knows where its values stand.
  static World world_with_sources() {
    testing::Compiled compiled = testing::compile_text(testing::kListener + testing::kTwoRegions);
    compiled.loaded.spec.sources = std::make_shared<const config::SourceList>(compiled.loaded.sources);
    World world;
    world.config = compile(compiled.loaded.spec, 1, nullptr, nullptr, compiled.loaded.diagnostics);
    return world;
  }
  World world_ = world_with_sources();
  std::vector<Reloader::Done> reloads_, previews_;
  foresight::PlanLimits limits_;
  std::string by_;
  std::vector<UpgradeDone> upgrades_;
  admin::Router router_;
  admin::testing::Asking asking_{router_};
};

TEST_F(ConfigEndpoints, AReloadIsAnsweredWhenItsVerdictIsThere) {
  EXPECT_EQ(asking_.ask(Method::post, "/v1/config:reload").status, 0) << "not yet";
  ASSERT_EQ(reloads_.size(), 1u);
  config::Change change;
  change.path = "regions[eu].weight";
  change.before = "100", change.after = "50";
  reloads_[0]({true, "~ regions[eu].weight: 100 -> 50\n", {change}, 7, "abc"});
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(by_, "tester") << "whose doing it is";
  const nlohmann::json answer = body();
  EXPECT_EQ(answer["applied"], true);
  EXPECT_EQ(answer["past_limits"], false);
  EXPECT_EQ(answer["generation"], 7);
  EXPECT_EQ(answer["config"], "abc");
  EXPECT_EQ(answer["changes"][0]["path"], "regions[eu].weight");
}

TEST_F(ConfigEndpoints, TheOneInForceIsShownInBothForms) {
  const auto json = asking_.get("/v1/config?effective=true&origin=true");
  EXPECT_EQ(json.content_type, "application/json");
  EXPECT_EQ(nlohmann::json::parse(json.body)["gateway"]["drain_timeout"]["value"], "30s");
  const auto yaml = asking_.get("/v1/config?format=yaml", admin::Role::read);
  EXPECT_EQ(yaml.content_type, "application/yaml");
  EXPECT_NE(yaml.body.find("regions:"), std::string::npos) << yaml.body;
  EXPECT_EQ(yaml.body.find("drain_timeout"), std::string::npos) << "a default";
}

TEST_F(ConfigEndpoints, WhatAReloadWouldChangeIsLookedAtFirst) {
  asking_.get("/v1/config/diff");
  ASSERT_EQ(previews_.size(), 1u);
  previews_[0]({false, "rhumb.yaml:1:2: error: no [E0103]\n", {}, 6, "abc"});
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(body()["good"], false);
  EXPECT_TRUE(reloads_.empty());
}

TEST_F(ConfigEndpoints, OnlyOperatorsHaveTheFilesReadAndOnceAtATime) {
  EXPECT_EQ(asking_.get("/v1/config/diff", admin::Role::read).status, 403) << "a process is started for it";
  asking_.get("/v1/config/diff", admin::Role::operate);
  for (int i = 0; i < 3; ++i) asking_.get("/v1/config/diff", admin::Role::operate);
  ASSERT_EQ(previews_.size(), 1u) << "the others wait";
  previews_[0]({true, "", {}, 6, "abc"});
  ASSERT_EQ(previews_.size(), 2u) << "for one look that began after they had asked";
  EXPECT_EQ(asking_.replies->answers, 1) << "the refusal; the first look's asker has gone meanwhile";
  previews_[1]({true, "", {}, 7, "abc"});
  EXPECT_EQ(body()["generation"], 7);
  EXPECT_EQ(previews_.size(), 2u) << "nobody waits any more";
}

TEST_F(ConfigEndpoints, ARefusalSaysWhy) {
  asking_.ask(Method::post, "/v1/config:reload");
  reloads_[0]({false, "rhumb.yaml:1:2: error: no [E0103]\n", {}, 6, "abc"});
  EXPECT_EQ(status(), 422);
  const nlohmann::json answer = body();
  EXPECT_EQ(answer["applied"], false);
  EXPECT_EQ(answer["text"], "rhumb.yaml:1:2: error: no [E0103]\n");
}

TEST_F(ConfigEndpoints, FilesThatNobodyCouldReadAreNotAtFault) {
  ReloadVerdict verdict{false, "cannot start a thread: why\n"};
  verdict.unread = true;
  asking_.ask(Method::post, "/v1/config:reload");
  reloads_[0](verdict);
  EXPECT_EQ(status(), 503);
  EXPECT_EQ(body()["error"]["message"], "cannot start a thread: why");
  for (size_t i = 0; i < 2; ++i) {
    asking_.get("/v1/config/diff");
    ASSERT_EQ(previews_.size(), i + 1);
    previews_[i](verdict);
    EXPECT_EQ(status(), 503);
    EXPECT_EQ(body()["error"]["code"], "no_thread");
  }
}

TEST_F(ConfigEndpoints, AReloadIsHeldToTheLimitsThatAreNamed) {
  asking_.ask(Method::post, "/v1/config:reload?max_moved=2%25");
  EXPECT_EQ(limits_.moved, 0.02);
  EXPECT_FALSE(limits_.lost || limits_.load);
  reloads_[0]({false, "the table\n", {}, 6, "abc", true});
  EXPECT_EQ(status(), 422);
  EXPECT_EQ(body()["past_limits"], true);
  asking_.ask(Method::post, "/v1/config:reload");
  EXPECT_FALSE(limits_.any());
  for (const char* share : {"2", "much", "101%25", "-1%25"})
    EXPECT_EQ(asking_.ask(Method::post, std::string("/v1/config:reload?max_moved=") + share).status, 400) << share;
  asking_.ask(Method::post, "/v1/config:reload?max_lost=0%25&max_load=150%25");
  EXPECT_EQ(limits_.lost, 0);
  EXPECT_EQ(limits_.load, 1.5);
  EXPECT_EQ(reloads_.size(), 3u);
}

TEST_F(ConfigEndpoints, WhoDoesNotWaitIsAnsweredAtOnceAndOnce) {
  EXPECT_EQ(asking_.ask(Method::post, "/v1/config:reload?wait=false").status, 202);
  EXPECT_EQ(asking_.ask(Method::post, "/v1/gateway:upgrade?wait=false").status, 202);
  reloads_[0]({true, "", {}, 1, ""});
  upgrades_[0](4711);
  EXPECT_EQ(asking_.replies->answers, 2);
  EXPECT_EQ(asking_.ask(Method::post, "/v1/config:reload?wait=perhaps").status, 400);
  EXPECT_EQ(reloads_.size(), 1u);
}

TEST_F(ConfigEndpoints, AnUpgradeNamesTheProcessThatServes) {
  asking_.ask(Method::post, "/v1/gateway:upgrade");
  upgrades_[0](4711);
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(body()["pid"], 4711);
  asking_.ask(Method::post, "/v1/gateway:upgrade");
  upgrades_[1](base::Unexpected(std::string("the new process ended (exit code 78)")));
  EXPECT_EQ(status(), 409);
  EXPECT_EQ(body()["error"]["message"], "the new process ended (exit code 78)");
}

TEST_F(ConfigEndpoints, AreForAdministratorsAlone) {
  for (const char* path : {"/v1/config:reload", "/v1/gateway:upgrade"}) {
    EXPECT_EQ(asking_.ask(Method::post, path, {}, admin::Role::operate).status, 403);
    EXPECT_EQ(asking_.get(path).status, 405);
  }
  EXPECT_TRUE(reloads_.empty() && upgrades_.empty());
}

}  // namespace
}  // namespace rhumb::proxy
