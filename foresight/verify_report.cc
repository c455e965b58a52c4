// SPDX-License-Identifier: Apache-2.0
#include "foresight/verify_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/json_writer.h"
#include "decision/explain.h"

namespace rhumb::foresight {
namespace {

std::vector<std::string_view> down_names(const Verified& verified, uint64_t down) {
  std::vector<std::string_view> names;
  for (size_t r = 0; r < verified.regions.size(); ++r)
    if ((down >> r & 1) != 0) names.push_back(verified.regions[r]);
  return names;
}

std::string summary(const Verified& verified) {
  const size_t hold = std::count_if(verified.rules.begin(), verified.rules.end(),
                                    [](const RuleResult& r) { return !r.refutation.has_value(); });
  return fmt::format("{} of {} rules hold ({} regions, {} sets of them down, {} places, {} kinds of clients)", hold,
                     verified.rules.size(), verified.regions.size(), verified.failures, verified.places,
                     verified.kinds);
}

std::string whom(const RuleResult& result) {
  if (result.rule.requests != 0) return fmt::format("{} requests", result.rule.requests);
  return fmt::format("{} kinds of clients", result.kinds);
}

/// The decision as explain has it; `as` writes it.
template <class As>
std::string explained(const Refutation& found, As&& as) {
  std::vector<decision::Candidate> rows(found.policy.regions->size());
  const auto decision = decision::decide(found.policy, found.states, found.facts, found.draw, rows);
  return as(decision::ExplainInput{found.policy, found.states, found.facts, decision, found.route, {}, {}});
}

void append_refutation(std::string& out, const VerifyReport& report, const RuleResult& result) {
  const Refutation& found = *result.refutation;
  const auto down = down_names(report.verified, found.down);
  const std::string place = report.place(result.rule);
  out += fmt::format("\nREFUTED    {}{}\n", result.rule.name, place.empty() ? "" : fmt::format(" ({})", place));
  out += fmt::format("down       {}\n", down.empty() ? "nothing" : fmt::format("{}", fmt::join(down, ", ")));
  if (!found.tenant.empty()) out += fmt::format("tenant     {}\n", found.tenant);
  out += fmt::format("expected   {}\nfound      {}\n\n", found.expected, found.found);
  out += explained(found, decision::explain_text);
}

void write_client(config::JsonWriter& out, const decision::RequestFacts& facts) {
  const geo::Facts& where = facts.where;
  out.key("country");
  where.country.known() ? out.text(where.country.view()) : out.raw("null");
  out.key("latitude"), out.raw(where.has_point ? fmt::format("{}", where.point.latitude) : "null");
  out.key("longitude"), out.raw(where.has_point ? fmt::format("{}", where.point.longitude) : "null");
}

void write_refutation(config::JsonWriter& out, const VerifyReport& report, const Refutation& found) {
  out.open('{');
  out.key("down"), out.open('[');
  for (const std::string_view name : down_names(report.verified, found.down)) out.text(name);
  out.close();
  out.member("route", found.route);
  out.key("tenant");
  found.tenant.empty() ? out.raw("null") : out.text(found.tenant);
  write_client(out, found.facts);
  out.member("expected", found.expected);
  out.member("found", found.found);
  std::string decision = explained(found, decision::explain_json);
  decision.pop_back();  // its line end
  out.key("decision"), out.raw(decision);
  out.close();
}

void write_rule(config::JsonWriter& out, const VerifyReport& report, const RuleResult& result) {
  out.open('{');
  out.member("name", result.rule.name);
  out.member("rule", name(result.rule.rule));
  out.member("place", report.place(result.rule));
  out.key("down"), out.raw(fmt::format("{}", result.rule.down));
  out.key("kinds"), out.raw(fmt::format("{}", result.kinds));
  out.key("holds"), out.raw(result.refutation ? "false" : "true");
  out.key("refutation");
  result.refutation ? write_refutation(out, report, *result.refutation) : out.raw("null");
  out.close();
}

}  // namespace

std::string_view name(config::AssertSpec::Rule rule) noexcept {
  static constexpr std::array<std::string_view, 5> kNames = {"stays_in", "served", "max_load", "unmoved",
                                                             "no_oscillation"};
  return kNames[static_cast<size_t>(rule)];
}

std::string verify_text(const VerifyReport& report) {
  std::string out = fmt::format("{}: {}\n\n", report.file, summary(report.verified));
  size_t width = 0;
  for (const RuleResult& result : report.verified.rules) width = std::max(width, result.rule.name.size());
  for (const RuleResult& result : report.verified.rules)
    out += fmt::format("{:<7}  {:<{}}  {}, up to {} down, {}\n", result.refutation ? "REFUTED" : "holds",
                       result.rule.name, width, name(result.rule.rule), result.rule.down, whom(result));
  for (const RuleResult& result : report.verified.rules)
    if (result.refutation) append_refutation(out, report, result);
  return out;
}

std::string verify_json(const VerifyReport& report) {
  const Verified& verified = report.verified;
  config::JsonWriter out;
  out.open('{');
  out.member("file", report.file);
  out.member("hash", report.hash);
  out.key("holds"), out.raw(verified.holds() ? "true" : "false");
  for (const auto& [key, value] : {std::pair("regions", verified.regions.size()),
                                   {"failures", verified.failures},
                                   {"places", verified.places},
                                   {"kinds", verified.kinds}})
    out.key(key), out.raw(fmt::format("{}", value));
  out.key("rules"), out.open('[');
  for (const RuleResult& result : verified.rules) write_rule(out, report, result);
  out.close();
  out.close();
  return out.take();
}

}  // namespace rhumb::foresight
