// SPDX-License-Identifier: Apache-2.0
#include "admin/api.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "base/log.h"
#include "http/uri.h"

namespace rhumb::admin {

std::string_view name(Role role) noexcept {
  return role == Role::read ? "read" : role == Role::operate ? "operate" : "admin";
}

std::optional<Role> role_of(std::string_view word) noexcept {
  for (const Role role : {Role::read, Role::operate, Role::admin})
    if (name(role) == word) return role;
  return std::nullopt;
}

std::string percent_decoded(std::string_view raw, bool in_query) {
  std::string out;
  for (size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    const int high = c == '%' && i + 2 < raw.size() ? base::hex_value(raw[i + 1]) : -1;
    const int low = high >= 0 ? base::hex_value(raw[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += c == '+' && in_query ? ' ' : c;
    }
  }
  return out;
}

std::string Request::parameter(std::string_view key) const {
  const auto raw = http::find_query(query, key);
  return raw ? percent_decoded(*raw, true) : std::string();
}

std::vector<std::string> Request::parameters(std::string_view key) const {
  std::vector<std::string> values;
  for (std::string_view rest = query; !rest.empty();) {
    std::string_view value = base::take_until(rest, '&');
    if (base::take_until(value, '=') == key) values.push_back(percent_decoded(value, true));
  }
  return values;
}

const std::string& Request::capture(std::string_view name) const {
  const auto found =
      std::find_if(captures.begin(), captures.end(), [&](const auto& capture) { return capture.first == name; });
  RHUMB_ASSERT(found != captures.end());
  return found->second;
}

Response error_response(int status, std::string_view code, std::string_view message) {
  return {
      status, "application/json",
      fmt::format("{{\"error\":{{\"code\":{},\"message\":{}}}}}\n", base::json_text(code), base::json_text(message))};
}

}  // namespace rhumb::admin
