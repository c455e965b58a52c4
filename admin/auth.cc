// SPDX-License-Identifier: Apache-2.0
#include "admin/auth.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/ip.h"
#include "base/log.h"

namespace rhumb::admin {
namespace {

using base::Unexpected;

std::string_view view(const std::array<uint8_t, 32>& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// A browser says so when a page asks: with Origin for what is not a plain navigation, and (all of today) with
/// Sec-Fetch-Site for everything.
bool from_another_site(const http::RequestHead& head) {
  if (head.fields.find(http::FieldId::origin) != nullptr) return true;
  const http::Field* site = head.fields.find("Sec-Fetch-Site");
  return site != nullptr && site->value != "none" && site->value != "same-origin";
}

/// What balancers and systemd ask, who have no token.
bool open_to_all(std::string_view path) { return path == "/healthz" || path == "/readyz"; }

std::string who(const net::Peer& peer) {
  return peer.local ? fmt::format("uid {} pid {}", peer.uid, peer.pid)
                    : fmt::format("address {}", peer.address.ip.to_string());
}

Response unauthorized(std::string_view message) {
  Response refusal = error_response(401, "unauthorized", message);
  refusal.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"rhumb\"");
  return refusal;
}

}  // namespace

std::string peer_name(const net::Peer& peer) {
  if (peer.local) return fmt::format("uid {}", peer.uid);
  return fmt::format("address {}", peer.address.ip.masked(peer.address.ip.is_v4() ? 32 : 64).to_string());
}

Access::Access(const AccessRules& rules) : hosts_(rules.hosts), members_(rules.members) {
  for (const auto& token : rules.tokens)
    tokens_.push_back({token.name, token.role, base::Secret(view(base::sha256(token.secret.view())))});
}

base::Result<Caller, Response> Access::admit(const net::Peer& peer, const http::RequestHead& head, base::Instant now) {
  if (from_another_site(head))
    return Unexpected(error_response(403, "cross_site", "requests of a browser's page are refused"));
  if (!own_host(head))
    return Unexpected(error_response(403, "host", "not a host of this listener: an address, localhost or admin.hosts"));
  if (const http::Field* given = head.fields.find(http::FieldId::authorization))
    return by_token(peer, given->value, now);
  if (peer.local) return by_process(peer);
  if (!tokens_.empty() && !open_to_all(head.path)) return Unexpected(unauthorized("a token is wanted"));
  return Caller{who(peer), Role::read, peer_name(peer)};
}

/// A page of another site can only send a Host it has a name for (DNS rebinding): an address, localhost and nothing at
/// all (HTTP/1.0) are ours.
bool Access::own_host(const http::RequestHead& head) const {
  for (const std::string_view authority : {head.authority, head.fields.get(http::FieldId::host)}) {
    const auto parts = http::parse_authority(authority);
    if (authority.empty()) continue;
    std::string_view host = parts ? parts->host : authority;
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const auto is_host = [&](std::string_view known) { return base::iequals(host, known); };
    if (!is_host("localhost") && !base::IpAddress::parse(host) && std::none_of(hosts_.begin(), hosts_.end(), is_host))
      return false;
  }
  return true;
}

base::Result<Caller, Response> Access::by_token(const net::Peer& peer, std::string_view authorization,
                                                base::Instant now) {
  const std::string_view scheme = base::take_until(authorization, ' ');
  const auto digest = base::sha256(base::iequals(scheme, "Bearer") ? base::trim(authorization) : std::string_view());
  const KnownToken* found = nullptr;
  // All of them, each time: how long it takes says nothing about which one was nearly right.
  for (const KnownToken& token : tokens_)
    if (base::equal_constant_time(token.digest.view(), view(digest))) found = &token;
  if (found != nullptr) return Caller{"token " + found->name, found->role, "token " + found->name};
  if (!wrong_tokens_.take(now)) {
    Response refusal = error_response(429, "too_many_requests", "too many wrong tokens");
    refusal.headers.emplace_back("Retry-After", "1");
    return Unexpected(std::move(refusal));
  }
  base::log(base::LogLevel::warning, "admin: wrong token from {}", who(peer));
  return Unexpected(unauthorized("the token is not known"));
}

base::Result<Caller, Response> Access::by_process(const net::Peer& peer) const {
  if (peer.uid == 0 || peer.uid == ::geteuid()) return Caller{who(peer), Role::admin, peer_name(peer)};
  std::optional<Role> role;
  for (const auto& member : members_) {
    const bool is_meant = member.group
                              ? std::find(peer.groups.begin(), peer.groups.end(), member.id) != peer.groups.end()
                              : peer.uid == member.id;
    if (is_meant && (!role || *role < member.role)) role = member.role;
  }
  if (role) return Caller{who(peer), *role, peer_name(peer)};
  return Unexpected(
      error_response(403, "user", fmt::format("user {} is neither in admin.users nor in admin.groups", peer.uid)));
}

}  // namespace rhumb::admin
