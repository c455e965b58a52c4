// SPDX-License-Identifier: Apache-2.0
#include "proxy/cli_json.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "config/topic.h"
#include "config/value.h"
#include "filters/registry.h"

namespace rhumb::proxy {
namespace {

using Json = nlohmann::ordered_json;

Json option_json(const CLI::Option& option) {
  Json names = Json::array();
  for (const auto& name : option.get_snames()) names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) names.push_back("--" + name);
  const bool argument = names.empty();
  if (argument) names.push_back(option.get_name(true));
  Json json{{"names", std::move(names)},
            {"argument", argument},
            {"description", option.get_description()},
            {"required", option.get_required()},
            {"many", option.get_items_expected_max() > 1}};
  // "FILE", or "TEXT:{json,man}" where the words are listed; a flag has none.
  const std::string type = option.get_type_name();
  if (type.empty()) return json;
  const size_t open = type.find('{');
  if (open != std::string::npos) {
    const std::string_view inside = std::string_view(type).substr(open + 1, type.find('}') - open - 1);
    for (const std::string_view word : config::words(inside)) json["choices"].push_back(word);
  }
  json["value"] = type.substr(0, type.find(':'));
  return json;
}

Json command_json(const CLI::App& app) {
  Json json{{"name", app.get_name()},
            {"description", app.get_description()},
            {"options", Json::array()},
            {"commands", Json::array()}};
  for (const CLI::Option* option : app.get_options()) json["options"].push_back(option_json(*option));
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!command->get_group().empty()) json["commands"].push_back(command_json(*command));
  return json;
}

}  // namespace

std::string cli_json(const CLI::App& app) {
  Json json{{"command", command_json(app)}, {"topics", config::help_topics(filters::filter_rows())}};
  return json.dump(1) + "\n";
}

}  // namespace rhumb::proxy
