// SPDX-License-Identifier: Apache-2.0
#include "foresight/replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/wall_text.h"
#include "decision/explain.h"

namespace rhumb::foresight {
namespace {

using decision::Candidate;
using decision::Decision;

bool same(const DecisionRecord& record, const Decision& made) {
  return record.winner == made.winner && record.runner_up == made.runner_up &&
         record.reason == static_cast<uint8_t>(made.reason) && record.affinity == static_cast<uint8_t>(made.affinity) &&
         record.digest == digest_of(made.candidates);
}

template <class Enum>
std::string_view recorded_name(uint8_t value) {
  return value < static_cast<uint8_t>(Enum::kCount) ? decision::name(static_cast<Enum>(value)) : "unknown";
}

/// What was recorded of one region: "eu  -  score 0.912  distance 0.961 ...".
std::string row_text(const decision::Policy& policy, uint8_t region, uint8_t removed, const RecordedRow& row) {
  const decision::Regions& regions = *policy.regions;
  if (region >= regions.size()) return "none\n";
  std::string out = fmt::format("{}  removed {}  score {:.9g}", regions[region].name,
                                recorded_name<decision::Removed>(removed), row.score);
  for (size_t t = 0; t < decision::term_count(policy); ++t)
    out += fmt::format("  {} {:.9g}", decision::label_of(policy, t).name, row.values[t]);
  return out + "\n";
}

std::string difference(const DecisionRecord& record, const Replayable& from, const decision::RequestFacts& facts,
                       const decision::RegionStates& states, const Decision& made) {
  std::string out = fmt::format("recorded: reason {}, affinity {}\n", recorded_name<decision::Reason>(record.reason),
                                recorded_name<decision::Affinity>(record.affinity));
  out += "  winner     " + row_text(*from.policy, record.winner, record.winner_removed, record.rows[0]);
  out += "  runner-up  " + row_text(*from.policy, record.runner_up, record.runner_up_removed, record.rows[1]);
  out += "decided again:\n";
  return out + decision::explain_text({*from.policy, states, facts, made, from.route, {}, {}});
}

std::string time_text(base::WallTime time) { return base::wall_text_millis(time); }

void replay_one(const DecisionRecord& record, Recording& recording, ReplayReport& report) {
  const Replayable from = replayable(record, recording);
  if (from.states == nullptr) return void(++report.unreplayed[static_cast<size_t>(from.why)]);
  std::array<Candidate, decision::kMaxRegions> rows;
  const decision::RequestFacts facts = facts_of(record);
  const Decision made = decision::decide(*from.policy, *from.states, facts, record.draw, rows);
  if (same(record, made)) return void(++report.equal);
  ++report.different;
  if (report.differences.size() == ReplayReport::kMostShown) return;
  decision::RegionStates states = *from.states;
  states.epoch = record.states_epoch;
  report.differences.push_back(difference(record, from, facts, states, made));
}

constexpr std::string_view kWhy[] = {"their policies are gone or cannot be read", "their region states are gone",
                                     "they do not fit their policies"};
static_assert(std::size(kWhy) == static_cast<size_t>(Unreplayed::kCount));

}  // namespace

Replayable replayable(const DecisionRecord& record, Recording& recording) {
  Replayable out;
  const decision::Policies* const policies = recording.policies(record.policies);
  if (policies == nullptr) {
    out.why = Unreplayed::no_policies;
    return out;
  }
  const decision::RegionStates* const states = recording.states(record.states);
  if (states == nullptr) {
    out.why = Unreplayed::no_states;
    return out;
  }
  if (record.route >= policies->routes.size() || states->of.size() != policies->regions->size()) return out;
  out.policy = &policies->routes[record.route].policy;
  out.route = policies->routes[record.route].name;
  out.states = states;
  return out;
}

void replay(Recording& recording, ReplayReport& report) {
  recording.for_each([&](const DecisionRecord& record, base::WallTime time) {
    if (report.first == base::WallTime{} || time < report.first) report.first = time;
    report.last = std::max(report.last, time);
    replay_one(record, recording, report);
  });
  const SlotCounts& counts = recording.counts();
  report.slots.decisions += counts.decisions, report.slots.states += counts.states;
  report.slots.targets += counts.targets, report.slots.torn += counts.torn;
  if (!recording.why_not().empty()) report.why_not = recording.why_not();
}

std::string replay_text(const ReplayReport& report) {
  std::string out;
  for (const std::string& difference : report.differences) out += difference + "\n";
  if (report.different > report.differences.size() && !report.differences.empty())
    out += fmt::format("and {} more that differ\n\n", report.different - report.differences.size());
  if (report.slots.decisions != 0)
    out += fmt::format("recorded   {} to {}\n", time_text(report.first), time_text(report.last));
  out += fmt::format("slots      {} decisions, {} of region states, {} of targets, {} torn\n", report.slots.decisions,
                     report.slots.states, report.slots.targets, report.slots.torn);
  for (const std::string& recording : report.passed_over) out += fmt::format("passed over {}\n", recording);
  for (size_t i = 0; i < report.unreplayed.size(); ++i)
    if (report.unreplayed[i] != 0) out += fmt::format("not replayed: {}, because {}\n", report.unreplayed[i], kWhy[i]);
  if (report.unreplayed[0] != 0 && !report.why_not.empty()) out += fmt::format("  {}\n", report.why_not);
  return out + fmt::format("replayed {} equal {}\n", report.replayed(), report.equal);
}

std::string replay_json(const ReplayReport& report) {
  return fmt::format(
      "{{\"replayed\":{},\"equal\":{},\"different\":{},\"no_policies\":{},\"no_states\":{},\"unsound\":{},"
      "\"slots\":{{\"decisions\":{},\"states\":{},\"targets\":{},\"torn\":{}}},\"first\":{},\"last\":{},"
      "\"passed_over\":{},\"differences\":{}}}\n",
      report.replayed(), report.equal, report.different, report.unreplayed[0], report.unreplayed[1],
      report.unreplayed[2], report.slots.decisions, report.slots.states, report.slots.targets, report.slots.torn,
      base::json_text(time_text(report.first)), base::json_text(time_text(report.last)),
      base::json_list(report.passed_over), base::json_list(report.differences));
}

}  // namespace rhumb::foresight
