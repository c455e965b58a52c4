// SPDX-License-Identifier: Apache-2.0
#include "geo/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <tuple>
#include <utility>

#include "base/bytes.h"
#include "geo/centroids.h"

namespace rhumb::geo {
namespace {

enum Column : uint8_t {
  network,
  first,
  last,
  country,
  continent,
  latitude,
  longitude,
  accuracy_km,
  city,
  subdivision,
  kColumns
};
constexpr std::array<std::string_view, kColumns> kColumnNames = {
    "network", "first", "last", "country", "continent", "latitude", "longitude", "accuracy_km", "city", "subdivision"};
constexpr std::string_view kContinents[] = {"AF", "AN", "AS", "EU", "NA", "OC", "SA"};
constexpr double kHalfEarthKm = 20038;

struct Field {
  std::string text;
  size_t column = 1;  // of its first byte in the line
};

class CsvReader {
 public:
  CsvReader(std::string_view name, MmdbWriter& to, std::vector<std::string>& errors)
      : name_(name), to_(to), errors_(errors) {}

  CsvCounts run(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    while (!text.empty() && errors_.size() < kMaxCsvErrors) {
      const size_t end = text.find('\n');
      std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      ++line_;
      const std::string_view content = base::trim(line);
      if (content.empty() || content.front() == '#' || !split(line)) continue;
      if (!take_line()) break;
    }
    if (shape_ == Shape::unknown && errors_.empty()) error(1, "it holds no line but comments");
    report_twice();
    return counts_;
  }

 private:
  enum class Shape : uint8_t { unknown, header, tor };
  struct Row {
    base::IpAddress first, last;  // of a network, both are its base
    unsigned bits;                // of a network
    uint32_t line;
    auto block() const { return std::tie(first, last, bits); }
  };

  void error(size_t column, std::string_view what) {
    if (errors_.size() < kMaxCsvErrors) errors_.push_back(fmt::format("{}:{}:{}: {}", name_, line_, column, what));
  }

  bool take_line() {  // false: no use to go on
    if (shape_ == Shape::header) return take_row(), true;
    if (shape_ == Shape::unknown) {
      const std::string& start = fields_[0].text;
      const bool tor = fields_.size() == 3 && (base::parse_digits(start) || base::IpAddress::parse(start));
      if (!tor) return take_header();
      shape_ = Shape::tor;
    }
    take_tor_row();
    return true;
  }

  void report_twice();
  bool split(std::string_view line);
  bool take_header();
  void take_row();
  void take_tor_row();
  bool read_fields(RecordFields& out);
  bool read_point(RecordFields& out);
  std::optional<double> number(Column which, double low, double high);
  std::optional<base::IpAddress> address(const Field& field);

  const Field* field(Column which) const {  // nullptr: no such column, or empty
    const size_t at = where_[which];
    return at < fields_.size() && !fields_[at].text.empty() ? &fields_[at] : nullptr;
  }

  std::string_view name_;
  MmdbWriter& to_;
  std::vector<std::string>& errors_;
  CsvCounts counts_;
  size_t line_ = 0;
  Shape shape_ = Shape::unknown;
  std::vector<Field> fields_;
  size_t columns_ = 0;
  std::array<size_t, kColumns> where_{};
  std::vector<Row> rows_;  // the good ones of a file with a header
};

/// Which of two rows for the same network counts would hang on their order, which nobody sees in a long file.
void CsvReader::report_twice() {
  std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
    return std::tie(a.first, a.last, a.bits, a.line) < std::tie(b.first, b.last, b.bits, b.line);
  });
  std::vector<std::pair<uint32_t, uint32_t>> again;  // its line, the line before it
  for (size_t i = 1; i < rows_.size(); ++i)
    if (rows_[i].block() == rows_[i - 1].block()) again.emplace_back(rows_[i].line, rows_[i - 1].line);
  std::sort(again.begin(), again.end());
  for (const auto& [line, before] : again) {
    line_ = line;
    error(1, fmt::format("line {} is about the same {} already", before,
                         where_[network] != SIZE_MAX ? "network" : "range"));
  }
}

/// Reads one quoted field from `at` (behind the opening quote); false when it does not end.
bool read_quoted(std::string_view line, size_t& at, std::string& text) {
  for (; at < line.size(); ++at) {
    if (line[at] != '"') {
      text += line[at];
    } else if (at + 1 < line.size() && line[at + 1] == '"') {
      text += line[at++];
    } else {
      ++at;
      return true;
    }
  }
  return false;
}

bool CsvReader::split(std::string_view line) {
  fields_.clear();
  for (size_t at = 0;;) {
    while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
    Field field{{}, at + 1};
    if (at < line.size() && line[at] == '"') {
      if (!read_quoted(line, ++at, field.text))
        return error(field.column, "the quote is not closed on its line"), false;
      while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
      if (at < line.size() && line[at] != ',') return error(at + 1, "a comma is expected after the quoted text"), false;
    } else {
      const size_t end = std::min(line.find(',', at), line.size());
      field.text = base::trim(line.substr(at, end - at));
      at = end;
    }
    fields_.push_back(std::move(field));
    if (at >= line.size()) return true;
    ++at;
  }
}

bool CsvReader::take_header() {
  where_.fill(SIZE_MAX);
  const size_t before = errors_.size();
  for (size_t i = 0; i < fields_.size(); ++i) {
    size_t known = 0;
    while (known < kColumns && !base::iequals(fields_[i].text, kColumnNames[known])) ++known;
    if (known == kColumns) {
      error(fields_[i].column, fmt::format("unknown column '{}'; the first line names the columns, of: {}",
                                           fields_[i].text, fmt::join(kColumnNames, ", ")));
    } else if (where_[known] != SIZE_MAX) {
      error(fields_[i].column, fmt::format("column '{}' is named twice", kColumnNames[known]));
    } else {
      where_[known] = i;
    }
  }
  const auto has = [&](Column which) { return where_[which] != SIZE_MAX; };
  if (errors_.size() == before) {
    if (has(first) != has(last) || has(first) == has(network))
      error(1, "either 'network' or both 'first' and 'last' are needed");
    if (has(latitude) != has(longitude)) error(1, "'latitude' and 'longitude' go together");
    if (!has(country) && !has(latitude)) error(1, "'country' or 'latitude' and 'longitude' are needed");
  }
  columns_ = fields_.size();
  shape_ = Shape::header;
  return errors_.size() == before;
}

std::optional<double> CsvReader::number(Column which, double low, double high) {
  const Field& from = *field(which);
  double value = 0;
  const char* end = from.text.data() + from.text.size();
  const auto [stop, why] = std::from_chars(from.text.data(), end, value);
  if (why == std::errc() && stop == end && value >= low && value <= high) return value;
  error(from.column,
        fmt::format("'{}' is not a {}: a number from {} to {} is expected", from.text, kColumnNames[which], low, high));
  return std::nullopt;
}

bool CsvReader::read_point(RecordFields& out) {
  const Field* lat = field(latitude);
  const Field* lon = field(longitude);
  if (lat == nullptr && lon == nullptr) return true;
  if (lat == nullptr || lon == nullptr) {
    error((lat != nullptr ? lat : lon)->column, "latitude and longitude go together");
    return false;
  }
  const auto north = number(latitude, -90, 90), east = number(longitude, -180, 180);
  if (!north || !east) return false;
  out.point = Point{*north, *east};
  return true;
}

bool CsvReader::read_fields(RecordFields& out) {
  const size_t before = errors_.size();
  if (const Field* code = field(country)) {
    out.country = Country::of(code->text);
    if (country_info(out.country) == nullptr)
      error(code->column, fmt::format("'{}' is not an ISO 3166-1 country code{}", code->text,
                                      base::iequals(code->text, "UK") ? "; did you mean 'GB'?" : ""));
  }
  if (const Field* code = field(continent)) {
    for (std::string_view known : kContinents)
      if (base::iequals(code->text, known)) out.continent = Country::of(known);
    if (!out.continent.known())
      error(code->column,
            fmt::format("'{}' is not a continent; one of {} is expected", code->text, fmt::join(kContinents, ", ")));
  }
  read_point(out);
  if (field(accuracy_km) != nullptr)
    out.accuracy_km = static_cast<uint16_t>(number(accuracy_km, 0, kHalfEarthKm).value_or(0));
  if (const Field* text = field(city)) out.city = text->text;
  if (const Field* text = field(subdivision)) out.subdivision = text->text;
  if (errors_.size() == before && !out.country.known() && !out.point)
    error(1, "the row says neither a country nor a latitude and longitude");
  return errors_.size() == before;
}

std::optional<base::IpAddress> CsvReader::address(const Field& from) {
  const auto parsed = base::IpAddress::parse(from.text);
  if (!parsed) error(from.column, fmt::format("'{}' is not an IP address", from.text));
  return parsed;
}

void CsvReader::take_row() {
  if (fields_.size() != columns_)
    return error(1, fmt::format("{} fields, but the header names {} columns", fields_.size(), columns_));
  RecordFields fields;
  const bool good = read_fields(fields);
  if (where_[network] != SIZE_MAX) {
    const Field& block = fields_[where_[network]];
    const auto parsed = base::Cidr::parse(block.text);
    if (!parsed)
      return error(block.column,
                   fmt::format("'{}' is not a network such as 10.0.0.0/8 (no bits set behind the prefix)", block.text));
    if (!good) return;
    to_.insert(*parsed, fields);
    rows_.push_back({parsed->base, parsed->base, parsed->bits, static_cast<uint32_t>(line_)});
  } else {
    const auto low = address(fields_[where_[first]]), high = address(fields_[where_[last]]);
    if (!low || !high) return;
    if (low->is_v4() != high->is_v4() || *high < *low)
      return error(fields_[where_[last]].column, "the range ends before it begins");
    if (!good) return;
    to_.insert_range(*low, *high, fields);
    rows_.push_back({*low, *high, 0, static_cast<uint32_t>(line_)});
  }
  ++counts_.rows;
}

void CsvReader::take_tor_row() {
  if (fields_.size() != 3) return error(1, fmt::format("3 fields are expected, not {}", fields_.size()));
  std::optional<base::IpAddress> ends[2];
  for (int i = 0; i < 2; ++i) {
    const auto digits = base::parse_digits<uint32_t>(fields_[i].text);
    ends[i] = digits ? base::IpAddress::v4(*digits) : address(fields_[i]);
    if (!ends[i]) return;
  }
  RecordFields fields;
  if (fields_[2].text == "??") return void(++counts_.skipped);
  fields.country = Country::of(fields_[2].text);
  if (!fields.country.known())
    return error(fields_[2].column, fmt::format("'{}' is not a country code", fields_[2].text));
  if (!to_.insert_range(*ends[0], *ends[1], fields)) return error(fields_[1].column, "the range ends before it begins");
  ++counts_.rows;
}

}  // namespace

CsvCounts read_csv(std::string_view name, std::string_view text, MmdbWriter& to, std::vector<std::string>& errors) {
  return CsvReader(name, to, errors).run(text);
}

}  // namespace rhumb::geo
