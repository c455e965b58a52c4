// SPDX-License-Identifier: Apache-2.0
#include "http/uri.h"

#include <cstring>

#include "base/ip.h"
#include "http/chars.h"

namespace rhumb::http {

using base::Fault;
using base::FaultKind;
using base::Unexpected;

namespace {

constexpr size_t kMaxName = 253;

Unexpected<Fault> bad(const char* why) { return Unexpected(Fault{FaultKind::bad_request, why}); }

bool valid_name_host(std::string_view host) noexcept {
  if (!all_of(kHost, host)) return false;
  if (host.back() == '.') host.remove_suffix(1);
  if (host.empty() || host.size() > kMaxName || host.front() == '.' || host.back() == '.') return false;
  return host.find("..") == std::string_view::npos;
}

bool valid_ipv6(std::string_view inner) noexcept {
  return inner.find(':') != std::string_view::npos && base::IpAddress::parse(inner).has_value();
}

/// Where the host ends: after the bracket, or at the first colon.
size_t host_size(std::string_view text) noexcept {
  if (!text.empty() && text.front() == '[') {
    const size_t close = text.find(']');
    return close == std::string_view::npos ? text.size() : close + 1;
  }
  return std::min(text.find(':'), text.size());
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) noexcept {
  Authority out;
  out.host = text.substr(0, host_size(text));
  const std::string_view rest = text.substr(out.host.size());
  if (out.host.empty()) return std::nullopt;
  if (out.host.front() == '[') {
    if (out.host.back() != ']' || !valid_ipv6(out.host.substr(1, out.host.size() - 2))) return std::nullopt;
  } else if (!valid_name_host(out.host)) {
    return std::nullopt;
  }
  if (rest.empty()) return out;
  if (rest.front() != ':' || rest.size() > 6) return std::nullopt;
  out.port = base::parse_digits<uint16_t>(rest.substr(1));
  if (!out.port || *out.port == 0) return std::nullopt;
  return out;
}

base::Result<Authority, Fault> canonical_host(std::string_view authority, base::Arena& arena) {
  if (authority.empty()) return Authority{};
  const auto parsed = parse_authority(authority);
  if (!parsed) return bad("bad host");
  return canonical_host(*parsed, arena);
}

Authority canonical_host(Authority parsed, base::Arena& arena) {
  std::string_view& host = parsed.host;
  if (host.empty()) return parsed;
  if (host.front() == '[') {
    const auto address = base::IpAddress::parse(host.substr(1, host.size() - 2));
    if (!address->is_v4()) {  // a v4-mapped address keeps its own spelling: in brackets it is no IPv4 host
      char* to = arena.allocate_chars(48);
      to[0] = '[';
      const size_t size = address->write(to + 1);
      to[size + 1] = ']';
      host = {to, size + 2};
      return parsed;
    }
  } else if (host.back() == '.') {
    host.remove_suffix(1);
  }
  bool lower = true;
  for (char c : host) lower &= base::to_lower(c) == c;
  if (lower) return parsed;
  char* to = arena.allocate_chars(host.size());
  for (size_t i = 0; i < host.size(); ++i) to[i] = base::to_lower(host[i]);
  host = {to, host.size()};
  return parsed;
}

std::optional<QueryPair> QueryReader::next() noexcept {
  while (at_ != end_ && *at_ == '&') ++at_;
  if (at_ == end_) return std::nullopt;
  const char* const begin = at_;
  while (at_ != end_ && *at_ != '=' && *at_ != '&') ++at_;
  QueryPair pair{{begin, static_cast<size_t>(at_ - begin)}, {}};
  if (at_ == end_ || *at_ == '&') return pair;
  const char* const value = ++at_;
  if (at_ != end_ && *at_ != '&') {
    const void* const next = std::memchr(at_, '&', static_cast<size_t>(end_ - at_));
    at_ = next == nullptr ? end_ : static_cast<const char*>(next);
  }
  pair.value = {value, static_cast<size_t>(at_ - value)};
  return pair;
}

std::optional<std::string_view> find_query(std::string_view query, std::string_view key) noexcept {
  QueryReader reader(query);
  while (const auto pair = reader.next())
    if (pair->key == key) return pair->value;
  return std::nullopt;
}

}  // namespace rhumb::http
