// SPDX-License-Identifier: Apache-2.0
#include "proxy/plan_gate.h"

#include <fmt/format.h>

#include "foresight/plan_text.h"
#include "proxy/compile.h"

namespace rhumb::proxy {
namespace {

/// The table, and what of it is too much; empty when nothing is.
std::string excess(const foresight::PlanReport& report, double max_moved) {
  if (report.moved_share() <= max_moved) return {};
  return fmt::format("{}\nthis would move {:.2f} %, and at most {:.2f} % may move\n", foresight::plan_text(report),
                     report.moved_share() * 100, max_moved * 100);
}

}  // namespace

Reloader::Gate plan_gate(const World& now, std::string recorder) {
  return [recorder = std::move(recorder), config = now.config](LoadedFiles& files, double max_moved) {
    config::Loaded& file = files.config;
    if (file.ok()) compile(file.spec, 1, nullptr, nullptr, file.diagnostics);
    if (!file.ok() || !files.problem.empty()) return;
    auto report = foresight::plan_recorded(recorder, file.spec, std::nullopt);
    if (report && report->nothing_recorded())
      report = foresight::plan_made_up(config->spec, file.spec, files.geo.get());
    files.problem = report ? excess(*report, max_moved) : report.error() + "\n";
    files.moves_too_much = !files.problem.empty();
  };
}

}  // namespace rhumb::proxy
