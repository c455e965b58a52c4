// SPDX-License-Identifier: Apache-2.0
#include "proxy/cli_json.h"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace rhumb::proxy {
namespace {

class CliJson : public ::testing::Test {
 protected:
  CliJson() {
    CLI::App* serve = app_.add_subcommand("serve", "Serve");
    serve->add_option("--config,-c", text_, "A file")->required()->type_name("FILE");
    serve->add_option("--as", text_, "How")->check(CLI::IsMember({"json", "man"}));
    serve->add_flag("--quiet", flag_, "Say nothing");
    serve->add_option("files", texts_, "More files")->type_name("FILE");
    app_.add_subcommand("__hidden", "For nobody")->group("");
    json_ = nlohmann::json::parse(cli_json(app_));
  }
  const nlohmann::json& serve() const { return json_["command"]["commands"][0]; }
  const nlohmann::json& option(const std::string& name) const {
    for (const auto& one : serve()["options"])
      if (one["names"].back() == name) return one;
    throw std::runtime_error("no option " + name);
  }

  CLI::App app_{"For a test", "rhumb"};
  std::string text_;
  std::vector<std::string> texts_;
  bool flag_ = false;
  nlohmann::json json_;
};

TEST_F(CliJson, HasTheCommandsThatAreShown) {
  EXPECT_EQ(json_["command"]["name"], "rhumb");
  ASSERT_EQ(json_["command"]["commands"].size(), 1u);
  EXPECT_EQ(serve()["name"], "serve");
  EXPECT_EQ(serve()["description"], "Serve");
}

TEST_F(CliJson, SaysWhatAnOptionTakes) {
  EXPECT_EQ(option("--config")["names"], (nlohmann::json{"-c", "--config"}));
  EXPECT_EQ(option("--config")["value"], "FILE");
  EXPECT_EQ(option("--config")["required"], true);
  EXPECT_EQ(option("--config")["many"], false);
  EXPECT_EQ(option("--as")["choices"], (nlohmann::json{"json", "man"}));
  EXPECT_FALSE(option("--quiet").contains("value")) << "a flag";
  EXPECT_FALSE(option("--quiet")["argument"]);
}

TEST_F(CliJson, TellsArgumentsFromOptions) {
  EXPECT_EQ(option("files")["argument"], true);
  EXPECT_EQ(option("files")["many"], true);
  EXPECT_EQ(option("files")["value"], "FILE");
}

TEST_F(CliJson, ListsTheTopicsOfHelp) {
  EXPECT_THAT(json_["topics"].get<std::vector<std::string>>(),
              ::testing::IsSupersetOf({"regions.health.interval", "routes.filters.ip_acl.deny", "E0103"}));
}

}  // namespace
}  // namespace rhumb::proxy
