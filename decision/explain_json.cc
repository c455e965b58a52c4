// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "base/log.h"
#include "decision/counterfactual.h"
#include "decision/explain_parts.h"

namespace rhumb::decision {
namespace {

std::string text_or_null(std::string_view text) { return text.empty() ? "null" : base::json_text(text); }

std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : "null"; }

std::string client_json(const RequestFacts& facts) {
  const geo::Facts& where = facts.where;
  std::string out = fmt::format("{{\"ip\":{},\"country\":{},\"city\":{},", base::json_text(facts.client.to_string()),
                                text_or_null(where.country.view()), text_or_null(where.city));
  if (where.has_point)
    out += fmt::format("\"latitude\":{:.4f},\"longitude\":{:.4f},", where.point.latitude, where.point.longitude);
  return out +
         fmt::format("\"accuracy_km\":{},\"source\":{}}}", where.accuracy_km, base::json_text(geo::name(where.source)));
}

std::string denied_json(const ExplainInput& in) {
  if (in.denied_by.empty()) return "null";
  return fmt::format("{{\"by\":{},\"status\":{}}}", base::json_text(in.denied_by), in.denied_status);
}

std::string term_json(const ExplainInput& in, const Candidate& row, size_t t) {
  const double value = double{row.values[t]};
  const TermLabel label = label_of(in.policy, t);
  return fmt::format("{}:{{\"raw\":{},\"unit\":{},\"value\":{},\"weight\":{},\"points\":{}}}",
                     base::json_text(label.name), number(raw_of(in, t, row.region)), base::json_text(label.unit),
                     number(value), number(weight_of(in, t)), number(value * weight_of(in, t)));
}

std::string candidate_json(const ExplainInput& in, const Candidate& row) {
  std::string out = fmt::format("{{\"region\":{},\"removed\":{},\"note\":{},\"score\":{},\"terms\":{{",
                                base::json_text(region_name(in, row.region)),
                                row.removed == Removed::no ? "null" : base::json_text(name(row.removed)),
                                text_or_null(note_of(in, row.region)), number(row.score));
  for (size_t t = 0; t < term_count(in.policy); ++t) out += (t == 0 ? "" : ",") + term_json(in, row, t);
  return out + "}}";
}

std::string change_json(const ExplainInput& in, const Counterfactual& change) {
  const TermLabel term = label_of(in.policy, static_cast<size_t>(change.term));
  return fmt::format("{{\"term\":{},\"unit\":{},\"now\":{},\"needed\":{},\"bound\":{}}}", base::json_text(term.name),
                     base::json_text(term.unit), number(change.now), number(change.needed),
                     base::json_text(term.lower_wins ? "at_most" : "at_least"));
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
                                text_or_null(in.route), text_or_null(in.host), text_or_null(in.path),
                                base::json_text(in.policy.strategy->name), client_json(in.facts));
  out += fmt::format("\"tenant\":{},\"denied\":{},", text_or_null(in.tenant), denied_json(in));
  out += fmt::format("\"affinity\":{},\"preferred\":{},\"states_epoch\":{},\"draw\":\"{:016x}\",",
                     base::json_text(name(d.affinity)), text_or_null(region_name(in, in.facts.preference.region)),
                     d.states_epoch, d.draw);
  out += fmt::format("\"winner\":{},\"runner_up\":{},\"reason\":{},\"margin\":{},",
                     text_or_null(region_name(in, d.winner)), text_or_null(region_name(in, d.runner_up)),
                     base::json_text(name(d.reason)), contested ? number(margin(d)) : "null");
  out += "\"candidates\":" + list_json(d.candidates, [&](const Candidate& row) { return candidate_json(in, row); });
  out += ",\"runner_up_would_win_if\":";
  out += list_json(counterfactuals(in.policy, in.states, in.facts, d),
                   [&](const Counterfactual& change) { return change_json(in, change); });
  return out + "}\n";
}

}  // namespace rhumb::decision
