// SPDX-License-Identifier: Apache-2.0
#include "foresight/outlines.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "geo/distance.h"

namespace rhumb::foresight {
namespace {

/// Every point of every line.
std::vector<geo::Point> outline_points() {
  std::string spaced;
  for (const char c : world_outlines()) spaced += c == 'M' || c == 'l' ? std::string(" ") + c + " " : std::string(1, c);
  std::istringstream in(spaced);
  std::vector<geo::Point> points;
  double x = 0, y = 0;
  bool absolute = false;
  for (std::string word; in >> word;) {
    if (word == "M" || word == "l") {
      absolute = word == "M";
      continue;
    }
    const double east = std::stod(word);
    double south = 0;
    EXPECT_TRUE(in >> south) << "a number without its other half";
    x = absolute ? east : x + east, y = absolute ? south : y + south;
    points.push_back({-y / 10, x / 10});
  }
  return points;
}

double km_to_nearest(const std::vector<geo::Point>& points, const geo::Point& from) {
  double best = 1e9;
  for (const geo::Point& point : points) best = std::min(best, geo::distance_km(from, point));
  return best;
}

TEST(Outlines, AreInTheWorld) {
  const auto points = outline_points();
  EXPECT_GT(points.size(), 5000u);
  for (const geo::Point& point : points) {
    EXPECT_LE(std::abs(point.latitude), 90);
    EXPECT_LE(std::abs(point.longitude), 180);
  }
}

TEST(Outlines, HaveTheCapesWhereTheyAre) {
  const auto points = outline_points();
  const geo::Point agulhas{-34.8, 20.0}, horn{-56.0, -67.3}, york{-10.7, 142.5}, roca{38.8, -9.5}, comorin{8.1, 77.5};
  for (const geo::Point& cape : {agulhas, horn, york, roca, comorin}) EXPECT_LT(km_to_nearest(points, cape), 120);
  EXPECT_GT(km_to_nearest(points, {35, -40}), 1000) << "in the middle of the Atlantic";
}

}  // namespace
}  // namespace rhumb::foresight
