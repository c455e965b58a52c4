// SPDX-License-Identifier: Apache-2.0
#include "config/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/ip.h"
#include "base/units.h"
#include "config/codes.h"
#include "config/diagnostic.h"
#include "geo/centroids.h"

namespace rhumb::config {
namespace {

using base::Unexpected;

constexpr double kNoLimit = 1e300;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

/// What a decimal looks like to people who know other notations.
std::string why_not_decimal(std::string_view text) {
  const std::string_view body = text.substr(text.find_first_not_of("+-") == 1 ? 1 : 0);
  if (body.empty() || !is_digit(body[0])) return {};
  if (text[0] == '+') return "write it without '+'";
  if (text.find('_') != std::string_view::npos) return "write it without '_'";
  if (body.size() > 2 && body[0] == '0' && std::string_view("xob").find(body[1]) != std::string_view::npos) {
    return "write it as a decimal";
  }
  if (body.size() > 1 && body[0] == '0' && is_digit(body[1])) return "write it without the leading zero";
  if (body.find_first_of("eE") != std::string_view::npos) return "write it without an exponent";
  return {};
}

/// Digits without a leading zero, after an optional minus.
bool is_decimal(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return all_digits(text) && (text.size() == 1 || text[0] != '0');
}

std::optional<Refusal> check_range(const Field& field, Type type, double value) {
  if (value >= field.min && value <= field.max) return std::nullopt;
  const bool low = field.min > -kNoLimit, high = field.max < kNoLimit;
  std::string allowed = low && high
                            ? fmt::format("between {} and {}", bound_text(type, field.min), bound_text(type, field.max))
                        : low ? fmt::format("at least {}", bound_text(type, field.min))
                              : fmt::format("at most {}", bound_text(type, field.max));
  return Refusal{code::kRange, "out of range; must be " + allowed, {}};
}

template <class T>
std::optional<Refusal> check_unit(const Field& field, Type type, const base::Result<T, base::UnitError>& read,
                                  double scale) {
  if (!read) return Refusal{code::kUnit, read.error().message, {}, true};
  if constexpr (std::is_same_v<T, base::Micros>) {
    return check_range(field, type, static_cast<double>(read->count()) * scale);
  } else {
    return check_range(field, type, static_cast<double>(*read) * scale);
  }
}

template <class T>
std::optional<Refusal> check_numeric(const Field& field, Type type, const Read<T>& read) {
  if (!read) return read.error();
  return check_range(field, type, static_cast<double>(*read));
}

std::optional<Refusal> check_enumeration(const Field& field, std::string_view text) {
  const std::vector<std::string_view> allowed = words(field.allowed);
  if (std::find(allowed.begin(), allowed.end(), text) != allowed.end()) return std::nullopt;
  const std::string_view meant = closest(text, allowed);
  std::string hint = meant.empty() ? std::string() : fmt::format("did you mean '{}'? ", meant);
  constexpr size_t kMaxListed = 8;
  hint += "allowed: ";
  for (size_t i = 0; i < allowed.size() && i < kMaxListed; ++i)
    hint += fmt::format("{}{}", i == 0 ? "" : ", ", allowed[i]);
  if (allowed.size() > kMaxListed) hint += ", ...";
  return Refusal{code::kNotAllowed, fmt::format("'{}' is not one of the allowed values", shown(text)), std::move(hint),
                 true};
}

std::optional<Refusal> check_address(std::string_view text) {
  if (text.starts_with("unix:")) {
    constexpr size_t kMaxUnixPath = 107;  // sockaddr_un, with its NUL
    const std::string_view path = text.substr(5);
    if (path.starts_with('/') && path.size() <= kMaxUnixPath) return std::nullopt;
    return Refusal{code::kAddress, "the path of a unix socket begins with '/' and has at most 107 bytes",
                   "write unix:/run/rhumb/admin.sock"};
  }
  if (base::SocketAddress::parse(text)) return std::nullopt;
  std::string hint = "write ip:port, as 127.0.0.1:8080 or [::1]:8080";
  const size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && colon + 1 < text.size() && !all_digits(text.substr(colon + 1)) &&
      text.find(']', colon) == std::string_view::npos) {
    hint = "the port is a number; names of services are not looked up";
  } else if (base::IpAddress::parse(text)) {
    hint = "the port is missing: " +
           (text.find(':') == std::string_view::npos ? fmt::format("{}:8080", text) : fmt::format("[{}]:8080", text));
  } else if (colon != std::string_view::npos && !base::IpAddress::parse(text.substr(0, colon)) &&
             text.find('[') == std::string_view::npos) {
    hint = "names are not looked up; " + hint;
  }
  return Refusal{code::kAddress, fmt::format("'{}' is not an address with a port", shown(text)), std::move(hint), true};
}

std::optional<Refusal> check_cidr(std::string_view text) {
  if (base::Cidr::parse(text)) return std::nullopt;
  const size_t slash = text.find('/');
  const auto ip = base::IpAddress::parse(text.substr(0, slash));
  std::string hint = "write 10.0.0.0/8 or 2001:db8::/32";
  unsigned bits = 0;
  if (ip && slash != std::string_view::npos && all_digits(text.substr(slash + 1))) {
    std::from_chars(text.data() + slash + 1, text.data() + text.size(), bits);
    if (bits <= (ip->is_v4() ? 32u : 128u))
      hint = fmt::format("bits behind the prefix are set; did you mean {}/{}?", ip->masked(bits).to_string(), bits);
  }
  return Refusal{code::kCidr, fmt::format("'{}' is not a network", shown(text)), std::move(hint), true};
}

std::optional<Refusal> check_country(std::string_view text) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const bool shaped = text.size() == 2 && upper(text[0]) && upper(text[1]);
  if (shaped && geo::country_info(geo::Country::of(text)) != nullptr) return std::nullopt;
  // A country that does not exist would quietly fence or refuse nobody.
  if (shaped)
    return Refusal{code::kCountry, fmt::format("there is no country '{}' in ISO 3166-1", text),
                   text == "UK" ? "did you mean GB?" : "", true};
  return Refusal{code::kCountry, fmt::format("'{}' is not a country code", shown(text)),
                 "write two capital letters, as DE (ISO 3166-1)", true};
}

std::optional<Refusal> check_text(Type type, const Node& node) {
  const auto control = [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(node.scalar.begin(), node.scalar.end(), control)) {
    return Refusal{code::kControlCharacter, "control characters are not allowed in a value", {}};
  }
  if (type == Type::path && node.scalar.empty()) return Refusal{code::kEmpty, "a path must not be empty", {}};
  return std::nullopt;
}

std::string number_text(double value) {
  return std::floor(value) == value && std::abs(value) < 1e15 ? fmt::format("{:.0f}", value) : fmt::format("{}", value);
}

}  // namespace

Read<int64_t> read_integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (is_decimal(text) && error == std::errc() && end == text.data() + text.size()) return value;
  if (is_decimal(text)) return Unexpected(Refusal{code::kRange, "the number is too large", {}});
  return Unexpected(
      Refusal{code::kInteger, fmt::format("'{}' is not a whole number", shown(text)), why_not_decimal(text), true});
}

Read<double> read_number(std::string_view text) {
  const size_t dot = text.find('.');
  const bool fits =
      is_decimal(text.substr(0, dot)) && (dot == std::string_view::npos || all_digits(text.substr(dot + 1)));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fits && error == std::errc() && end == text.data() + text.size()) return value;
  if (fits) return Unexpected(Refusal{code::kRange, "the number is too large", {}});
  return Unexpected(
      Refusal{code::kNumber, fmt::format("'{}' is not a number", shown(text)), why_not_decimal(text), true});
}

Read<bool> read_boolean(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const bool yes = lower == "yes" || lower == "on" || lower == "y" || lower == "true" || lower == "1";
  const bool no = lower == "no" || lower == "off" || lower == "n" || lower == "false" || lower == "0";
  return Unexpected(Refusal{code::kBoolean, fmt::format("'{}' is not true or false", shown(text)),
                            yes  ? "write true"
                            : no ? "write false"
                                 : "",
                            true});
}

std::optional<Refusal> check_scalar(const Field& field, Type type, const Node& node) {
  const std::string_view text = node.scalar;
  const bool typed = type == Type::boolean || type == Type::integer || type == Type::number;
  if (typed && node.quoted) {
    const uint16_t number = type == Type::boolean   ? code::kBoolean
                            : type == Type::integer ? code::kInteger
                                                    : code::kNumber;
    return Refusal{number, fmt::format("a quoted text is not {}", noun(type)), "write it without quotes"};
  }
  switch (type) {
    case Type::boolean:
      if (const auto read = read_boolean(text); !read) return read.error();
      return std::nullopt;
    case Type::integer:
      return check_numeric(field, type, read_integer(text));
    case Type::number:
      return check_numeric(field, type, read_number(text));
    case Type::duration:
      return check_unit(field, type, base::parse_duration(text), 1e-6);
    case Type::size:
      return check_unit(field, type, base::parse_size(text), 1);
    case Type::rate:
      return check_unit(field, type, base::parse_rate(text), 1);
    case Type::percent:
      return check_unit(field, type, base::parse_percent(text), 100);
    case Type::enumeration:
      return check_enumeration(field, text);
    case Type::address:
      return check_address(text);
    case Type::cidr:
      return check_cidr(text);
    case Type::country:
      return check_country(text);
    default:
      return node.hidden ? std::nullopt : check_text(type, node);
  }
}

std::string unsaid(Type type) {
  std::string_view example;
  if (type == Type::duration) example = " (for example 5s, 250ms, 1d)";
  if (type == Type::size) example = " (for example 64KiB, 10MB)";
  if (type == Type::rate) example = " (for example 10r/s, 600r/m)";
  if (type == Type::percent) example = " (for example 20%)";
  if (type == Type::address) example = " with a port (for example 127.0.0.1:8080)";
  if (type == Type::cidr) example = " (for example 10.0.0.0/8)";
  const std::string_view what = type == Type::enumeration ? "one of the allowed values" : noun(type);
  return fmt::format("the value is not {}{}", what, example);
}

std::string_view noun(Type type) noexcept {
  switch (type) {
    case Type::boolean:
      return "true or false";
    case Type::integer:
      return "a whole number";
    case Type::number:
      return "a number";
    case Type::string:
      return "a text";
    case Type::duration:
      return "a duration";
    case Type::size:
      return "a size";
    case Type::rate:
      return "a rate";
    case Type::percent:
      return "a percentage";
    case Type::address:
      return "an address";
    case Type::cidr:
      return "a network";
    case Type::country:
      return "a country code";
    case Type::path:
      return "a path";
    case Type::enumeration:
      return "a word";
    case Type::list:
    case Type::sections:
      return "a list";
    case Type::map:
    case Type::section:
      return "a mapping";
  }
  return "a value";
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> result;
  constexpr std::string_view kBetween = " ,[]";
  for (size_t at = text.find_first_not_of(kBetween); at != std::string_view::npos;
       at = text.find_first_not_of(kBetween, at)) {
    const size_t end = std::min(text.find_first_of(kBetween, at), text.size());
    result.push_back(text.substr(at, end - at));
    at = end;
  }
  return result;
}

std::string bound_text(Type type, double value) {
  switch (type) {
    case Type::duration:
      return base::format_duration(base::Micros(std::llround(value * 1e6)));
    case Type::size:
      return base::format_size(static_cast<uint64_t>(value));
    case Type::percent:
      return number_text(value) + "%";
    case Type::rate:
      return number_text(value) + "r/s";
    default:
      return number_text(value);
  }
}

const Node* find_given(const Node& mapping, std::span<const Field> rows, std::string_view key) noexcept {
  if (const Node* found = mapping.find(key)) return found;
  for (const Field& row : rows) {
    if (row.renamed_to == key) return mapping.find(row.name);
  }
  return nullptr;
}

bool is_plain(Type type) noexcept {
  return type != Type::list && type != Type::map && type != Type::section && type != Type::sections;
}

const Field* row_of(std::span<const Field> rows, std::string_view key) noexcept {
  const Field* any = nullptr;
  for (const Field& row : rows) {
    if (row.name == key) return &row;
    if (row.name == kAnyKey) any = &row;
  }
  return any;
}

bool is_http_token(std::string_view text) noexcept {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kMarks.find(c) != std::string_view::npos;
  });
}

bool is_plain_name(std::string_view text) noexcept {
  constexpr size_t kMaxName = 64;
  return !text.empty() && text.size() <= kMaxName && std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace rhumb::config
