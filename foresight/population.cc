// SPDX-License-Identifier: Apache-2.0
#include "foresight/population.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "geo/centroids.h"
#include "geo/walk.h"

namespace rhumb::foresight {
namespace {

constexpr int kSiteBits = 48;  // of IPv6: what a site gets

/// Country, and whole degrees.
using Key = std::tuple<std::array<char, 2>, int, int>;
struct Sum {
  double weight = 0, latitude = 0, longitude = 0;  // the latter two weighted
};

double weight_of(const base::Cidr& network) {
  const int left = (network.base.is_v4() ? 32 : kSiteBits) - network.bits;
  return std::ldexp(1, std::max(left, 0));
}

/// A place, where the database gives none by the country's centroid; false: neither is known.
bool point_of(const geo::Facts& facts, geo::Point& to) {
  if (facts.has_point) return to = facts.point, true;
  const geo::CountryInfo* info = geo::country_info(facts.country);
  if (info == nullptr) return false;
  return to = info->centroid, true;
}

/// The upper half of a block.
base::Cidr upper_half(const base::Cidr& block) {
  if (block.base.is_v4())
    return {base::IpAddress::v4(block.base.v4_value() | 0x80000000u >> block.bits),
            static_cast<uint8_t>(block.bits + 1)};
  auto bytes = block.base.bytes();
  bytes[block.bits / 8] = static_cast<uint8_t>(bytes[block.bits / 8] | 0x80 >> block.bits % 8);
  return {base::IpAddress::v6(bytes), static_cast<uint8_t>(block.bits + 1)};
}

/// How much of a network no earlier database knows: where one of them has smaller blocks, each half is asked for.
double own_weight(const std::vector<geo::Database>& databases, size_t index, const base::Cidr& network) {
  for (size_t before = 0; before < index; ++before) {
    const auto block = databases[before].network(network.base);
    if (!block) continue;
    if (block->bits > network.bits)
      return own_weight(databases, index, {network.base, static_cast<uint8_t>(network.bits + 1)}) +
             own_weight(databases, index, upper_half(network));
    if (databases[before].lookup(network.base).source != geo::Source::none) return 0;
  }
  return weight_of(network);
}

void add_database(const geo::Locator& locator, size_t index, std::map<Key, Sum>& to) {
  const auto& databases = locator.databases();
  geo::walk(databases[index], [&](const base::Cidr& network, const geo::Facts& facts) {
    const double weight = own_weight(databases, index, network);
    geo::Point at;
    if (weight == 0 || !point_of(facts, at)) return;
    Sum& sum =
        to[{facts.country.code, static_cast<int>(std::floor(at.latitude)), static_cast<int>(std::floor(at.longitude))}];
    sum.weight += weight;
    sum.latitude += weight * at.latitude;
    sum.longitude += weight * at.longitude;
  });
}

std::vector<Place> centroids() {
  std::vector<Place> places;
  for (const geo::CountryInfo& info : geo::all_countries())
    places.push_back({info.centroid, geo::Country::of(info.code), 1});
  return places;
}

}  // namespace

std::vector<Place> population(const geo::Locator* locator) {
  std::map<Key, Sum> sums;
  for (size_t i = 0; locator != nullptr && i < locator->databases().size(); ++i) add_database(*locator, i, sums);
  if (sums.empty()) return centroids();
  std::vector<Place> places;
  for (const auto& [key, sum] : sums)
    places.push_back({{sum.latitude / sum.weight, sum.longitude / sum.weight}, {std::get<0>(key)}, sum.weight});
  return places;
}

}  // namespace rhumb::foresight
