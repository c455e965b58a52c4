// SPDX-License-Identifier: Apache-2.0
#include "geo/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "geo/centroids.h"

namespace rhumb::geo {
namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();
constexpr size_t kMaxKeysListed = 20;

enum class Go : uint8_t { on, stop };

/// Calls visit(key, offset of the value) for the members of the map at `at` until it says stop; false when there is no
/// map.
template <class Visit>
bool each_member(const MmdbSection& data, uint32_t at, Visit visit) noexcept {
  MmdbValue map;
  if (!data.read(at, map) || map.type != MmdbType::map) return false;
  uint32_t inside = map.at;
  for (uint32_t i = 0; i < map.size; ++i) {
    std::string_view key;
    if (!data.read_string(inside, key)) return false;
    if (visit(key, inside) == Go::stop) return true;
    if (!data.skip(inside)) return false;
  }
  return true;
}

std::string_view string_at(const MmdbSection& data, uint32_t at) noexcept {
  std::string_view text;
  return data.read_string(at, text) ? text : std::string_view();
}

double number_at(const MmdbSection& data, uint32_t at) noexcept {
  MmdbValue value;
  double number = kNoNumber;
  return data.read(at, value) && data.number(value, number) ? number : kNoNumber;
}

/// The string under `key` in the map at `at`.
std::string_view member(const MmdbSection& data, uint32_t at, std::string_view key) noexcept {
  std::string_view text;
  each_member(data, at, [&](std::string_view name, uint32_t value) {
    if (name != key) return Go::on;
    text = string_at(data, value);
    return Go::stop;
  });
  return text;
}

Country country_from(std::string_view text) noexcept {
  const Country country = Country::of(text);
  return country_info(country) != nullptr ? country : Country{};
}

void set_continent(std::string_view text, Facts& out) noexcept {
  if (Country::of(text).known()) out.continent = Country::of(text).code;
}

void set_point(double latitude, double longitude, double radius, Facts& out) noexcept {
  if (radius > 0) out.accuracy_km = static_cast<uint16_t>(std::min(std::ceil(radius), 65535.0));
  const bool on_globe = std::abs(latitude) <= 90 && std::abs(longitude) <= 180;  // false for NaN
  if (!on_globe || (latitude == 0 && longitude == 0)) return;
  out.point = {latitude, longitude};
  out.has_point = true;
}

void decode_location(const MmdbSection& data, uint32_t at, Facts& out) noexcept {
  double latitude = kNoNumber, longitude = kNoNumber, radius = 0;
  each_member(data, at, [&](std::string_view key, uint32_t value) {
    if (key == "latitude") latitude = number_at(data, value);
    if (key == "longitude") longitude = number_at(data, value);
    if (key == "accuracy_radius") radius = number_at(data, value);
    return Go::on;
  });
  set_point(latitude, longitude, radius, out);
}

std::string_view city_name(const MmdbSection& data, uint32_t at) noexcept {
  std::string_view text;
  each_member(data, at, [&](std::string_view key, uint32_t value) {
    if (key != "names") return Go::on;
    text = member(data, value, "en");
    return Go::stop;
  });
  return text;
}

std::string_view first_subdivision(const MmdbSection& data, uint32_t at) noexcept {
  MmdbValue list;
  if (!data.read(at, list) || list.type != MmdbType::array || list.size == 0) return {};
  return member(data, list.at, "iso_code");
}

void decode_nested(const MmdbSection& data, uint32_t at, Facts& out) noexcept {
  Country registered;
  each_member(data, at, [&](std::string_view key, uint32_t value) {
    if (key == "country") out.country = country_from(member(data, value, "iso_code"));
    if (key == "registered_country") registered = country_from(member(data, value, "iso_code"));
    if (key == "location") decode_location(data, value, out);
    if (key == "continent") set_continent(member(data, value, "code"), out);
    if (key == "city") out.city = city_name(data, value);
    if (key == "subdivisions") out.subdivision = first_subdivision(data, value);
    return Go::on;
  });
  if (!out.country.known()) out.country = registered;
}

void decode_flat(const MmdbSection& data, uint32_t at, Facts& out) noexcept {
  double latitude = kNoNumber, longitude = kNoNumber, radius = 0;
  Country short_name;  // some sets call the code plainly "country"; others keep the full name there, which is no code
  each_member(data, at, [&](std::string_view key, uint32_t value) {
    if (key == "country_code") out.country = country_from(string_at(data, value));
    if (key == "country") short_name = country_from(string_at(data, value));
    if (key == "latitude") latitude = number_at(data, value);
    if (key == "longitude") longitude = number_at(data, value);
    if (key == "accuracy_radius" || key == "accuracy_km") radius = number_at(data, value);
    if (key == "continent_code" || key == "continent") set_continent(string_at(data, value), out);
    if (key == "city") out.city = string_at(data, value);
    if (key == "state1" || key == "region" || key == "subdivision") out.subdivision = string_at(data, value);
    return Go::on;
  });
  if (!out.country.known()) out.country = short_name;
  set_point(latitude, longitude, radius, out);
}

std::optional<Schema> schema_of(const MmdbSection& data, uint32_t at) noexcept {
  for (Schema schema : {Schema::nested, Schema::flat}) {
    Facts facts;
    decode_record(schema, data, at, facts);
    if (facts.country.known() || facts.has_point) return schema;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(Schema schema) noexcept { return schema == Schema::nested ? "nested" : "flat"; }

void decode_record(Schema schema, const MmdbSection& data, uint32_t at, Facts& out) noexcept {
  if (schema == Schema::nested) {
    decode_nested(data, at, out);
  } else {
    decode_flat(data, at, out);
  }
}

base::Result<Schema, std::string> detect_schema(const MmdbLayout& layout) {
  const uint32_t nodes = layout.metadata.node_count;
  // Spread over the whole tree: a file may begin with records that say nothing.
  const uint32_t stride = std::max(1u, nodes / kSchemaSample);
  std::set<std::string, std::less<>> keys;
  bool any = false;
  for (uint64_t node = 0; node < nodes; node += stride) {
    for (unsigned side = 0; side < 2; ++side) {
      const uint32_t value = layout.tree.record(static_cast<uint32_t>(node), side);
      if (value <= nodes) continue;
      any = true;
      const uint32_t at = value - nodes - kMmdbSeparator;
      if (const auto schema = schema_of(layout.data, at)) return *schema;
      each_member(layout.data, at, [&](std::string_view key, uint32_t) {
        if (keys.size() < kMaxKeysListed) keys.emplace(key);
        return Go::on;
      });
    }
  }
  if (!any) return base::Unexpected(std::string("it holds no record"));
  return base::Unexpected(
      fmt::format("its records have neither country nor coordinates under a name known here (keys seen: {})",
                  keys.empty() ? "none" : fmt::format("{}", fmt::join(keys, ", "))));
}

}  // namespace rhumb::geo
