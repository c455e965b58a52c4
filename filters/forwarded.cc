// SPDX-License-Identifier: Apache-2.0
#include "filters/forwarded.h"

#include "base/bytes.h"
#include "http/chars.h"

namespace rhumb::filters {
namespace {

using Which = config::GeoSpec::Forwarded;

bool valid_port(std::string_view text) noexcept {
  return text.size() <= 5 && base::parse_digits<uint16_t>(text).has_value();
}

/// Quotes preceded by an odd number of backslashes are part of a quoted string.
bool is_escaped(std::string_view text, size_t at) noexcept {
  size_t backslashes = 0;
  while (at > backslashes && text[at - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 != 0;
}

/// Takes "name=value" off the front, the value without its quotes. Escapes are not undone: no address needs one, so a
/// value with one matches nothing. False when it is malformed.
bool take_pair(std::string_view& rest, std::string_view& name, std::string_view& value) noexcept {
  const size_t equals = rest.find('=');
  if (equals == std::string_view::npos) return false;
  name = rest.substr(0, equals);
  if (!http::all_of(http::kToken, name)) return false;
  rest.remove_prefix(equals + 1);
  if (rest.starts_with('"')) {
    size_t end = 1;
    while (end < rest.size() && (rest[end] != '"' || is_escaped(rest, end))) ++end;
    if (end == rest.size()) return false;
    value = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return rest.empty() || rest.front() == ';';
  }
  value = rest.substr(0, rest.find(';'));
  rest.remove_prefix(value.size());
  // Many senders leave out the quotes RFC 7239 6 wants around ports and IPv6; nothing else can be meant by it.
  for (const char c : value)
    if (!http::is(http::kToken, c) && c != ':' && c != '[' && c != ']') return false;
  return true;
}

std::string_view take_last_plain(std::string_view& list) noexcept {
  const size_t comma = list.rfind(',');
  const std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(0, comma);
  return base::trim(last);
}

/// The walk's state: who the client is as far as has been read.
struct Walk {
  base::IpAddress client;
  int hops = 0;

  /// False when the walk ends with this entry.
  bool take(const std::optional<base::IpAddress>& hop, const base::PrefixSet& trusted) noexcept {
    if (!hop) return false;
    client = *hop;
    return ++hops < kMaxHops && trusted.contains(client);
  }
};

}  // namespace

std::optional<base::IpAddress> parse_hop(std::string_view text) noexcept {
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    const std::string_view inside = text.substr(1, close - 1), rest = text.substr(close + 1);
    if (inside.find(':') == std::string_view::npos) return std::nullopt;
    if (!rest.empty() && !(rest.front() == ':' && valid_port(rest.substr(1)))) return std::nullopt;
    return base::IpAddress::parse(inside);
  }
  const size_t colon = text.find(':');
  const bool v4_with_port = colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos;
  if (!v4_with_port) return base::IpAddress::parse(text);
  if (!valid_port(text.substr(colon + 1))) return std::nullopt;
  const auto address = base::IpAddress::parse(text.substr(0, colon));
  return address && address->is_v4() ? address : std::nullopt;
}

std::optional<base::IpAddress> parse_forwarded_element(std::string_view element) noexcept {
  std::optional<base::IpAddress> found;
  bool seen = false;
  for (int pairs = 0; !element.empty(); ++pairs) {
    std::string_view name, value;
    if (pairs == kMaxPairs || !take_pair(element, name, value)) return std::nullopt;
    if (element.starts_with(';')) {
      element.remove_prefix(1);
      if (element.empty()) return std::nullopt;
    }
    if (!base::iequals(name, "for")) continue;
    if (seen) return std::nullopt;
    seen = true;
    // Bare IPv6 needs its brackets here: its last group could be a port.
    const bool bare_v6 = !value.starts_with('[') && value.find(':') != value.rfind(':');
    if (!bare_v6) found = parse_hop(value);
  }
  return found;
}

std::string_view take_last_element(std::string_view& list) noexcept {
  bool quoted = false;
  size_t at = list.size();
  for (; at > 0; --at) {
    const char c = list[at - 1];
    if (c == '"' && !is_escaped(list, at - 1)) quoted = !quoted;
    if (c == ',' && !quoted) break;
  }
  const std::string_view last = base::trim(list.substr(at));
  list = at == 0 ? std::string_view{} : list.substr(0, at - 1);
  return last;
}

base::IpAddress walk(const http::Headers& fields, Which which, const base::IpAddress& peer,
                     const base::PrefixSet& trusted) noexcept {
  Walk state{peer};
  if (which == Which::none) return peer;
  const bool plain = which == Which::x_forwarded_for;
  const http::FieldId id = plain ? http::FieldId::x_forwarded_for : http::FieldId::forwarded;
  if (!fields.has(id)) return peer;
  const auto all = fields.all();
  for (size_t i = all.size(); i-- > 0;) {
    if (all[i].id != id) continue;
    std::string_view rest = all[i].value;
    do {
      const auto hop = plain ? parse_hop(take_last_plain(rest)) : parse_forwarded_element(take_last_element(rest));
      if (!state.take(hop, trusted)) return state.client;
    } while (!rest.empty());
  }
  return state.client;
}

}  // namespace rhumb::filters
