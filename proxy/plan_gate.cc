// SPDX-License-Identifier: Apache-2.0
#include "proxy/plan_gate.h"

#include "foresight/plan_text.h"
#include "proxy/compile.h"

namespace rhumb::proxy {
namespace {

/// The table, and what of it is too much; empty when nothing is.
std::string refusal(const foresight::PlanReport& report, const foresight::PlanLimits& limits) {
  const std::string excess = foresight::excess(report, limits);
  return excess.empty() ? excess : foresight::plan_text(report) + "\n" + excess;
}

}  // namespace

Reloader::Gate plan_gate(const World& now, std::string recorder) {
  return
      [recorder = std::move(recorder), config = now.config](LoadedFiles& files, const foresight::PlanLimits& limits) {
        config::Loaded& file = files.config;
        if (file.ok()) compile(file.spec, 1, nullptr, nullptr, file.diagnostics);
        if (!file.ok() || !files.problem.empty()) return;
        auto report = foresight::plan_recorded(recorder, file.spec, std::nullopt);
        if (report && report->nothing_recorded())
          report = foresight::plan_made_up(config->spec, file.spec, files.geo.get());
        files.problem = report ? refusal(*report, limits) : report.error() + "\n";
        files.past_limits = !files.problem.empty();
      };
}

}  // namespace rhumb::proxy
