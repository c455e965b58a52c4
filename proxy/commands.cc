// SPDX-License-Identifier: Apache-2.0
#include "proxy/commands.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/log.h"
#include "base/log_writer.h"
#include "config/load.h"
#include "geo/commands.h"
#include "geo/fetch.h"
#include "proxy/admin_client.h"
#include "proxy/commands_explain.h"
#include "proxy/compile.h"
#include "proxy/config_file.h"
#include "proxy/control.h"
#include "proxy/terminal.h"

namespace rhumb::proxy {
namespace {

std::string facts_json(const std::string& address, const geo::Facts& facts) {
  std::string out = fmt::format("{{\"address\":{},\"country\":{},\"city\":{},\"source\":{}", base::json_text(address),
                                base::json_text(facts.country.view()), base::json_text(facts.city),
                                base::json_text(geo::name(facts.source)));
  if (facts.has_point)
    out += fmt::format(",\"latitude\":{:.4f},\"longitude\":{:.4f},\"accuracy_km\":{}", facts.point.latitude,
                       facts.point.longitude, facts.accuracy_km);
  return out + "}";
}

}  // namespace

std::shared_ptr<const ConfigSnapshot> load_for_command(const std::string& path) {
  config::Loaded loaded = load_config(path);
  std::shared_ptr<const ConfigSnapshot> snapshot;
  if (loaded.ok()) snapshot = compile(std::move(loaded.spec), 1, nullptr, nullptr, loaded.diagnostics);
  if (snapshot == nullptr) complain(config::render(loaded.diagnostics, loaded.sources, config::Audience::of_the_files));
  return snapshot;
}

int run_gateway(const std::string& config, bool or_last_good) {
  const base::LogWriter error_log;
  if (!error_log.problem().empty()) return fail(fmt::format("error log: {}", error_log.problem()));
  return Control(config, or_last_good).run();
}

int explain_file(const std::string& config, const ExplainQuestion& question) {
  World world;
  world.config = load_for_command(config);
  if (world.config == nullptr) return kBadConfig;
  auto geo = open_geo(world.config->spec.geo);
  if (!geo) return fail(geo.error(), kBadConfig);
  world.geo = *geo;
  world.states = std::make_shared<const decision::RegionStates>(decision::unmeasured(*world.config->regions));
  const auto answer = explain_request(world, question);
  if (!answer) return fail(answer.error());
  print(*answer);
  return kOk;
}

int explain_running(const std::string& admin, const std::string& token_file, const ExplainQuestion& question) {
  const auto gateway = find_gateway(admin, token_file);
  if (!gateway) return fail(gateway.error());
  std::string target = explain_target(question);
  if (!question.json) target += "&format=text";
  const auto answer = AdminClient(*gateway).request("GET", target);
  if (!answer) return fail(answer.error());
  if (!answer->ok()) return fail(refusal_text(*answer));
  print(answer->body);
  return kOk;
}

int geo_lookup(const std::vector<std::string>& databases, const std::vector<std::string>& addresses, bool json) {
  std::vector<geo::Locator::Input> inputs;
  for (const auto& path : databases) inputs.push_back({path, false});
  const auto locator = geo::Locator::open(inputs);
  if (!locator) return fail(locator.error());
  int code = kOk;
  for (const auto& text : addresses) {
    const auto address = base::IpAddress::parse(text);
    if (!address) {
      complain(fmt::format("not an address: '{}'\n", text));
      code = kFailure;
      continue;
    }
    const geo::Facts facts = (*locator)->locate(*address);
    print(json ? facts_json(text, facts) + "\n" : fmt::format("{}  {}\n", text, geo::describe(facts)));
  }
  return code;
}

int geo_build(const std::vector<std::string>& csv, const std::string& out) {
  const auto built = geo::build(csv, out);
  if (!built) {
    for (const auto& error : built.error()) complain(error + "\n");
    return kFailure;
  }
  print(fmt::format("{}: {} rows, {} blocks, {} records, {} bytes\n", out, built->rows, built->blocks, built->records,
                    built->bytes));
  return kOk;
}

int geo_fetch(const std::string& source, const std::string& into) {
  const auto fetched = geo::fetch({source, into});
  if (!fetched) return fail(fetched.error());
  for (const auto& file : fetched->files) print(file + "\n");
  if (!fetched->attribution.empty()) print(fetched->attribution + "\n");
  return kOk;
}

}  // namespace rhumb::proxy
