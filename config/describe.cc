// SPDX-License-Identifier: Apache-2.0
#include "config/describe.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/tables.h"
#include "config/value.h"

namespace rhumb::config {
namespace {

bool holds_filters(const Field& field) noexcept { return field.type == Type::list && field.element == Type::section; }

class Collector {
 public:
  explicit Collector(std::span<const Field> filters) : filters_(filters) {}

  void collect(std::span<const Field> fields, const std::string& path, Effect effect) {
    for (const Field& field : fields) {
      if (!field.renamed_to.empty()) continue;
      const Effect here = std::max(effect, field.effect);
      const std::string at = path.empty() ? std::string(field.name) : fmt::format("{}.{}", path, field.name);
      rows_.push_back({&field, at, here});
      const bool many = field.type == Type::sections || holds_filters(field);
      collect(holds_filters(field) ? filters_ : field.fields, many ? at + "[]" : at, here);
    }
  }
  std::vector<Row> take() { return std::move(rows_); }

 private:
  std::span<const Field> filters_;
  std::vector<Row> rows_;
};

std::string range_text(const Field& field, Type type) {
  constexpr double kNoLimit = 1e300;
  const bool low = field.min > -kNoLimit, high = field.max < kNoLimit;
  if (low && high) return fmt::format(", {} to {}", bound_text(type, field.min), bound_text(type, field.max));
  if (low) return fmt::format(", {} or more", bound_text(type, field.min));
  return high ? fmt::format(", at most {}", bound_text(type, field.max)) : "";
}

std::string plural(Type type) {
  switch (type) {
    case Type::boolean:
      return "truth values";
    case Type::country:
      return "country codes";
    case Type::address:
      return "addresses";
    default: {
      const std::string_view one = noun(type);
      return fmt::format("{}s", one.substr(one.find(' ') + 1));
    }
  }
}

std::string choice(const Field& field) {
  const std::vector<std::string_view> allowed = words(field.allowed);
  if (allowed.size() < 2) return std::string(field.allowed);
  return fmt::format("{} or {}", fmt::join(allowed.begin(), allowed.end() - 1, ", "), allowed.back());
}

}  // namespace

std::vector<Row> all_rows(std::span<const Field> filters) {
  Collector collector(filters);
  collector.collect(root_fields(), {}, Effect::reload);
  return collector.take();
}

std::vector<Row> rows_below(const std::vector<Row>& rows, std::string_view path) {
  std::vector<Row> below;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(below), [&](const Row& row) {
    const size_t dot = row.path.rfind('.');
    std::string_view home = dot == std::string::npos ? std::string_view() : std::string_view(row.path).substr(0, dot);
    return home == path || (home.ends_with("[]") && home.substr(0, home.size() - 2) == path);
  });
  return below;
}

bool has_rows(const Field& field) noexcept { return !field.fields.empty() || holds_filters(field); }

std::string value_text(const Field& field) {
  switch (field.type) {
    case Type::section:
      return "a mapping";
    case Type::sections:
      return "a list of mappings";
    case Type::list:
      if (holds_filters(field)) return "a list of filters";
      if (field.element == Type::enumeration) return "a list of " + choice(field);
      return fmt::format("a list of {}{}", plural(field.element), range_text(field, field.element));
    case Type::map:
      return fmt::format("a mapping of names to {}", plural(field.element));
    case Type::enumeration:
      return choice(field);
    default:
      return std::string(noun(field.type)) + range_text(field, field.type);
  }
}

std::string default_text(const Field& field) { return std::string(field.fallback); }

std::string notes_text(const Row& row) {
  std::vector<std::string> notes;
  if (row.field->required) notes.emplace_back("Required.");
  if (!row.field->beside.empty())
    notes.push_back(fmt::format("{} when its section is given without it.", row.field->beside));
  if (row.field->secret) notes.emplace_back("Its values are never shown.");
  if (row.effect == Effect::restart) notes.emplace_back("A change takes effect at the next start.");
  return fmt::format("{}", fmt::join(notes, " "));
}

}  // namespace rhumb::config
