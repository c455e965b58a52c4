// SPDX-License-Identifier: Apache-2.0
#include "foresight/verify_places.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "geo/centroids.h"
#include "geo/distance.h"

namespace rhumb::foresight {
namespace {

constexpr int kStep = 2;  // degrees
/// Around the middle of a country that has no box below.
constexpr double kReachKm = 400;
constexpr double kKmOfADegree = 111;  // of latitude, a little less than it is

struct Box {
  std::string_view country;
  double south, north, west, east;  // degrees
};

/// The large, the long and the scattered. Generous: a box holds neighbours, too.
constexpr Box kBoxes[] = {
    {"AO", -18, -4, 11, 24},    {"AR", -56, -21, -74, -53}, {"AU", -44, -9, 112, 154}, {"BO", -23, -9, -70, -57},
    {"BR", -34, 6, -74, -34},   {"CA", 41, 84, -142, -52},  {"CD", -14, 6, 12, 32},    {"CL", -56, -17, -76, -66},
    {"CN", 17, 54, 73, 135},    {"CO", -5, 13, -79, -66},   {"DZ", 18, 38, -9, 12},    {"EG", 21, 32, 24, 37},
    {"ES", 27, 44, -19, 5},     {"ET", 3, 15, 32, 48},      {"FR", 41, 52, -6, 10},    {"GB", 49, 61, -9, 2},
    {"GL", 59, 84, -74, -11},   {"ID", -11, 7, 94, 142},    {"IN", 6, 36, 68, 98},     {"IR", 24, 40, 43, 64},
    {"IT", 35, 48, 6, 19},      {"JP", 24, 46, 122, 146},   {"KZ", 40, 56, 46, 88},    {"LY", 19, 34, 9, 26},
    {"ML", 10, 25, -13, 5},     {"MN", 41, 53, 87, 120},    {"MX", 14, 33, -118, -86}, {"MY", 0, 8, 99, 120},
    {"NE", 11, 24, 0, 16},      {"NG", 4, 14, 2, 15},       {"NO", 57, 72, 4, 32},     {"NZ", -48, -34, 166, 179},
    {"PE", -19, 0, -82, -68},   {"PH", 4, 21, 116, 127},    {"PK", 23, 38, 60, 78},    {"PT", 32, 43, -32, -6},
    {"RU", 41, 82, 19, 180},    {"RU", 61, 72, -180, -168}, {"SA", 16, 33, 34, 56},    {"SD", 8, 23, 21, 39},
    {"SE", 55, 70, 10, 25},     {"TD", 7, 24, 13, 24},      {"TH", 5, 21, 97, 106},    {"TR", 35, 43, 25, 45},
    {"TZ", -12, -1, 29, 41},    {"UA", 44, 53, 22, 41},     {"US", 24, 50, -125, -66}, {"US", 51, 72, -180, -129},
    {"US", 18, 23, -161, -154}, {"VE", 0, 13, -74, -59},    {"VN", 8, 24, 102, 110},   {"ZA", -35, -22, 16, 33},
};

geo::Facts point(double north, double east, geo::Country country) {
  geo::Facts facts;
  facts.point = {north, east};
  facts.has_point = true;
  facts.country = country;
  if (const geo::CountryInfo* info = geo::country_info(country))
    facts.continent = {info->continent[0], info->continent[1]};
  facts.source = geo::Source::database;
  return facts;
}

bool inside(const geo::CountryInfo& info, const geo::Point& at) {
  bool boxed = false, in = false;
  for (const Box& box : kBoxes) {
    if (box.country != info.code) continue;
    boxed = true;
    in = in ||
         (at.latitude >= box.south && at.latitude <= box.north && at.longitude >= box.west && at.longitude <= box.east);
  }
  if (boxed) return in;
  const bool near = std::abs(at.latitude - info.centroid.latitude) <= kReachKm / kKmOfADegree;
  return near && geo::distance_km(geo::Site(at), geo::Site(info.centroid)) <= kReachKm;
}

template <class Wanted>
void add_grid(Places& places, Wanted&& wanted) {
  for (int north = 90 - kStep / 2; north > -90; north -= kStep)
    for (int east = -180 + kStep / 2; east < 180; east += kStep)
      if (wanted(geo::Point{double(north), double(east)})) places.at.push_back(point(north, east, places.country));
}

/// As data that knows the country only has it.
geo::Facts vague(const geo::CountryInfo& info) {
  geo::Facts facts = point(info.centroid.latitude, info.centroid.longitude, geo::Country::of(info.code));
  facts.accuracy_km = geo::kCentroidAccuracyKm;
  facts.source = geo::Source::centroid;
  return facts;
}

Places of_country(geo::Country country, bool everywhere) {
  Places places{country, {}};
  geo::Facts nowhere;
  nowhere.country = country;
  nowhere.source = geo::Source::header;
  if (const geo::CountryInfo* info = geo::country_info(country)) {
    places.at = {middle_of(country), vague(*info), nowhere};
    if (everywhere) add_grid(places, [&](const geo::Point& at) { return inside(*info, at); });
  } else {
    places.at = {nowhere};
  }
  return places;
}

}  // namespace

geo::Facts middle_of(geo::Country country) {
  const geo::CountryInfo* info = geo::country_info(country);
  if (info != nullptr) return point(info->centroid.latitude, info->centroid.longitude, country);
  geo::Facts facts;
  facts.country = country;
  return facts;
}

std::vector<Places> places_of(const std::vector<geo::Country>& named, bool everywhere) {
  std::vector<Places> all;
  for (const geo::Country country : named) all.push_back(of_country(country, everywhere));
  Places others;
  for (const geo::CountryInfo& info : geo::all_countries())
    if (std::find(named.begin(), named.end(), geo::Country::of(info.code)) == named.end())
      others.at.push_back(vague(info));
  others.at.emplace_back();
  if (everywhere) add_grid(others, [](const geo::Point&) { return true; });
  all.push_back(std::move(others));
  return all;
}

}  // namespace rhumb::foresight
