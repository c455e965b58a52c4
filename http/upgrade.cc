// SPDX-License-Identifier: Apache-2.0
#include "http/upgrade.h"

#include "base/crypto.h"

namespace rhumb::http {

namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 1.3

bool is_base64(char c) noexcept { return base::is_alpha(c) || base::is_digit(c) || c == '+' || c == '/'; }

/// The only value of a field, or nothing.
std::string_view single(const Headers& fields, FieldId id) noexcept {
  return fields.count(id) == 1 ? fields.get(id) : std::string_view{};
}

}  // namespace

bool valid_websocket_key(std::string_view key) noexcept {
  if (key.size() != 24 || key.substr(22) != "==") return false;
  for (char c : key.substr(0, 22))
    if (!is_base64(c)) return false;
  // Two characters carry the last byte; the low four bits of the second are none of it.
  return std::string_view("AQgw").find(key[21]) != std::string_view::npos;
}

std::string websocket_accept(std::string_view key) {
  std::string text(key);
  text += kGuid;
  return base::base64(base::sha1(text));
}

bool websocket_accepted(const RequestHead& request, const ResponseHead& response) {
  const std::string_view key = single(request.fields, FieldId::sec_websocket_key);
  return request.upgrade_websocket && response.status == 101 && valid_websocket_key(key) &&
         response.fields.has_token(FieldId::connection, "upgrade") &&
         base::iequals(single(response.fields, FieldId::upgrade), "websocket") &&
         single(response.fields, FieldId::sec_websocket_accept) == websocket_accept(key);
}

}  // namespace rhumb::http
