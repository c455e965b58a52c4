// SPDX-License-Identifier: Apache-2.0
// Cookies (RFC 6265): reading those of a request, writing one of a response. Views into the fields. No state; any
// thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/h1_writer.h"

namespace rhumb::http {

struct Cookie {
  std::string_view name, value;  // value without the quotes it may be in
};

/// Walks the pairs of all Cookie fields, in order: `CookieReader r(fields); while (auto cookie = r.next()) ...`. What
/// is no pair is passed over. Each byte is looked at once or twice, whatever the pairs are like.
class CookieReader {
 public:
  explicit CookieReader(const Headers& fields) noexcept : fields_(fields.all()) {
    if (!fields.has(FieldId::cookie)) fields_ = {};
  }
  std::optional<Cookie> next() noexcept;

 private:
  bool next_field() noexcept;

  std::span<const Field> fields_;
  const char* at_ = nullptr;  // what is left of the field
  const char* end_ = nullptr;
};

/// Value of the first cookie of that name (names are case-sensitive); data() is nullptr when there is none. One walk:
/// who asks for many names asks once for all of them (decision/conditions.h).
std::string_view find_cookie(const Headers& fields, std::string_view name) noexcept;

enum class SameSite : uint8_t { unset, lax, strict, none };
struct CookieAttributes {
  std::string_view path = "/";
  std::string_view domain;         // empty: host-only
  std::optional<int64_t> max_age;  // seconds; 0 deletes; nothing: until the browser ends
  bool http_only = true;
  bool secure = false;
  SameSite same_site = SameSite::lax;
};

/// Characters a cookie's name and value may be made of; path and domain may not hold ';' or controls.
bool valid_cookie(std::string_view name, std::string_view value, const CookieAttributes& attributes) noexcept;
/// One Set-Cookie line; the arguments are trusted to be valid_cookie().
void write_set_cookie(Writer& to, std::string_view name, std::string_view value,
                      const CookieAttributes& attributes) noexcept;

}  // namespace rhumb::http
