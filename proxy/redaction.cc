// SPDX-License-Identifier: Apache-2.0
#include "proxy/redaction.h"

#include <algorithm>
#include <cstring>

namespace rhumb::proxy {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Is `given`, decoded and in lower case, `name`?
bool names_parameter(std::string_view given, std::string_view name) noexcept {
  size_t matched = 0;
  for (size_t i = 0; i < given.size(); ++i) {
    char c = given[i];
    if (c == '%' && i + 2 < given.size() && hex_digit(given[i + 1]) >= 0 && hex_digit(given[i + 2]) >= 0) {
      c = static_cast<char>(hex_digit(given[i + 1]) * 16 + hex_digit(given[i + 2]));
      i += 2;
    }
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    if (matched == name.size() || name[matched++] != c) return false;
  }
  return matched == name.size();
}

class Room {
 public:
  explicit Room(std::span<char> to) noexcept : to_(to) {}
  void put(std::string_view text) noexcept {
    const size_t size = std::min(text.size(), to_.size() - size_);
    if (size != 0) std::memcpy(to_.data() + size_, text.data(), size);
    size_ += size;
  }
  std::string_view text() const noexcept { return {to_.data(), size_}; }

 private:
  std::span<char> to_;
  size_t size_ = 0;
};

}  // namespace

bool secret_header(http::FieldId id) noexcept {
  using http::FieldId;
  return id == FieldId::cookie || id == FieldId::set_cookie || id == FieldId::authorization ||
         id == FieldId::proxy_authorization;
}

std::string_view redact_query(std::string_view query, const std::vector<std::string>& names,
                              std::span<char> room) noexcept {
  Room out(room);
  while (!query.empty()) {
    const size_t end = std::min(query.find_first_of("&;"), query.size());
    const std::string_view parameter = query.substr(0, end);
    const size_t equals = parameter.find('=');
    const std::string_view name = parameter.substr(0, equals);
    const bool secret =
        equals != std::string_view::npos && equals + 1 != parameter.size() &&
        std::any_of(names.begin(), names.end(), [name](const std::string& one) { return names_parameter(name, one); });
    if (secret) {
      out.put(name), out.put("="), out.put(kRedacted);
    } else {
      out.put(parameter);
    }
    if (end == query.size()) break;
    out.put(query.substr(end, 1));
    query.remove_prefix(end + 1);
  }
  return out.text();
}

}  // namespace rhumb::proxy
