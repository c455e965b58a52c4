// SPDX-License-Identifier: Apache-2.0
#include "http/cookie.h"

#include <cstring>

#include "http/chars.h"

namespace rhumb::http {
namespace {

constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\t'; }

}  // namespace

/// A byte at a time: names are short, and a hostile field is all separators.
std::optional<Cookie> CookieReader::next() noexcept {
  for (;;) {
    while (at_ != end_ && (*at_ == ';' || is_space(*at_))) ++at_;
    if (at_ == end_) {
      if (!next_field()) return std::nullopt;
      continue;
    }
    const char* const begin = at_;
    while (at_ != end_ && *at_ != '=' && *at_ != ';') ++at_;
    if (at_ == end_ || *at_ == ';') continue;  // no pair
    const std::string_view name = base::trim({begin, static_cast<size_t>(at_ - begin)});
    const char* const value_at = ++at_;
    if (at_ != end_ && *at_ != ';') {  // values are long, where there is one
      const void* const semicolon = std::memchr(at_, ';', static_cast<size_t>(end_ - at_));
      at_ = semicolon == nullptr ? end_ : static_cast<const char*>(semicolon);
    }
    if (name.empty()) continue;
    std::string_view value = base::trim({value_at, static_cast<size_t>(at_ - value_at)});
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return Cookie{name, value};
  }
}

bool CookieReader::next_field() noexcept {
  while (!fields_.empty()) {
    const Field& field = fields_.front();
    fields_ = fields_.subspan(1);
    if (field.id != FieldId::cookie) continue;
    at_ = field.value.data();
    end_ = at_ + field.value.size();
    return true;
  }
  return false;
}

std::string_view find_cookie(const Headers& fields, std::string_view name) noexcept {
  CookieReader reader(fields);
  while (const auto cookie = reader.next())
    if (cookie->name == name) return cookie->value;
  return {};
}

bool valid_cookie(std::string_view name, std::string_view value, const CookieAttributes& attributes) noexcept {
  const auto plain = [](std::string_view text) {
    return valid_value(text) && text.find(';') == std::string_view::npos;
  };
  return valid_name(name) && (value.empty() || all_of(kCookieValue, value)) && plain(attributes.path) &&
         plain(attributes.domain);
}

void write_set_cookie(Writer& to, std::string_view name, std::string_view value,
                      const CookieAttributes& attributes) noexcept {
  to.raw("Set-Cookie: "), to.raw(name), to.raw("="), to.raw(value);
  if (!attributes.path.empty()) to.raw("; Path="), to.raw(attributes.path);
  if (!attributes.domain.empty()) to.raw("; Domain="), to.raw(attributes.domain);
  if (attributes.max_age) {
    to.raw("; Max-Age=");
    to.number(static_cast<uint64_t>(*attributes.max_age < 0 ? 0 : *attributes.max_age));
  }
  if (attributes.http_only) to.raw("; HttpOnly");
  if (attributes.secure) to.raw("; Secure");
  switch (attributes.same_site) {
    case SameSite::unset:
      break;
    case SameSite::lax:
      to.raw("; SameSite=Lax");
      break;
    case SameSite::strict:
      to.raw("; SameSite=Strict");
      break;
    case SameSite::none:
      to.raw("; SameSite=None");
      break;
  }
  to.raw("\r\n");
}

}  // namespace rhumb::http
