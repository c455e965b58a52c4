// SPDX-License-Identifier: Apache-2.0
#include "foresight/grid.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/check.h"
#include "geo/centroids.h"
#include "geo/distance.h"

namespace rhumb::foresight {
namespace {

constexpr uint64_t kDraw = 0;
constexpr double kNearKm = 500;  // farther from a country's centroid, nobody's country is assumed

/// What of the population lives in a cell.
struct Inhabited {
  double weight = 0;
  std::map<std::array<char, 2>, double> countries;
};

size_t index_of(const geo::Point& at, int degrees) {
  const int columns = 360 / degrees, rows = 180 / degrees;
  const int row = static_cast<int>(std::floor((90 - at.latitude) / degrees));
  const int column = static_cast<int>(std::floor((at.longitude + 180) / degrees));
  return static_cast<size_t>(std::clamp(row, 0, rows - 1) * columns + std::clamp(column, 0, columns - 1));
}

geo::Country nearest_country(const geo::Site& at) {
  double best = kNearKm;
  std::string_view code;
  for (const geo::CountryInfo& info : geo::all_countries()) {
    if (std::abs(info.centroid.latitude - at.latitude) > 5) continue;  // more than 500 km north or south
    const double km = geo::distance_km(at, info.centroid);
    if (km < best) best = km, code = info.code;
  }
  return geo::Country::of(code);
}

geo::Country country_of(const Inhabited& cell, const geo::Site& at) {
  const auto most = std::max_element(cell.countries.begin(), cell.countries.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == cell.countries.end() ? nearest_country(at) : geo::Country{most->first};
}

double total_of(const std::vector<Place>& population) {
  double total = 0;
  for (const Place& place : population) total += place.weight;
  return total > 0 ? total : 1;
}

std::vector<Cell> world_cells(const GridQuestion& question) {
  const int degrees = question.degrees, columns = 360 / degrees;
  RHUMB_ASSERT(degrees > 0 && 180 % degrees == 0);
  std::vector<Inhabited> inhabited(static_cast<size_t>(columns) * static_cast<size_t>(180 / degrees));
  for (const Place& place : question.population) {
    Inhabited& cell = inhabited[index_of(place.at, degrees)];
    cell.weight += place.weight;
    if (place.country.known()) cell.countries[place.country.code] += place.weight;
  }
  const double total = total_of(question.population);
  std::vector<Cell> cells(inhabited.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    const int row = static_cast<int>(i) / columns, column = static_cast<int>(i) % columns;
    cells[i].at = {90 - (row + 0.5) * degrees, -180 + (column + 0.5) * degrees};
    cells[i].country = country_of(inhabited[i], cells[i].at);
    cells[i].weight = inhabited[i].weight / total;
  }
  return cells;
}

std::vector<Cell> country_cells(const GridQuestion& question) {
  std::map<std::array<char, 2>, double> weights;
  for (const Place& place : question.population) weights[place.country.code] += place.weight;
  const double total = total_of(question.population);
  std::vector<Cell> cells;
  for (const geo::CountryInfo& info : geo::all_countries()) {
    const geo::Country country = geo::Country::of(info.code);
    cells.push_back({.at = info.centroid, .country = country, .weight = weights[country.code] / total});
  }
  return cells;
}

decision::RequestFacts facts_of(const Cell& cell, const GridQuestion& question) {
  decision::RequestFacts facts;
  facts.tenant = question.tenant;
  facts.where.point = cell.at;
  facts.where.has_point = true;
  facts.where.country = cell.country;
  facts.where.accuracy_km = question.degrees == 0 ? geo::kCentroidAccuracyKm : 0;
  facts.where.source = question.degrees == 0 ? geo::Source::centroid : geo::Source::database;
  return facts;
}

void decide_cells(const GridQuestion& question, std::vector<Cell>& cells) {
  decision::Policy policy = question.route.policy;
  policy.exploration = 0;
  decision::RegionStates states = question.states;
  for (decision::RegionState& state : states.of) state.dial = state.dial > 0 ? 1 : 0;
  std::vector<decision::Candidate> rows(policy.regions->size());
  for (Cell& cell : cells) {
    const decision::Decision made = decision::decide(policy, states, facts_of(cell, question), kDraw, rows);
    cell.winner = made.winner;
    cell.runner_up = made.runner_up;
    cell.reason = made.reason;
    if (made.winner != decision::kNoRegion && made.runner_up != decision::kNoRegion)
      cell.margin = double{rows[made.winner].score} - double{rows[made.runner_up].score};
  }
}

}  // namespace

std::string_view Grid::winner(const Cell& cell) const noexcept {
  return cell.winner < regions->size() ? std::string_view((*regions)[cell.winner].name) : std::string_view("-");
}

Grid make_grid(const GridQuestion& question) {
  const decision::Policy& policy = question.route.policy;
  Grid grid{.route = question.route.name,
            .strategy = std::string(policy.strategy->name),
            .drawn = policy.strategy->drawn,
            .degrees = question.degrees,
            .regions = policy.regions,
            .cells = question.degrees == 0 ? country_cells(question) : world_cells(question)};
  decide_cells(question, grid.cells);
  return grid;
}

std::vector<Share> shares(const Grid& grid) {
  std::vector<Share> out;
  for (const decision::Region& region : *grid.regions) out.push_back({region.name});
  Share nobody{"-"};
  for (const Cell& cell : grid.cells) {
    Share& share = cell.winner < out.size() ? out[cell.winner] : nobody;
    ++share.cells;
    share.weight += cell.weight;
  }
  if (nobody.cells != 0) out.push_back(nobody);
  return out;
}

std::vector<Change> changes(const Grid& before, const Grid& after) {
  RHUMB_ASSERT(before.cells.size() == after.cells.size());
  std::map<std::pair<std::string, std::string>, Change> found;
  for (size_t i = 0; i < after.cells.size(); ++i) {
    std::string from(before.winner(before.cells[i])), to(after.winner(after.cells[i]));
    if (from == to) continue;
    Change& change = found[{from, to}];
    ++change.cells;
    change.weight += after.cells[i].weight;
    change.from = std::move(from), change.to = std::move(to);
  }
  std::vector<Change> out;
  for (auto& [key, change] : found) out.push_back(std::move(change));
  std::stable_sort(out.begin(), out.end(), [](const Change& a, const Change& b) { return a.weight > b.weight; });
  return out;
}

}  // namespace rhumb::foresight
