// SPDX-License-Identifier: Apache-2.0
#include "decision/explain.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "decision/counterfactual.h"
#include "decision/explain_parts.h"

namespace rhumb::decision {
namespace {

using Line = std::vector<std::string>;

std::string client_text(const ExplainInput& in) {
  const geo::Facts& where = in.facts.where;
  std::string out = in.facts.client.to_string();
  if (!where.country.known() && !where.has_point) return out + "  place unknown";
  out += "  ";
  out += where.country.known() ? where.country.view() : "country unknown";
  if (!where.city.empty()) out += fmt::format(", {}", printable(where.city));
  if (where.has_point) out += fmt::format(", {:.2f} {:.2f}", where.point.latitude, where.point.longitude);
  if (where.accuracy_km != 0) out += fmt::format(" within {} km", where.accuracy_km);
  return out + fmt::format("  ({})", geo::name(where.source));
}

std::string session_text(const ExplainInput& in) {
  const Preference& wish = in.facts.preference;
  if (wish.verdict == Affinity::none) return "none";
  const std::string_view region = region_name(in, wish.region);
  if (region.empty()) return std::string(name(in.decision.affinity));
  return fmt::format("{} ({})", name(in.decision.affinity), region);
}

std::string denied_text(const ExplainInput& in) {
  return fmt::format("{} by {}: {}; without that:\n\n", in.denied_status < 400 ? "answered" : "denied", in.denied_by,
                     in.denied_status);
}

void append_head(std::string& out, const ExplainInput& in) {
  if (!in.denied_by.empty()) out += denied_text(in);
  if (!in.host.empty() || !in.path.empty()) out += fmt::format("request    {}{}\n", in.host, in.path);
  if (!in.route.empty()) out += fmt::format("route      {}\n", in.route);
  out += fmt::format("strategy   {}\nclient     {}\n", in.policy.strategy->name, client_text(in));
  if (!in.tenant.empty()) out += fmt::format("tenant     {}\n", printable(in.tenant));
  out += fmt::format("session    {}\nstates     epoch {}\ndraw       {:016x}\n\n", session_text(in),
                     in.decision.states_epoch, in.decision.draw);
}

/// "781 km  0.961 +0.480": the raw quantity, its value and its points.
std::string cell(const ExplainInput& in, const Candidate& row, size_t term) {
  const double points = weight_of(in, term) * double{row.values[term]};
  return fmt::format("{}  {:.3f} {:+.3f}", quantity(label_of(in.policy, term), raw_of(in, term, row.region)),
                     row.values[term], points);
}

std::vector<Line> table_of(const ExplainInput& in) {
  std::vector<Line> table(1);
  table[0] = {"region", "removed by"};
  const size_t count = term_count(in.policy);
  for (size_t t = 0; t < count; ++t)
    if (in.policy.weights[t] > 0)
      table[0].push_back(fmt::format("{} x{:g}", label_of(in.policy, t).name, weight_of(in, t)));
  table[0].emplace_back("score");
  for (const Candidate& row : in.decision.candidates) {
    Line& line = table.emplace_back();
    line = {std::string(region_name(in, row.region)),
            std::string(row.removed == Removed::no ? "-" : name(row.removed))};
    for (size_t t = 0; t < count; ++t)
      if (in.policy.weights[t] > 0) line.push_back(cell(in, row, t));
    line.push_back(fmt::format("{:.3f}", row.score));
    if (const std::string_view note = note_of(in, row.region); !note.empty()) line.push_back(printable(note));
  }
  return table;
}

/// Names to the left, numbers to the right, two spaces between; a line may end with words that have no column.
void append_table(std::string& out, const std::vector<Line>& table) {
  std::vector<size_t> widths(table[0].size());
  for (const Line& line : table)
    for (size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  for (const Line& line : table) {
    for (size_t i = 0; i < line.size(); ++i) {
      const std::string_view gap = i == 0 ? "" : "  ";
      const size_t width = i < widths.size() ? widths[i] : 0;
      out += i < 2 ? fmt::format("{}{:<{}}", gap, line[i], width) : fmt::format("{}{:>{}}", gap, line[i], width);
    }
    out += '\n';
  }
}

void append_changes(std::string& out, const ExplainInput& in) {
  const Decision& d = in.decision;
  const auto changes = counterfactuals(in.policy, in.states, in.facts, d);
  if (changes.empty()) {
    const std::string_view other = what_else(d.reason);
    if (!other.empty()) out += fmt::format("For {} to win, {}.\n", region_name(in, d.runner_up), other);
    return;
  }
  out += fmt::format("For {} to win, one of:\n", region_name(in, d.runner_up));
  for (const Counterfactual& change : changes) {
    const TermLabel term = label_of(in.policy, static_cast<size_t>(change.term));
    out += fmt::format("  {} of {} {} -> {} {}\n", term.name, region_name(in, d.runner_up), quantity(term, change.now),
                       term.lower_wins ? "at most" : "at least", exact_quantity(term, change.needed));
  }
}

void append_verdict(std::string& out, const ExplainInput& in) {
  const Decision& d = in.decision;
  if (d.winner == kNoRegion) {
    out += fmt::format("winner     none ({}: {})\n", name(d.reason), meaning(d.reason));
    return;
  }
  out += fmt::format("winner     {} ({}: {})\n", region_name(in, d.winner), name(d.reason), meaning(d.reason));
  if (d.runner_up == kNoRegion) {
    out += "runner-up  none\n";
    return;
  }
  out += fmt::format("runner-up  {}", region_name(in, d.runner_up));
  if (d.reason == Reason::best_score) out += fmt::format(", {:.3f} behind", margin(d));
  out += "\n\n";
  append_changes(out, in);
}

}  // namespace

std::string explain_text(const ExplainInput& in) {
  std::string out;
  append_head(out, in);
  append_table(out, table_of(in));
  out += '\n';
  append_verdict(out, in);
  return out;
}

}  // namespace rhumb::decision
