// SPDX-License-Identifier: Apache-2.0
#include "decision/explain.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "base/log.h"
#include "decision/counterfactual.h"

namespace rhumb::decision {
namespace {

std::string json(std::string_view text) {
  std::string out(text.size() * 6, '\0');
  out.resize(static_cast<size_t>(base::json_escape(text, out.data()) - out.data()));
  return "\"" + out + "\"";
}

std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.4g}", value) : "null"; }

std::string region_name(const ExplainInput& in, RegionIndex r) {
  return r == kNoRegion ? "" : (*in.policy.regions)[r].name;
}

TermInput term_input(const ExplainInput& in, RegionIndex r) {
  return {(*in.policy.regions)[r], in.states.of[r], in.facts, in.policy.max_weight};
}

std::string raw_text(const ExplainInput& in, const TermType& term, RegionIndex r) {
  const double raw = term.raw(term_input(in, r));
  return std::isfinite(raw) ? fmt::format("{:.0f}{}{}", raw, term.unit.empty() ? "" : " ", term.unit)
                            : std::string("?");
}

std::string where_text(const geo::Facts& where) {
  if (!where.country.known() && !where.has_point) return "unknown";
  std::string out(where.country.view());
  if (where.has_point)
    out += fmt::format(" {:.2f} {:.2f} within {} km", where.point.latitude, where.point.longitude, where.accuracy_km);
  return out + fmt::format(" ({})", geo::name(where.source));
}

std::string cell(const ExplainInput& in, const Candidate& row, size_t t) {
  const double weight = in.policy.weights[t];
  return fmt::format("{} {:+.3f}", raw_text(in, *terms()[t], row.region), weight * static_cast<double>(row.values[t]));
}

void append_table(std::string& out, const ExplainInput& in) {
  auto to = std::back_inserter(out);
  fmt::format_to(to, "{:<16} {:<12} {:>8}", "region", "removed by", "score");
  for (size_t t = 0; t < kTerms; ++t)
    if (in.policy.weights[t] != 0)
      fmt::format_to(to, "  {:>20}", fmt::format("{} x{:g}", terms()[t]->name, in.policy.weights[t]));
  out += '\n';
  for (const Candidate& row : in.decision.candidates) {
    fmt::format_to(to, "{:<16} {:<12} {:>8.3f}", region_name(in, row.region),
                   row.removed == Removed::no ? "-" : name(row.removed), row.score);
    for (size_t t = 0; t < kTerms; ++t)
      if (in.policy.weights[t] != 0) fmt::format_to(to, "  {:>20}", cell(in, row, t));
    out += '\n';
  }
}

std::string margin_text(const ExplainInput& in) {
  const auto& rows = in.decision.candidates;
  return fmt::format("{:.3f}", rows[in.decision.winner].score - rows[in.decision.runner_up].score);
}

void append_verdict(std::string& out, const ExplainInput& in) {
  auto to = std::back_inserter(out);
  const Decision& d = in.decision;
  if (d.winner == kNoRegion) {
    fmt::format_to(to, "winner: none ({})\n", name(d.reason));
    return;
  }
  fmt::format_to(to, "winner: {} ({})\n", region_name(in, d.winner), name(d.reason));
  if (d.runner_up == kNoRegion) return;
  fmt::format_to(to, "runner-up: {}, behind by {}\n", region_name(in, d.runner_up), margin_text(in));
  const auto changes = counterfactuals(in.policy, in.states, in.facts, d);
  if (!changes.empty()) fmt::format_to(to, "{} would win if, all else equal:\n", region_name(in, d.runner_up));
  for (const Counterfactual& change : changes) {
    const TermType& term = *terms()[static_cast<size_t>(change.term)];
    fmt::format_to(to, "  its {} were {:.4g}{}{} instead of {}\n", term.name, change.needed,
                   term.unit.empty() ? "" : " ", term.unit,
                   std::isfinite(change.now) ? fmt::format("{:.4g}", change.now) : "unknown");
  }
}

std::string candidate_json(const ExplainInput& in, const Candidate& row) {
  std::string out = fmt::format(
      "{{\"region\":{},\"removed\":{},\"score\":{},\"terms\":{{", json(region_name(in, row.region)),
      row.removed == Removed::no ? "null" : json(name(row.removed)), number(static_cast<double>(row.score)));
  for (size_t t = 0; t < kTerms; ++t) {
    const TermType& term = *terms()[t];
    out += fmt::format("{}{}:{{\"raw\":{},\"unit\":{},\"value\":{},\"weight\":{}}}", t == 0 ? "" : ",", json(term.name),
                       number(term.raw(term_input(in, row.region))), json(term.unit),
                       number(static_cast<double>(row.values[t])), number(in.policy.weights[t]));
  }
  return out + "}}";
}

}  // namespace

std::string explain_text(const ExplainInput& in) {
  std::string out = fmt::format("client: {} {}\nroute: {} ({}{}), strategy {}\n", in.facts.client.to_string(),
                                where_text(in.facts.where), in.route, in.host, in.path, in.policy.strategy->name);
  if (in.facts.preference.verdict != Affinity::none) out += fmt::format("token: {}\n", name(in.decision.affinity));
  out += '\n';
  append_table(out, in);
  out += '\n';
  append_verdict(out, in);
  return out;
}

std::string explain_json(const ExplainInput& in) {
  const geo::Facts& where = in.facts.where;
  std::string out = fmt::format("{{\"client\":{},\"country\":{},\"source\":{},", json(in.facts.client.to_string()),
                                json(where.country.view()), json(geo::name(where.source)));
  if (where.has_point)
    out += fmt::format("\"latitude\":{:.4f},\"longitude\":{:.4f},\"accuracy_km\":{},", where.point.latitude,
                       where.point.longitude, where.accuracy_km);
  out += fmt::format("\"route\":{},\"host\":{},\"path\":{},\"strategy\":{},\"states_epoch\":{},\"affinity\":{},",
                     json(in.route), json(in.host), json(in.path), json(in.policy.strategy->name),
                     in.decision.states_epoch, json(name(in.decision.affinity)));
  const bool won = in.decision.winner != kNoRegion, contested = in.decision.runner_up != kNoRegion;
  out += fmt::format("\"winner\":{},\"runner_up\":{},\"reason\":{},\"margin\":{},\"candidates\":[",
                     won ? json(region_name(in, in.decision.winner)) : "null",
                     contested ? json(region_name(in, in.decision.runner_up)) : "null", json(name(in.decision.reason)),
                     contested ? margin_text(in) : "null");
  bool first = true;
  for (const Candidate& row : in.decision.candidates) {
    out += (first ? "" : ",") + candidate_json(in, row);
    first = false;
  }
  out += "],\"runner_up_would_win_if\":[";
  first = true;
  for (const Counterfactual& c : counterfactuals(in.policy, in.states, in.facts, in.decision)) {
    const TermType& term = *terms()[static_cast<size_t>(c.term)];
    out += fmt::format("{}{{\"term\":{},\"unit\":{},\"now\":{},\"needed\":{}}}", first ? "" : ",", json(term.name),
                       json(term.unit), number(c.now), number(c.needed));
    first = false;
  }
  return out + "]}\n";
}

}  // namespace rhumb::decision
