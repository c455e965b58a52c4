// SPDX-License-Identifier: Apache-2.0
// Where the client is: a trusted CDN's word first, then the databases.
#include <charconv>
#include <cmath>
#include <optional>

#include "base/bytes.h"
#include "filters/registry.h"
#include "geo/centroids.h"

namespace rhumb::filters {
namespace {

/// Decimal degrees: "-6.26", no exponent, no sign but minus, within the limit.
std::optional<double> parse_degrees(std::string_view text, double limit) noexcept {
  std::string_view digits = text;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  const size_t dot = digits.find('.');
  const std::string_view whole = digits.substr(0, dot);
  if (whole.empty() || whole.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  if (dot != std::string_view::npos) {
    const std::string_view fraction = digits.substr(dot + 1);
    if (fraction.empty() || fraction.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || std::abs(value) > limit) return std::nullopt;
  return value;
}

class GeoLocate final : public Filter {
 public:
  explicit GeoLocate(const config::GeoSpec& geo)
      : country_(geo.country_header), latitude_(geo.latitude_header), longitude_(geo.longitude_header) {}

  Verdict on_request(FilterContext& ctx) const override {
    ExchangeView& view = ctx.view();
    geo::Facts& where = ctx.facts().where;
    where = view.places != nullptr ? view.places->locate(ctx.facts().client) : geo::Facts{};
    if (view.peer_trusted) believe(ctx.request().fields, where);
    return Verdict::next();
  }

 private:
  void believe(const http::Headers& fields, geo::Facts& where) const noexcept {
    const geo::CountryInfo* info = geo::country_info(geo::Country::of(only(fields, country_)));
    if (info != nullptr) take_country(*info, where);
    const auto latitude = parse_degrees(only(fields, latitude_), 90);
    const auto longitude = parse_degrees(only(fields, longitude_), 180);
    if (!latitude || !longitude) return;
    where.point = {*latitude, *longitude};
    where.has_point = true;
    where.accuracy_km = 0;
    where.source = geo::Source::header;
  }

  /// The databases may still know the place better, as long as they agree on the country.
  static void take_country(const geo::CountryInfo& info, geo::Facts& where) noexcept {
    const geo::Country country = geo::Country::of(info.code);
    if (where.country != country || !where.has_point) {
      where = {};
      where.country = country;
      where.point = info.centroid;
      where.has_point = true;
      where.accuracy_km = geo::kCentroidAccuracyKm;
    }
    where.continent = {info.continent[0], info.continent[1]};
    where.source = geo::Source::header;
  }

  /// The value of a field that is there once; two could be two opinions.
  static std::string_view only(const http::Headers& fields, std::string_view name) noexcept {
    if (name.empty()) return {};
    std::string_view value;
    size_t count = 0;
    for (const http::Field& field : fields.all()) {
      if (field.id == http::FieldId::removed || !base::iequals(field.name, name)) continue;
      value = field.value;
      ++count;
    }
    return count == 1 ? value : std::string_view{};
  }

  std::string country_, latitude_, longitude_;
};

std::unique_ptr<const Filter> make(const config::Section&, const BuildContext& context) {
  return std::make_unique<GeoLocate>(context.geo);
}

}  // namespace

constinit const FilterType geo_locate_filter{
    .name = "geo_locate",
    .summary = "Finds where the client is, from a trusted CDN's headers or the geo databases.",
    .phase = Phase::identify,
    .on_request = true,
    .on_response = false,
    .options = {},
    .make = make,
};

}  // namespace rhumb::filters
