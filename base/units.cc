// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <span>
#include <utility>

#include "base/bytes.h"

namespace rhumb::base {
namespace {

/// What one of the unit is worth in the kind's own unit: a fraction, so that no share or rate is off by a rounding.
struct Unit {
  std::string_view name;
  uint64_t times, over = 1;
};
constexpr std::array<Unit, 6> kDurations{
    {{"us", 1}, {"ms", 1'000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}}};
constexpr std::array<Unit, 7> kSizes{{{"B", 1},
                                      {"KiB", 1 << 10},
                                      {"MiB", 1 << 20},
                                      {"GiB", 1 << 30},
                                      {"KB", 1'000},
                                      {"MB", 1'000'000},
                                      {"GB", 1'000'000'000}}};
constexpr std::array<Unit, 2> kRates{{{"r/s", 1}, {"r/m", 1, 60}}};
constexpr std::array<Unit, 2> kDistances{{{"km", 1}, {"m", 1, 1'000}}};
constexpr std::array<Unit, 1> kPercents{{{"%", 1, 100}}};

struct Kind {
  std::string_view what, example;
  std::span<const Unit> units;
  uint64_t limit;
};
constexpr Kind kDuration{"a duration", "5s, 250ms, 1d", kDurations, uint64_t{100} * 365 * 86'400'000'000};  // 100 years
constexpr Kind kSize{"a size", "64KiB, 10MB", kSizes, 1'000'000'000'000'000'000};
constexpr Kind kRate{"a rate", "10r/s, 600r/m", kRates, 1'000'000'000'000};
constexpr Kind kDistance{"a distance", "1500km", kDistances, 1'000'000'000};
constexpr Kind kPercent{"a percentage", "20%", kPercents, 1'000'000};

using Wide = unsigned __int128;
/// An exact quantity in the kind's own unit.
struct Quantity {
  Wide value;
  uint64_t over;
  const Unit* unit;
};
using QuantityResult = Result<Quantity, UnitError>;

/// At most 40 bytes of what was written, with whatever could disturb a terminal replaced.
std::string shown(std::string_view text) {
  constexpr size_t kMost = 40;
  std::string out(text.substr(0, kMost));
  if (text.size() > kMost) {
    while (!out.empty() && (static_cast<unsigned char>(text[out.size()]) & 0xc0) == 0x80) out.pop_back();
    out += "...";
  }
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return out;
}

Unexpected<UnitError> wrong(const Kind& kind, std::string_view text, std::string_view why) {
  return Unexpected(
      UnitError{fmt::format("'{}' is not {}: {} (for example {})", shown(text), kind.what, why, kind.example)});
}

/// Digits with an optional fraction, taken off the front of `rest`: value / over. Nothing where there is no number;
/// a number of more than 18 digits before or 9 behind the point is `too_long`.
std::optional<Quantity> take_number(std::string_view& rest, bool& too_long) noexcept {
  size_t whole = 0;
  while (whole < rest.size() && is_digit(rest[whole])) ++whole;
  size_t end = whole;
  if (end < rest.size() && rest[end] == '.')
    for (++end; end < rest.size() && is_digit(rest[end]);) ++end;
  if (whole == 0 || end == whole + 1) return std::nullopt;
  const std::string_view digits = rest.substr(0, end);
  rest.remove_prefix(end);
  too_long = whole > 18 || end > whole + 10;
  Quantity number{0, 1, nullptr};
  if (too_long) return number;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i == whole) continue;  // the point
    number.value = number.value * 10 + static_cast<unsigned>(digits[i] - '0');
    if (i > whole) number.over *= 10;
  }
  return number;
}

std::string why_unknown(const Kind& kind, std::string_view unit) {
  std::string names;
  for (const Unit& known : kind.units) {
    if (known.name == trim(unit)) return "number and unit are written without a space";
    if (iequals(known.name, trim(unit)))
      return fmt::format("unknown unit '{}'; did you mean '{}'?", shown(unit), known.name);
    names += names.empty() ? "" : " ";
    names += known.name;
  }
  return fmt::format("unknown unit '{}'; units are {}", shown(unit), names);
}

/// One number with its unit, taken off the front.
QuantityResult take_quantity(const Kind& kind, std::string_view text, std::string_view& rest) {
  if (!rest.empty() && rest.front() == '-') return wrong(kind, text, "it must not be negative");
  const std::string_view from = rest;
  bool too_long = false;
  auto number = take_number(rest, too_long);
  if (!number) return wrong(kind, text, "a number with a unit is wanted");
  const std::string_view digits = from.substr(0, from.size() - rest.size());
  size_t n = 0;
  while (n < rest.size() && !is_digit(rest[n]) && rest[n] != '-' && rest[n] != '.') ++n;
  const std::string_view name = rest.substr(0, n);
  if (name.empty() && digits.size() == text.size()) return wrong(kind, text, "it needs a unit");
  if (name.empty()) return wrong(kind, text, fmt::format("the number {} needs a unit", shown(digits)));
  const Unit* unit = nullptr;
  for (const Unit& known : kind.units)
    if (known.name == name) unit = &known;
  if (unit == nullptr) return wrong(kind, text, why_unknown(kind, name));
  if (too_long) return wrong(kind, text, "it has too many digits");
  rest.remove_prefix(n);
  return Quantity{number->value * unit->times, number->over * unit->over, unit};
}

QuantityResult parse_single(const Kind& kind, std::string_view text) {
  std::string_view rest = text;
  auto quantity = take_quantity(kind, text, rest);
  if (!quantity) return quantity;
  if (!rest.empty()) return wrong(kind, text, fmt::format("'{}' is too much", shown(rest)));
  if (quantity->value > Wide{kind.limit} * quantity->over) return wrong(kind, text, "it is too large");
  return quantity;
}

Result<double, UnitError> parse_real(const Kind& kind, std::string_view text) {
  const auto quantity = parse_single(kind, text);
  if (!quantity) return Unexpected(quantity.error());
  return static_cast<double>(quantity->value) / static_cast<double>(quantity->over);
}

}  // namespace

Result<Micros, UnitError> parse_duration(std::string_view text) {
  std::string_view rest = text;
  Wide total = 0;
  uint64_t before = UINT64_MAX;
  do {
    const auto part = take_quantity(kDuration, text, rest);
    if (!part) return Unexpected(part.error());
    // "1m1m" and "30s1h" are slips of the hand, whatever they were meant to be.
    if (part->unit->times >= before) return wrong(kDuration, text, "parts are written from the largest unit down");
    if (part->value % part->over != 0) return wrong(kDuration, text, "it is finer than a microsecond");
    before = part->unit->times;
    total += part->value / part->over;
  } while (!rest.empty());
  if (total > kDuration.limit) return wrong(kDuration, text, "it is too long");
  return Micros(static_cast<int64_t>(total));
}

Result<uint64_t, UnitError> parse_size(std::string_view text) {
  const auto bytes = parse_single(kSize, text);
  if (!bytes) return Unexpected(bytes.error());
  if (bytes->value % bytes->over != 0) return wrong(kSize, text, "it is not a whole number of bytes");
  return static_cast<uint64_t>(bytes->value / bytes->over);
}

Result<double, UnitError> parse_rate(std::string_view text) { return parse_real(kRate, text); }
Result<double, UnitError> parse_distance_km(std::string_view text) { return parse_real(kDistance, text); }
Result<double, UnitError> parse_percent(std::string_view text) { return parse_real(kPercent, text); }

std::string format_duration(Micros value) {
  if (value.count() == 0) return "0s";
  if (value.count() < 0) return "-" + format_duration(Micros(-value.count()));
  auto us = static_cast<uint64_t>(value.count());
  std::string out;
  for (size_t i = kDurations.size(); i-- > 0 && us > 0;) {
    const auto& [name, size, over] = kDurations[i];
    if (us < size || (name == "ms" && us % size != 0)) continue;
    out += fmt::format("{}{}", us / size, name);
    us %= size;
  }
  return out;
}

std::string format_size(uint64_t bytes) {
  for (const size_t i : {3, 2, 1})
    if (bytes != 0 && bytes % kSizes[i].times == 0) return fmt::format("{}{}", bytes / kSizes[i].times, kSizes[i].name);
  return fmt::format("{}B", bytes);
}

}  // namespace rhumb::base
