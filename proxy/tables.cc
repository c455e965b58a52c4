// SPDX-License-Identifier: Apache-2.0
#include "proxy/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace rhumb::proxy {
namespace {

using nlohmann::json;
using Row = std::vector<std::string>;

std::string printable(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return text;
}

std::string text_of(const json& value) { return printable(value.get<std::string>()); }

std::string percent(double share) { return fmt::format("{:.4g}%", share * 100); }

std::string latency(const json& region) {
  const double ms = region.at("latencyMs");
  return ms > 0 ? fmt::format("{:.1f} ms", ms) : "-";
}

std::string endpoints(const json& region) {
  const json& all = region.at("endpoints");
  const auto used = std::count_if(all.begin(), all.end(), [](const json& e) { return e.at("inUse").get<bool>(); });
  return fmt::format("{}/{}", used, all.size());
}

std::string state(const json& region) {
  std::string out = region.at("healthy") ? "up" : "DOWN";
  if (region.at("healthy") != region.at("measuredHealthy")) out += " (forced)";
  if (region.at("draining")) out += " draining";
  return out;
}

std::string override_text(const json& o) {
  std::string out = o.contains("endpoint") ? text_of(o["endpoint"]) + " " : "";
  out += fmt::format("{} by {} until {}", text_of(o.at("effect")), text_of(o.at("owner")), text_of(o.at("until")));
  const std::string reason = text_of(o.at("reason"));
  return reason.empty() ? out : out + ": " + reason;
}

std::string overrides(const json& region) {
  std::string out;
  for (const json& o : region.at("overrides")) out += (out.empty() ? "" : "; ") + override_text(o);
  return out.empty() ? "-" : out;
}

/// Per second between two counts; a counter that went back began anew.
double rate(double before, double now, double seconds) {
  return seconds > 0 && now >= before ? (now - before) / seconds : 0;
}

}  // namespace

std::string table_text(const std::vector<Row>& rows, size_t left) {
  std::vector<size_t> widths(rows.at(0).size());
  for (const Row& row : rows)
    for (size_t i = 0; i < row.size(); ++i) widths.at(i) = std::max(widths[i], row[i].size());
  std::string out;
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      if (i != 0) line += "  ";
      const bool words = i < left || i + 1 == widths.size();
      line += words ? fmt::format("{:<{}}", row[i], widths[i]) : fmt::format("{:>{}}", row[i], widths[i]);
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

std::string regions_text(const json& regions) {
  std::vector<Row> rows = {
      {"region", "state", "since", "latency", "in flight", "errors", "dial", "endpoints", "override"}};
  for (const json& r : regions)
    rows.push_back({text_of(r.at("name")), state(r), text_of(r.at("since")), latency(r),
                    fmt::format("{}", r.at("inFlight").get<uint64_t>()), percent(r.at("errorRatio")),
                    percent(r.at("dial")), endpoints(r), overrides(r)});
  return table_text(rows, 3);
}

std::string region_change_text(const json& region) {
  std::string out = fmt::format("{}: {}, dial {}, override {}\n", text_of(region.at("name")), state(region),
                                percent(region.at("dial")), overrides(region));
  if (region.contains("warning")) out += "warning: " + text_of(region["warning"]) + "\n";
  return out;
}

std::string event_text(const json& event) {
  std::string out =
      fmt::format("{} {} {}", text_of(event.at("time")), event.at("seq").get<uint64_t>(), text_of(event.at("kind")));
  if (event.contains("region")) out += " " + text_of(event["region"]);
  if (event.contains("endpoint")) out += " " + text_of(event["endpoint"]);
  for (const auto& [key, value] : event.at("data").items())
    out +=
        fmt::format(" {}={}", printable(key), printable(value.is_string() ? value.get<std::string>() : value.dump()));
  return out + "\n";
}

std::map<std::string, double, std::less<>> metric_sums(std::string_view exposition) {
  std::map<std::string, double, std::less<>> sums;
  while (!exposition.empty()) {
    const std::string_view line = base::take_until(exposition, '\n');
    const size_t name = line.find_first_of("{ "), value = line.rfind(' ');
    if (line.empty() || line.front() == '#' || value == std::string_view::npos) continue;
    sums[std::string(line.substr(0, name))] += std::strtod(std::string(line.substr(value + 1)).c_str(), nullptr);
  }
  return sums;
}

json top_figures(const TopSample& before, const TopSample& now) {
  const double seconds = std::chrono::duration<double>(now.at - before.at).count();
  const auto value = [](const TopSample& sample, std::string_view name) {
    const auto found = sample.metrics.find(name);
    return found == sample.metrics.end() ? 0 : found->second;
  };
  const auto per_second = [&](std::string_view name) { return rate(value(before, name), value(now, name), seconds); };
  json figures = {{"requestsPerSecond", per_second("rhumb_exchanges_total")},
                  {"inProgress", value(now, "rhumb_exchanges")},
                  {"connections", value(now, "rhumb_connections")},
                  {"tunnels", value(now, "rhumb_tunnels")},
                  {"retriesPerSecond", per_second("rhumb_retries_total")},
                  {"generation", value(now, "rhumb_config_generation")},
                  {"regions", *now.regions}};
  for (json& r : figures["regions"]) {
    double requests = 0, errors = 0;  // of a region that is new since
    for (const json& old : *before.regions) {
      if (old.at("name") != r.at("name")) continue;
      requests = rate(old.at("requests"), r.at("requests"), seconds);
      errors = rate(old.at("errors"), r.at("errors"), seconds);
    }
    r["attemptsPerSecond"] = requests, r["errorsPerSecond"] = errors;
  }
  return figures;
}

std::string top_text(const TopSample& before, const TopSample& now) {
  const json figures = top_figures(before, now);
  const auto figure = [](const json& of, const char* key) { return of.at(key).get<double>(); };
  const std::string out = fmt::format(
      "requests {:.1f}/s  in progress {:.0f}  connections {:.0f}  tunnels {:.0f}  retries {:.1f}/s  generation "
      "{:.0f}\n\n",
      figure(figures, "requestsPerSecond"), figure(figures, "inProgress"), figure(figures, "connections"),
      figure(figures, "tunnels"), figure(figures, "retriesPerSecond"), figure(figures, "generation"));
  std::vector<Row> rows = {
      {"region", "state", "attempts/s", "errors/s", "latency", "in flight", "dial", "endpoints", "override"}};
  for (const json& r : figures.at("regions"))
    rows.push_back({text_of(r.at("name")), state(r), fmt::format("{:.1f}", figure(r, "attemptsPerSecond")),
                    fmt::format("{:.1f}", figure(r, "errorsPerSecond")), latency(r),
                    fmt::format("{}", r.at("inFlight").get<uint64_t>()), percent(r.at("dial")), endpoints(r),
                    overrides(r)});
  return out + table_text(rows, 2);
}

}  // namespace rhumb::proxy
