// SPDX-License-Identifier: Apache-2.0
#include "proxy/commands_score.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>

#include "decision/policies.h"
#include "foresight/grid_svg.h"
#include "foresight/grid_text.h"
#include "proxy/commands.h"
#include "proxy/compile.h"
#include "proxy/terminal.h"

namespace rhumb::proxy {
namespace {

using base::Result;
using base::Unexpected;
using foresight::Grid;

int degrees_of(const std::string& by) {
  int degrees = 0;
  std::from_chars(by.data(), by.data() + by.size(), degrees);
  return degrees;
}

/// The named route, or the first.
const decision::RoutePolicy* route_of(const decision::Policies& policies, const std::string& name) {
  for (const decision::RoutePolicy& route : policies.routes)
    if (name.empty() || route.name == name) return &route;
  return nullptr;
}

Result<Grid, std::string> grid_of(const config::Spec& spec, const std::string& file, const ScoreQuestion& question,
                                  const std::vector<foresight::Place>& population) {
  const decision::Policies policies = decision::compile_policies(spec);
  const decision::RoutePolicy* const route = route_of(policies, question.route);
  if (route == nullptr) return Unexpected(fmt::format("{}: there is no route '{}'", file, question.route));
  decision::RegionStates states = decision::unmeasured(*policies.regions);
  for (const std::string& name : question.down) {
    const decision::RegionIndex region = policies.find_region(name);
    if (region == decision::kNoRegion) return Unexpected(fmt::format("{}: there is no region '{}'", file, name));
    set_down(states.of[region], true);
  }
  return foresight::make_grid(
      {*route, states, population, degrees_of(question.by), decision::tenant_key(question.tenant)});
}

int write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  return out ? kOk : fail(fmt::format("{}: {}", path, std::strerror(errno)));
}

}  // namespace

int score_grid(const ScoreQuestion& question) {
  const auto config = load_for_command(question.config);
  const auto old = question.before.empty() ? nullptr : load_for_command(question.before);
  if (config == nullptr || (old == nullptr && !question.before.empty())) return kBadConfig;
  const auto geo = open_geo(config->spec.geo);
  if (!geo) return fail(geo.error(), kBadConfig);
  const auto population = foresight::population(geo->get());
  const auto grid = grid_of(config->spec, question.config, question, population);
  if (!grid) return fail(grid.error());
  std::optional<Grid> before;
  if (old != nullptr) {
    auto made = grid_of(old->spec, question.before, question, population);
    if (!made) return fail(made.error());
    before = std::move(*made);
  }
  const Grid* const compared = before ? &*before : nullptr;
  if (!question.svg.empty()) return write_file(question.svg, foresight::grid_svg(*grid, compared));
  print(question.json ? foresight::grid_json(*grid, compared) : foresight::grid_text(*grid, compared));
  return kOk;
}

}  // namespace rhumb::proxy
