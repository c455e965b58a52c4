// SPDX-License-Identifier: Apache-2.0
#include "http/cookie.h"

#include "http/chars.h"

namespace rhumb::http {

std::optional<Cookie> CookieReader::next() noexcept {
  for (;;) {
    while (rest_.empty()) {
      if (fields_.empty()) return std::nullopt;
      if (fields_.front().id == FieldId::cookie) rest_ = fields_.front().value;
      fields_ = fields_.subspan(1);
    }
    std::string_view value = base::trim(base::take_until(rest_, ';'));
    if (value.find('=') == std::string_view::npos) continue;
    const std::string_view name = base::trim(base::take_until(value, '='));
    if (name.empty()) continue;
    value = base::trim(value);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return Cookie{name, value};
  }
}

std::string_view find_cookie(const Headers& fields, std::string_view name) noexcept {
  CookieReader reader(fields);
  while (const auto cookie = reader.next())
    if (cookie->name == name) return cookie->value.data() != nullptr ? cookie->value : std::string_view("", 0);
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
