// SPDX-License-Identifier: Apache-2.0
#include "proxy/commands_config.h"

#include <cstdio>

#include "config/diff.h"
#include "config/manual.h"
#include "config/reference.h"
#include "config/schema.h"
#include "filters/registry.h"
#include "proxy/config_file.h"
#include "proxy/terminal.h"
#include "proxy/version.h"

namespace rhumb::proxy {
namespace {

constexpr int kDifferent = 1;

}  // namespace

int config_show(const std::string& file, config::ShowOptions options, bool json) {
  const auto spec = load_good(file);
  if (spec == nullptr) return kBadConfig;
  const auto show = json ? config::show_json : config::show_yaml;
  print(show(*spec->tree, *spec->sources, filters::filter_rows(), options));
  return kOk;
}

int config_diff(const std::string& before, const std::string& after, bool json) {
  const auto was = load_good(before), is = load_good(after);
  if (was == nullptr || is == nullptr) return kBadConfig;
  const auto changes = config::diff(*was->tree, *is->tree, filters::filter_rows());
  print(json ? config::diff_json(changes) : config::diff_text(changes));
  return changes.empty() ? kOk : kDifferent;
}

int print_schema(const std::string& as) {
  const auto filters = filters::filter_rows();
  print(as == "json"       ? config::json_schema(filters)
        : as == "markdown" ? config::reference_markdown(filters)
                           : config::manual_page(filters, kVersion));
  return kOk;
}

}  // namespace rhumb::proxy
