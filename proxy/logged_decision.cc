// SPDX-License-Identifier: Apache-2.0
#include "proxy/logged_decision.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/ip.h"
#include "base/log.h"
#include "decision/explain_parts.h"
#include "proxy/redaction.h"
#include "proxy/tables.h"

namespace rhumb::proxy {
namespace {

constexpr std::string_view kTime = "\"time\":\"";
constexpr size_t kTimeSize = 24;  // 2026-01-02T03:04:05.678Z
constexpr size_t kMostDifferences = 8;
constexpr double kRounded = 0.0005 + 1e-5;  // a logged number has three digits, and was a float

/// Null when there is none.
const LogLine& member(const LogLine& of, std::string_view key) {
  static const LogLine none;
  const auto found = of.is_object() ? of.find(key) : of.end();
  return found == of.end() ? none : *found;
}
std::string text(const LogLine& of, std::string_view key) {
  const LogLine& value = member(of, key);
  return value.is_string() ? decision::printable(value.get_ref<const std::string&>()) : "";
}
/// NaN when there is none.
double number(const LogLine& of, std::string_view key) {
  const LogLine& value = member(of, key);
  return value.is_number() ? value.get<double>() : std::nan("");
}
std::string or_none(std::string text) { return text.empty() ? "none" : text; }

std::string with_meaning(const std::string& reason) {
  for (size_t i = 0; i < static_cast<size_t>(decision::Reason::kCount); ++i) {
    const auto known = static_cast<decision::Reason>(i);
    if (decision::name(known) == reason) return fmt::format("{}: {}", reason, decision::meaning(known));
  }
  return reason;
}

std::string client_text(const LogLine& line) {
  const LogLine& geo = member(line, "geo");
  std::string out = text(line, "client") + "  ";
  const std::string country = text(geo, "country");
  const double latitude = number(geo, "latitude"), longitude = number(geo, "longitude");
  if (country.empty() && std::isnan(latitude)) {
    out += "place unknown";
  } else {
    out += country.empty() ? "country unknown" : country;
    if (!std::isnan(latitude)) out += fmt::format(", {:.2f} {:.2f}", latitude, longitude);
    if (const double radius = number(geo, "accuracy_km"); radius > 0) out += fmt::format(" within {} km", radius);
  }
  if (const std::string source = text(geo, "source"); !source.empty()) out += fmt::format("  ({})", source);
  if (text(line, "peer") != text(line, "client")) out += fmt::format(", by way of {}", text(line, "peer"));
  return out;
}

std::string table_of(const LogLine& terms) {
  std::vector<std::vector<std::string>> rows{{"region"}};
  for (const auto& [region, row] : terms.items()) {
    std::vector<std::string> cells{decision::printable(region)};
    for (const auto& [term, value] : row.items()) {
      if (term == "score" || term == "removed") continue;
      if (rows.size() == 1) rows[0].push_back(decision::printable(term));
      cells.push_back(value.is_number() ? fmt::format("{:.3f}", value.get<double>()) : "-");
    }
    cells.push_back(fmt::format("{:.3f}", number(row, "score")));
    const std::string removed = text(row, "removed");
    cells.push_back(removed.empty() ? "-" : removed);
    if (rows.size() == 1) rows[0].insert(rows[0].end(), {"score", "removed by"});
    cells.resize(rows[0].size());
    rows.push_back(std::move(cells));
  }
  return rows.size() == 1 ? "" : table_text(rows, 1) + "\n";
}

std::string decision_text(const LogLine& line) {
  if (!member(line, "reason").is_string()) return "winner     none: it was answered before a region was chosen\n";
  const std::string winner = text(line, "region"), runner_up = text(line, "runner_up"), reason = text(line, "reason");
  const LogLine& terms = member(line, "terms");
  std::string out = "\n" + table_of(terms);
  out += fmt::format("winner     {} ({})\nrunner-up  {}", or_none(winner), with_meaning(reason), or_none(runner_up));
  const double behind = number(member(terms, winner), "score") - number(member(terms, runner_up), "score");
  if (reason == "best_score" && !std::isnan(behind)) out += fmt::format(", {:.3f} behind", behind);
  return out + fmt::format("\nendpoint   {}\n", or_none(text(line, "endpoint")));
}

std::string end_text(const LogLine& line) {
  const auto count = [&](const char* key) { return member(line, key).is_number() ? member(line, key).dump() : "?"; };
  std::string out = fmt::format("ended      {}, {}; retries {}; {} bytes in, {} out; {} ms in all", count("status"),
                                or_none(text(line, "outcome")), count("retries"), count("bytes_in"), count("bytes_out"),
                                count("total_ms"));
  if (member(line, "upstream_ms").is_number()) out += fmt::format(", {} of them for the region", count("upstream_ms"));
  out += fmt::format(", {} us the gateway's own\n", count("own_us"));
  const LogLine& flags = member(line, "flags");
  std::string what;
  for (const char* key : {"fault", "cut", "detail"})
    if (const std::string value = text(flags, key); !value.empty())
      what += fmt::format("{}{} {}", what.empty() ? "" : ", ", key, value);
  return what.empty() ? out : out + "trouble    " + what + "\n";
}

struct Difference {
  double size;
  std::string text;
};

/// What the two say of one region, as far as it counts now. Its terms are numbers in the log, {"value": ...} in an
/// explanation.
void add_differences(const std::string& region, const LogLine& logged, const LogLine& now,
                     std::vector<Difference>& to) {
  const std::string before = text(logged, "removed"), after = text(now, "removed");
  if (before != after)
    to.push_back(
        {2, fmt::format("{} removed by {} -> {}", region, before.empty() ? "-" : before, after.empty() ? "-" : after)});
  for (const auto& [term, value] : member(now, "terms").items()) {
    const double was = number(logged, term), is = number(value, "value");
    if (std::abs(was - is) > kRounded && number(value, "weight") != 0)
      to.push_back({std::abs(was - is), fmt::format("{} of {} {:.3f} -> {:.3f}", term, region, was, is)});
  }
}

std::string differences_text(const LogLine& line, const LogLine& now) {
  const LogLine& logged = member(line, "terms");
  std::vector<Difference> all;
  for (const LogLine& candidate : member(now, "candidates")) {
    const std::string region = text(candidate, "region");
    if (logged.contains(region))
      add_differences(region, logged[region], candidate, all);
    else
      all.push_back({3, fmt::format("{} was no region then", region)});
  }
  for (const auto& [region, row] : logged.items()) {
    const LogLine& there = member(now, "candidates");
    const auto is_it = [&name = region](const LogLine& candidate) { return member(candidate, "region") == name; };
    if (std::none_of(there.begin(), there.end(), is_it))
      all.push_back({3, fmt::format("{} is no region any more", decision::printable(region))});
  }
  if (all.empty()) return "No term differs.";
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.size > b.size; });
  std::string out;
  for (size_t i = 0; i < std::min(all.size(), kMostDifferences); ++i) out += (i == 0 ? "" : ", ") + all[i].text;
  if (all.size() > kMostDifferences) out += fmt::format(", and {} more", all.size() - kMostDifferences);
  return "What differs: " + out + ".";
}

/// Why the two may differ although nothing has changed.
std::string limits_text(const LogLine& line, const LogLine& now) {
  std::string out;
  if (text(line, "route") != text(now, "route"))
    out +=
        fmt::format(" The route was {} and is {} now; headers and cookies, by which routes may choose, are not asked.",
                    text(line, "route"), text(now, "route"));
  const std::string affinity = text(line, "affinity");
  if (!affinity.empty() && affinity != "none")
    out += fmt::format(" Then the client had a session ({}); now it is taken for a new one.", affinity);
  for (const std::string& reason : {text(line, "reason"), text(now, "reason")})
    if (reason == "weighted" || reason == "round_robin" || reason == "exploration")
      return out + fmt::format(" The reason {} may send the next request elsewhere.", reason);
  return out;
}

bool is_network(const base::IpAddress& address) { return address.network() == address; }

}  // namespace

LineSearch::LineSearch(std::string id) : id_(std::move(id)), needle_(base::json_text(id_)) {}

bool LineSearch::look(std::string_view line) {
  ++lines_;
  if (!line.starts_with('{')) return ++other_, false;
  if (const size_t time = line.find(kTime); time != std::string_view::npos) {
    const std::string_view written = line.substr(time + kTime.size(), kTimeSize);
    if (since_.empty() || written < since_) since_ = written;
  }
  if (line.find(needle_) == std::string_view::npos) return false;
  LogLine parsed = LogLine::parse(line, nullptr, false);
  if (!parsed.is_object()) return ++other_, false;
  if (member(parsed, "id") != id_) return false;
  found_ = std::move(parsed);
  return true;
}

std::string logged_text(const LogLine& line) {
  std::string target = text(line, "host") + text(line, "path");
  if (const std::string query = text(line, "query"); !query.empty()) target += "?" + query;
  const std::string tenant = text(line, "tenant");
  return fmt::format("logged     {}  id {}\nrequest    {} {}\nroute      {}\nclient     {}\n{}session    {}\n",
                     text(line, "time"), text(line, "id"), text(line, "method"), target, or_none(text(line, "route")),
                     client_text(line), tenant.empty() ? "" : fmt::format("tenant     {}\n", tenant),
                     or_none(text(line, "affinity"))) +
         decision_text(line) + end_text(line);
}

base::Result<ExplainQuestion, std::string> question_of(const LogLine& line) {
  const auto refused = [](const char* why) { return base::Unexpected(std::string(why)); };
  if (!member(line, "reason").is_string()) return refused("nothing was decided");
  const auto client = base::IpAddress::parse(text(line, "client"));
  if (!client) return refused("the line has no client's address");
  if (is_network(*client))
    return refused("the client's address ends in zeros, as access_log.truncate_addresses leaves a network of it");
  ExplainQuestion question;
  question.ip = client->to_string();
  question.host = text(line, "host");
  question.path = text(line, "path");
  if (const std::string query = text(line, "query"); !query.empty()) question.path += "?" + query;
  question.method = text(line, "method");
  question.tenant = text(line, "tenant");
  return question;
}

Comparison compare(const LogLine& line, const LogLine& now) {
  const std::string then = text(line, "region"), here = text(now, "winner");
  Comparison out{then == here, {}};
  out.text = out.same ? fmt::format("The verdict is the same: {} ({}).", or_none(here), text(now, "reason"))
                      : fmt::format("The verdict is another: {} ({}) instead of {} ({}).", or_none(here),
                                    text(now, "reason"), or_none(then), text(line, "reason"));
  out.text += " " + differences_text(line, now) + limits_text(line, now);
  return out;
}

}  // namespace rhumb::proxy
