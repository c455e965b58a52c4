// SPDX-License-Identifier: Apache-2.0
#include "foresight/plan_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/wall_text.h"

namespace rhumb::foresight {
namespace {

using base::json_text;
using Line = std::vector<std::string>;
using Matrix = std::map<std::pair<std::string, std::string>, uint64_t>;

std::string or_none(const std::string& name) { return name.empty() ? "(none)" : name; }

std::string in_percent(double share) { return fmt::format("{:.2f} %", share * 100); }

std::string moved_line(std::string_view what, const Moved& moved) {
  if (moved.all == 0) return fmt::format("{:<10} none was recorded\n", what);
  return fmt::format("{:<10} {} of {} move ({})\n", what, moved.moved, moved.all, in_percent(moved.share()));
}

/// The first column to the left, numbers to the right.
std::string table_text(const std::vector<Line>& table) {
  std::vector<size_t> widths(table[0].size());
  for (const Line& line : table)
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  std::string out;
  for (const Line& line : table) {
    out += fmt::format("{:<{}}", line[0], widths[0]);
    for (size_t i = 1; i < line.size(); ++i) out += fmt::format("  {:>{}}", line[i], widths[i]);
    out += '\n';
  }
  return out;
}

std::string matrix_text(const PlanReport& report) {
  std::vector<std::string> from, to;
  const auto add = [](std::vector<std::string>& list, const std::string& name) {
    if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
  };
  for (const PlannedRegion& region : report.regions) {
    if (region.now != 0) from.push_back(region.name);
    if (region.then != 0) to.push_back(region.name);
  }
  for (const auto& [move, count] : report.regions_matrix) add(from, move.first), add(to, move.second);
  std::vector<Line> table{{"from \\ to"}};
  for (const std::string& name : to) table[0].push_back(or_none(name));
  for (const std::string& row : from) {
    Line& line = table.emplace_back(Line{or_none(row)});
    for (const std::string& column : to) {
      const auto found = report.regions_matrix.find({row, column});
      line.push_back(found == report.regions_matrix.end() ? "-" : std::to_string(found->second));
    }
  }
  return table_text(table);
}

std::string regions_text(const PlanReport& report) {
  const auto share = [&](uint64_t count) {
    return in_percent(static_cast<double>(count) / static_cast<double>(std::max<uint64_t>(report.requests.all, 1)));
  };
  std::vector<Line> table{
      {"region", report.synthetic ? "share now" : "requests now", "then", "in flight now", "then", "limit"}};
  for (const PlannedRegion& region : report.regions) {
    const bool over = region.limit != 0 && region.peak_then > static_cast<double>(region.limit);
    table.push_back({region.name, share(region.now), share(region.then), fmt::format("{:.0f}", region.peak_now),
                     fmt::format("{:.0f}", region.peak_then),
                     region.limit == 0 ? "-" : fmt::format("{}{}", region.limit, over ? " EXCEEDED" : "")});
  }
  return table_text(table);
}

std::string losses_text(const PlanReport& report) {
  std::string out;
  const auto add = [&](uint64_t count, std::string_view what) {
    if (count != 0) out += fmt::format("  {} {}\n", count, what);
  };
  add(report.no_route, "lose their route");
  add(report.denied, "would be denied by geo_acl or ip_acl");
  add(report.fenced, "would be kept out by the fence everywhere");
  add(report.no_region, "would find no region");
  return out.empty() ? "lost       none\n" : fmt::format("lost       {}\n{}", in_percent(report.lost_share()), out);
}

std::string matrix_json(const Matrix& matrix) {
  std::string out = "[";
  for (const auto& [move, count] : matrix) {
    const auto name = [](const std::string& text) { return text.empty() ? "null" : json_text(text); };
    out += fmt::format("{}{{\"from\":{},\"to\":{},\"requests\":{}}}", out.size() > 1 ? "," : "", name(move.first),
                       name(move.second), count);
  }
  return out + "]";
}

std::string moved_json(const Moved& moved) {
  return fmt::format("{{\"all\":{},\"moved\":{},\"share\":{:.6f}}}", moved.all, moved.moved, moved.share());
}

std::string regions_json(const std::vector<PlannedRegion>& regions) {
  std::string out = "[";
  for (const PlannedRegion& region : regions)
    out += fmt::format(
        "{}{{\"region\":{},\"requests_now\":{},\"requests_then\":{},\"peak_in_flight_now\":{:.1f},"
        "\"peak_in_flight_then\":{:.1f},\"max_requests\":{}}}",
        out.size() > 1 ? "," : "", json_text(region.name), region.now, region.then, region.peak_now, region.peak_then,
        region.limit == 0 ? "null" : std::to_string(region.limit));
  return out + "]";
}

}  // namespace

std::string plan_text(const PlanReport& report) {
  std::string out;
  if (report.synthetic) {
    out +=
        "nothing usable is recorded: this is of a population made of the geo data, all of it on every route, "
        "with regions up\n";
  } else if (report.requests.all != 0) {
    out += fmt::format("recorded   {} to {}\n", base::wall_text(report.first), base::wall_text(report.last));
  }
  out += moved_line(report.synthetic ? "addresses" : "requests", report.requests);
  if (!report.synthetic) out += moved_line("clients", report.clients) + moved_line("sessions", report.sessions);
  if (report.left_out != 0)
    out += fmt::format("left out   {} decisions, whose policies or region states are gone\n", report.left_out);
  for (const std::string& recording : report.passed_over) out += fmt::format("passed over {}\n", recording);
  out += losses_text(report) + "\n";
  if (report.requests.all == 0) return out;
  out += matrix_text(report) + "\n" + regions_text(report);
  for (const auto& [move, count] : report.routes_matrix)
    out += fmt::format("route      {} -> {}: {} requests\n", move.first, or_none(move.second), count);
  return out;
}

std::string plan_json(const PlanReport& report) {
  return fmt::format(
      "{{\"synthetic\":{},\"first\":{},\"last\":{},\"requests\":{},\"clients\":{},\"sessions\":{},"
      "\"moved_share\":{:.6f},"
      "\"lost\":{{\"no_route\":{},\"denied\":{},\"fenced\":{},\"no_region\":{},\"share\":{:.6f}}},"
      "\"left_out\":{},\"passed_over\":{},\"matrix\":{},\"routes\":{},\"regions\":{}}}\n",
      report.synthetic, json_text(base::wall_text(report.first)), json_text(base::wall_text(report.last)),
      moved_json(report.requests), moved_json(report.clients), moved_json(report.sessions), report.moved_share(),
      report.no_route, report.denied, report.fenced, report.no_region, report.lost_share(), report.left_out,
      base::json_list(report.passed_over), matrix_json(report.regions_matrix), matrix_json(report.routes_matrix),
      regions_json(report.regions));
}

}  // namespace rhumb::foresight
