// SPDX-License-Identifier: Apache-2.0
#include "foresight/grid_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/check.h"
#include "foresight/outlines.h"
#include "geo/centroids.h"

namespace rhumb::foresight {
namespace {

constexpr int kScale = 3;  // units for a degree
constexpr int kWidth = 360 * kScale, kHeight = 180 * kScale;
constexpr int kTitle = 24, kLine = 16;  // heights of lines of text
constexpr int kLabel = 120;             // about the width of a region's name
constexpr int kLegendColumns = 3;
constexpr int kShades = 4;           // of a region's colour
constexpr double kSureMargin = 0.1;  // from here on a cell has its full colour

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

/// The same name has the same colour in both maps.
class Colours {
 public:
  void add(const Grid& grid) {
    for (const decision::Region& region : *grid.regions) of_.try_emplace(region.name, of_.size());
  }
  std::string of(std::string_view region) const {
    const auto at = of_.find(region);
    if (at == of_.end()) return "#777";
    constexpr double kGoldenAngle = 137.508;  // neighbours in the list are far apart on the wheel
    const double hue = static_cast<double>(at->second) * kGoldenAngle;
    return fmt::format("hsl({},65%,{}%)", static_cast<int>(hue) % 360, at->second % 2 == 0 ? 45 : 60);
  }

 private:
  std::map<std::string, size_t, std::less<>> of_;
};

int x_of(double longitude) { return static_cast<int>((longitude + 180) * kScale); }
int y_of(double latitude) { return static_cast<int>((90 - latitude) * kScale); }

int shade_of(const Cell& cell) {
  if (cell.runner_up == decision::kNoRegion) return kShades;
  return std::clamp(1 + static_cast<int>(cell.margin / kSureMargin * (kShades - 1)), 1, kShades);
}

/// Runs of cells in a row for which `key` says the same become one rectangle; `put(key, path)` gets it.
template <class Key, class Put>
void each_run(const Grid& grid, Key&& key, Put&& put) {
  const size_t columns = grid.columns();
  const int side = grid.degrees * kScale;
  for (size_t row = 0; row < grid.rows(); ++row) {
    const size_t first = row * columns;
    for (size_t from = 0, to = 0; from < columns; from = to) {
      const auto what = key(first + from);
      while (to < columns && key(first + to) == what) ++to;
      put(what, fmt::format("M{} {}h{}v{}h-{}z", static_cast<int>(from) * side, static_cast<int>(row) * side,
                            static_cast<int>(to - from) * side, side, static_cast<int>(to - from) * side));
    }
  }
}

void append_areas(std::string& out, const Grid& grid, const Colours& colours) {
  std::map<std::pair<decision::RegionIndex, int>, std::string> areas;
  each_run(
      grid, [&](size_t i) { return std::pair(grid.cells[i].winner, shade_of(grid.cells[i])); },
      [&](const auto& area, const std::string& path) { areas[area] += path; });
  out += "<g class=\"areas\">\n";
  for (const auto& [area, path] : areas) {
    const std::string_view name =
        area.first < grid.regions->size() ? std::string_view((*grid.regions)[area.first].name) : std::string_view("-");
    out += fmt::format("<path fill=\"{}\" fill-opacity=\"{:.2f}\" d=\"{}\"/>\n", colours.of(name),
                       0.25 + 0.65 * area.second / kShades, path);
  }
  out += "</g>\n";
}

/// A line wherever two neighbours have different winners.
void append_borders(std::string& out, const Grid& grid) {
  const size_t columns = grid.columns();
  const int side = grid.degrees * kScale;
  out += "<path class=\"border\" d=\"";
  for (size_t i = 0; i < grid.cells.size(); ++i) {
    const int x = static_cast<int>(i % columns) * side, y = static_cast<int>(i / columns) * side;
    const auto differs = [&](size_t other) { return grid.cells[other].winner != grid.cells[i].winner; };
    if (i % columns + 1 < columns && differs(i + 1)) out += fmt::format("M{} {}v{}", x + side, y, side);
    if (i + columns < grid.cells.size() && differs(i + columns)) out += fmt::format("M{} {}h{}", x, y + side, side);
  }
  out += "\"/>\n";
}

void append_graticule(std::string& out) {
  constexpr int kEvery = 30;
  out += "<path class=\"graticule\" d=\"";
  for (int x = kEvery; x < 360; x += kEvery) out += fmt::format("M{} 0v{}", x * kScale, kHeight);
  for (int y = kEvery; y < 180; y += kEvery) out += fmt::format("M0 {}h{}", y * kScale, kWidth);
  out += "\"/>\n";
}

/// The world, and the codes of its countries where there is room for them.
void append_countries(std::string& out) {
  constexpr int kCodeWidth = 10, kCodeHeight = 6;
  std::vector<std::pair<int, int>> taken;
  out += "<use href=\"#world\"/>\n<g class=\"country\">\n";
  for (const geo::CountryInfo& info : geo::all_countries()) {
    const int x = x_of(info.centroid.longitude), y = y_of(info.centroid.latitude);
    const auto overlaps = [&](const auto& at) {
      return std::abs(at.first - x) < kCodeWidth && std::abs(at.second - y) < kCodeHeight;
    };
    if (std::any_of(taken.begin(), taken.end(), overlaps)) continue;
    taken.emplace_back(x, y);
    out += fmt::format("<text x=\"{}\" y=\"{}\">{}</text>\n", x, y, info.code);
  }
  out += "</g>\n";
}

void append_markers(std::string& out, const Grid& grid, const Colours& colours) {
  out += "<g class=\"region\">\n";
  for (const decision::Region& region : *grid.regions) {
    if (!region.has_point) continue;
    const int x = x_of(region.at.longitude), y = y_of(region.at.latitude);
    const bool left = x > kWidth - kLabel;
    out += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"4\" fill=\"{}\"/><text x=\"{}\" y=\"{}\"{}>{}</text>\n", x, y,
                       colours.of(region.name), left ? x - 6 : x + 6, y - 5, left ? " text-anchor=\"end\"" : "",
                       escaped(region.name));
  }
  out += "</g>\n";
}

/// Hatches what another map says otherwise.
void append_changed(std::string& out, const Grid& grid, const Grid& before) {
  out += "<path class=\"changed\" fill=\"url(#hatch)\" d=\"";
  each_run(
      grid, [&](size_t i) { return grid.winner(grid.cells[i]) != before.winner(before.cells[i]); },
      [&](bool changed, const std::string& path) { out += changed ? path : ""; });
  out += "\"/>\n";
}

int legend_height(size_t entries) {
  return (static_cast<int>(entries) + kLegendColumns - 1) / kLegendColumns * kLine + kLine;
}

void append_legend(std::string& out, const Grid& grid, const Colours& colours) {
  int at = 0;
  for (const Share& share : shares(grid)) {
    const int x = at % kLegendColumns * (kWidth / kLegendColumns), y = kHeight + kLine + at / kLegendColumns * kLine;
    out += fmt::format(
        "<rect x=\"{}\" y=\"{}\" width=\"10\" height=\"10\" fill=\"{}\"/>"
        "<text x=\"{}\" y=\"{}\">{}: {} cells, {:.2f} % of the weight</text>\n",
        x, y - 9, colours.of(share.region), x + 14, y, share.region == "-" ? "nobody" : escaped(share.region),
        share.cells, share.weight * 100);
    ++at;
  }
}

/// Draws it from `top` on and returns where it ends.
int append_map(std::string& out, int top, const Grid& grid, const Grid* before, std::string_view which,
               const Colours& colours) {
  out += fmt::format(
      "<g transform=\"translate(0 {})\">\n<text class=\"title\" y=\"-8\">{}route {}, strategy {}{}</text>\n",
      top + kTitle, which, escaped(grid.route), grid.strategy, grid.drawn ? " (which draws: one draw of many)" : "");
  append_areas(out, grid, colours);
  append_graticule(out);
  append_countries(out);
  append_borders(out, grid);
  if (before != nullptr) append_changed(out, grid, *before);
  append_markers(out, grid, colours);
  append_legend(out, grid, colours);
  out += "</g>\n";
  return top + kTitle + kHeight + legend_height(shares(grid).size());
}

constexpr std::string_view kStyle =
    "<style>text{font:11px sans-serif}.title{font-size:14px}.country text{font-size:6px;fill:#333;fill-opacity:.7}"
    ".region text{font-weight:bold;paint-order:stroke;stroke:#fff;stroke-width:2px}.region circle{stroke:#000}"
    ".graticule{stroke:#000;stroke-opacity:.15;fill:none;stroke-width:.5}"
    ".border{stroke:#000;fill:none;stroke-width:1.5}"
    "#world{stroke:#000;stroke-opacity:.7;fill:none;stroke-width:3}</style>\n";

/// What both maps draw with. The world's units are tenths of a degree.
std::string definitions() {
  return fmt::format(
      "<defs><pattern id=\"hatch\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">"
      "<path d=\"M0 8L8 0\" stroke=\"#000\" stroke-opacity=\".6\"/></pattern>"
      "<path id=\"world\" transform=\"translate({} {}) scale({})\" d=\"{}\"/></defs>\n",
      kWidth / 2, kHeight / 2, kScale / 10.0, world_outlines());
}

}  // namespace

std::string grid_svg(const Grid& grid, const Grid* before) {
  RHUMB_ASSERT(grid.degrees > 0 && (before == nullptr || before->degrees == grid.degrees));
  Colours colours;
  colours.add(grid);
  if (before != nullptr) colours.add(*before);
  std::string maps;
  int end = 0;
  if (before != nullptr) end = append_map(maps, end, *before, nullptr, "before: ", colours);
  end = append_map(maps, end, grid, before, before == nullptr ? "" : "after (hatched: changed): ", colours);
  return fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\">\n",
                     kWidth, end, kWidth, end) +
         std::string(kStyle) + definitions() + "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n" + maps +
         "</svg>\n";
}

}  // namespace rhumb::foresight
