// SPDX-License-Identifier: Apache-2.0
#include "proxy/commands_check.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/log.h"
#include "proxy/compile.h"
#include "proxy/config_file.h"
#include "proxy/deep_check.h"
#include "proxy/terminal.h"

namespace rhumb::proxy {
namespace {

config::Loaded load_and_check(const std::string& file, bool deep) {
  config::Loaded loaded = load_config(file);
  if (loaded.ok()) compile(loaded.spec, 1, nullptr, nullptr, loaded.diagnostics);
  if (loaded.ok() && deep) check_deep(loaded.spec, loaded.diagnostics);
  return loaded;
}

std::string as_json(const std::string& file, const config::Loaded& loaded, bool good) {
  std::string diagnostics = config::render_json(loaded.diagnostics, loaded.sources);
  diagnostics.pop_back();  // its line end
  return fmt::format(R"({{"file":{},"ok":{},"hash":{},"diagnostics":{}}})", base::json_text(file), good,
                     base::json_text(loaded.spec.hash), diagnostics);
}

void print_text(const std::string& file, const config::Loaded& loaded, bool good) {
  complain(config::render(loaded.diagnostics, loaded.sources, config::Audience::of_the_files));
  if (!good && loaded.ok()) complain(fmt::format("{}: refused, because warnings are fatal (--strict)\n", file));
  if (!good) return;
  print(fmt::format("{}: ok ({} listeners, {} regions, {} routes; {})\n", file, loaded.spec.listeners.size(),
                    loaded.spec.regions.size(), loaded.spec.routes.size(), loaded.spec.hash));
}

}  // namespace

int check_files(const std::vector<std::string>& files, const CheckOptions& options) {
  int code = kOk;
  std::string document;
  for (const auto& file : files) {
    const config::Loaded loaded = load_and_check(file, options.deep);
    const bool good = loaded.ok() && (!options.strict || loaded.diagnostics.warnings() == 0);
    if (!good) code = kBadConfig;
    if (options.json)
      document += (document.empty() ? "[" : ",\n ") + as_json(file, loaded, good);
    else
      print_text(file, loaded, good);
  }
  if (options.json) print(document + "]\n");
  return code;
}

}  // namespace rhumb::proxy
