// SPDX-License-Identifier: Apache-2.0
// What is known of where an address is. Plain values; any thread.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace rhumb::geo {

struct Point {
  double latitude = 0, longitude = 0;  // degrees, WGS 84
  friend bool operator==(const Point&, const Point&) = default;
};

/// A point that distances are asked from often, with its place on the unit sphere. Assigned whole, never a coordinate.
struct Site : Point {
  Site() noexcept = default;
  Site(double north, double east) noexcept;  // degrees
  Site(const Point& point) noexcept : Site(point.latitude, point.longitude) {}

  double x = 1, y = 0, z = 0;  // towards 0 N 0 E, 0 N 90 E, the north pole
};

/// ISO 3166-1 alpha-2, upper case; {0,0} unknown. Two bytes, so comparing costs nothing.
struct Country {
  std::array<char, 2> code{};
  static Country of(std::string_view text) noexcept {  // any case; unknown when not two letters
    Country c;
    if (text.size() == 2)
      for (int i = 0; i < 2; ++i) {
        const char upper = static_cast<char>(text[i] & ~0x20);
        if (upper < 'A' || upper > 'Z') return {};
        c.code[i] = upper;
      }
    return c;
  }
  bool known() const noexcept { return code[0] != 0; }
  std::string_view view() const noexcept { return {code.data(), known() ? 2u : 0u}; }
  friend bool operator==(const Country&, const Country&) = default;
};

/// Where a fact came from, weakest first.
enum class Source : uint8_t { none, centroid, database, overlay, header };
std::string_view name(Source source) noexcept;

struct Facts {
  Site point;
  bool has_point = false;
  Country country;
  std::array<char, 2> continent{};  // "EU", ...; zero when unknown
  uint16_t accuracy_km = 0;         // radius; 0 unknown. centroids carry 1000
  Source source = Source::none;
  uint8_t database = 0;          // index in the ordered list that answered
  std::string_view city;         // view into the database's memory; valid while its Locator lives
  std::string_view subdivision;  // first subdivision's name or code
};

}  // namespace rhumb::geo
