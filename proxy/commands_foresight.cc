// SPDX-License-Identifier: Apache-2.0
#include "proxy/commands_foresight.h"

#include <fmt/format.h>

#include "base/units.h"
#include "foresight/plan_text.h"
#include "foresight/replay.h"
#include "proxy/compile.h"
#include "proxy/config_file.h"
#include "proxy/terminal.h"

namespace rhumb::proxy {

int replay_recording(const std::string& path, bool json) {
  auto recordings = foresight::open_recordings(path);
  if (!recordings) return fail(recordings.error());
  if (recordings->all.empty() && recordings->passed_over.empty())
    return fail(fmt::format("{}: there is no recording", path));
  foresight::ReplayReport report;
  for (const auto& recording : recordings->all) foresight::replay(*recording, report);
  report.passed_over = std::move(recordings->passed_over);
  print(json ? foresight::replay_json(report) : foresight::replay_text(report));
  return report.different == 0 ? kOk : kFailure;
}

namespace {

/// Of the recording, or of a population when there is none.
base::Result<foresight::PlanReport, std::string> planned(const PlanQuestion& question, const config::Spec& next,
                                                         std::optional<base::Micros> last) {
  auto report = foresight::plan_recorded(question.recording, next, last);
  if (!report || !report->nothing_recorded()) return report;
  if (question.before.empty())
    return base::Unexpected(
        fmt::format("{}: nothing usable is recorded; --before names the file in force, for a plan with a population "
                    "made of the geo data",
                    question.recording));
  const auto now = load_good(question.before);
  if (now == nullptr) return base::Unexpected(question.before + ": the file in force is no good");
  const auto places = open_geo(next.geo);
  if (!places) return base::Unexpected(places.error());
  return foresight::plan_made_up(*now, next, places->get());
}

}  // namespace

int plan_change(const PlanQuestion& question) {
  std::optional<base::Micros> last;
  if (!question.last.empty()) {
    const auto parsed = base::parse_duration(question.last);
    if (!parsed) return fail(fmt::format("--last: {}", parsed.error().message), kUsage);
    last = *parsed;
  }
  const auto spec = load_good(question.file);
  if (spec == nullptr) return kBadConfig;
  const auto report = planned(question, *spec, last);
  if (!report) return fail(report.error());
  print(question.json ? foresight::plan_json(*report) : foresight::plan_text(*report));
  const std::string excess = foresight::excess(*report, question.limits);
  complain(excess);
  return excess.empty() ? kOk : kFailure;
}

}  // namespace rhumb::proxy
