// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "base/log.h"
#include "decision/counterfactual.h"
#include "decision/explain_parts.h"

namespace rhumb::decision {
namespace {

std::string quoted(std::string_view text) {
  constexpr size_t kLongestEscape = 6;
  std::string out(text.size() * kLongestEscape, '\0');
  out.resize(static_cast<size_t>(base::json_escape(text, out.data()) - out.data()));
  return "\"" + out + "\"";
}

std::string quoted_or_null(std::string_view text) { return text.empty() ? "null" : quoted(text); }

std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : "null"; }

std::string client_json(const RequestFacts& facts) {
  const geo::Facts& where = facts.where;
  std::string out = fmt::format("{{\"ip\":{},\"country\":{},\"city\":{},", quoted(facts.client.to_string()),
                                quoted_or_null(where.country.view()), quoted_or_null(where.city));
  if (where.has_point)
    out += fmt::format("\"latitude\":{:.4f},\"longitude\":{:.4f},", where.point.latitude, where.point.longitude);
  return out + fmt::format("\"accuracy_km\":{},\"source\":{}}}", where.accuracy_km, quoted(geo::name(where.source)));
}

std::string term_json(const ExplainInput& in, const Candidate& row, size_t t) {
  const double value = double{row.values[t]};
  return fmt::format("{}:{{\"raw\":{},\"unit\":{},\"value\":{},\"weight\":{},\"points\":{}}}", quoted(terms()[t]->name),
                     number(raw_of(in, t, row.region)), quoted(terms()[t]->unit), number(value),
                     number(weight_of(in, t)), number(value * weight_of(in, t)));
}

std::string candidate_json(const ExplainInput& in, const Candidate& row) {
  std::string out =
      fmt::format("{{\"region\":{},\"removed\":{},\"score\":{},\"terms\":{{", quoted(region_name(in, row.region)),
                  row.removed == Removed::no ? "null" : quoted(name(row.removed)), number(row.score));
  for (size_t t = 0; t < kTerms; ++t) out += (t == 0 ? "" : ",") + term_json(in, row, t);
  return out + "}}";
}

std::string change_json(const Counterfactual& change) {
  const TermType& term = *terms()[static_cast<size_t>(change.term)];
  return fmt::format("{{\"term\":{},\"unit\":{},\"now\":{},\"needed\":{},\"bound\":{}}}", quoted(term.name),
                     quoted(term.unit), number(change.now), number(change.needed),
                     quoted(term.lower_wins ? "at_most" : "at_least"));
}

template <class List, class Write>
std::string list_json(const List& list, Write&& write) {
  std::string out = "[";
  for (const auto& item : list) {
    if (out.size() > 1) out += ',';
    out += write(item);
  }
  return out + "]";
}

}  // namespace

std::string explain_json(const ExplainInput& in) {
  const Decision& d = in.decision;
  const bool contested = d.winner != kNoRegion && d.runner_up != kNoRegion;
  std::string out = fmt::format("{{\"route\":{},\"host\":{},\"path\":{},\"strategy\":{},\"client\":{},",
                                quoted_or_null(in.route), quoted_or_null(in.host), quoted_or_null(in.path),
                                quoted(in.policy.strategy->name), client_json(in.facts));
  out += fmt::format("\"affinity\":{},\"preferred\":{},\"states_epoch\":{},\"draw\":\"{:016x}\",",
                     quoted(name(d.affinity)), quoted_or_null(region_name(in, in.facts.preference.region)),
                     d.states_epoch, d.draw);
  out += fmt::format("\"winner\":{},\"runner_up\":{},\"reason\":{},\"margin\":{},",
                     quoted_or_null(region_name(in, d.winner)), quoted_or_null(region_name(in, d.runner_up)),
                     quoted(name(d.reason)), contested ? number(margin(d)) : "null");
  out += "\"candidates\":" + list_json(d.candidates, [&](const Candidate& row) { return candidate_json(in, row); });
  out += ",\"runner_up_would_win_if\":";
  out += list_json(counterfactuals(in.policy, in.states, in.facts, d), change_json);
  return out + "}\n";
}

}  // namespace rhumb::decision
