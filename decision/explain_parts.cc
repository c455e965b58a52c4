// SPDX-License-Identifier: Apache-2.0
#include "decision/explain_parts.h"

#include <fmt/format.h>

#include <cmath>

namespace rhumb::decision {

std::string_view region_name(const ExplainInput& in, RegionIndex region) noexcept {
  return region < in.policy.regions->size() ? std::string_view((*in.policy.regions)[region].name) : std::string_view();
}

std::string_view note_of(const ExplainInput& in, RegionIndex region) noexcept {
  return region < in.states.notes.size() ? std::string_view(in.states.notes[region]) : std::string_view();
}

double raw_of(const ExplainInput& in, size_t term, RegionIndex region) noexcept {
  return terms()[term]->raw({(*in.policy.regions)[region], in.states.of[region], in.facts, in.policy});
}

double weight_of(const ExplainInput& in, size_t term) noexcept {
  const bool ignored = in.decision.all_slow && term == static_cast<size_t>(TermIndex::latency);
  return ignored ? 0 : in.policy.weights[term];
}

double margin(const Decision& decision) noexcept {
  return double{decision.candidates[decision.winner].score} - double{decision.candidates[decision.runner_up].score};
}

std::string quantity(const TermLabel& term, double raw) {
  if (!std::isfinite(raw)) return "?";
  const int digits = std::abs(raw) < 100 && raw != std::floor(raw) ? 1 : 0;
  return fmt::format("{:.{}f}{}{}", raw, digits, term.unit.empty() ? "" : " ", term.unit);
}

std::string exact_quantity(const TermLabel& term, double raw) {
  return fmt::format("{:.6g}{}{}", raw, term.unit.empty() ? "" : " ", term.unit);
}

std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return out;
}

std::string_view meaning(Reason reason) noexcept {
  switch (reason) {
    case Reason::best_score:
      return "the highest score";
    case Reason::nearest:
      return "the nearest";
    case Reason::fastest:
      return "the lowest round trip";
    case Reason::weighted:
      return "drawn by weight";
    case Reason::round_robin:
      return "its turn";
    case Reason::priority:
      return "the first priority that has a candidate";
    case Reason::only_candidate:
      return "all others are removed";
    case Reason::sticky:
      return "the client's session is there";
    case Reason::country:
      return "the country table names it";
    case Reason::default_region:
      return "nothing is known of where the client is";
    case Reason::backup:
      return "stands in for the one that would have won";
    case Reason::exploration:
      return "a share of requests goes astray to keep latencies measured";
    case Reason::all_slow:
      return "every candidate is over its max_latency, so latency counts nothing";
    case Reason::panic:
      return "every region looks down, so checks count nothing";
    case Reason::no_healthy_region:
      return "every region is removed";
    case Reason::fenced:
      return "the fence leaves none of the route's regions";
    case Reason::kCount:
      break;
  }
  return {};
}

std::string_view what_else(Reason reason) noexcept {
  switch (reason) {
    case Reason::best_score:
      return "more than one thing would have to change";
    case Reason::weighted:
    case Reason::round_robin:
    case Reason::priority:
      return "another draw is enough";
    case Reason::sticky:
      return "the client would have to come without its session";
    case Reason::country:
      return "the country table would have to leave the client's country out";
    case Reason::default_region:
      return "the client's place would have to be known";
    case Reason::backup:
      return "the winner would have to leave the backup list";
    case Reason::panic:
      return "it would have to pass its checks";
    case Reason::exploration:
      return "any request outside the exploring share is enough";
    default:
      return {};
  }
}

}  // namespace rhumb::decision
