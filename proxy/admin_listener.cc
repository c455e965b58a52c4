// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin_listener.h"

#include <fmt/format.h>

#include "base/check.h"
#include "net/account.h"

namespace rhumb::proxy {
namespace {

using base::Unexpected;

admin::Role role(const std::string& word) {
  const auto known = admin::role_of(word);
  RHUMB_ASSERT(known.has_value());  // the loader lets no other word through
  return *known;
}

base::Result<admin::AccessRules, std::string> rules_of(const config::AdminSpec& spec) {
  admin::AccessRules rules;
  rules.hosts = spec.hosts;
  for (const auto& token : spec.tokens) rules.tokens.push_back({token.name, role(token.role), token.secret});
  for (const auto& [name, word] : spec.users) {
    const auto id = net::user_id(name);
    if (!id) return Unexpected(fmt::format("admin.users: there is no user '{}'", name));
    rules.members.push_back({false, *id, role(word)});
  }
  for (const auto& [name, word] : spec.groups) {
    const auto id = net::group_id(name);
    if (!id) return Unexpected(fmt::format("admin.groups: there is no group '{}'", name));
    rules.members.push_back({true, *id, role(word)});
  }
  return rules;
}

constexpr int kBacklog = 64;

base::Result<void, std::string> open_new(const config::AdminSpec& spec, AdminListener& opened) {
  if (std::string taken = spec.address ? net::why_taken(*spec.address) : ""; !taken.empty())
    return Unexpected(std::move(taken));
  auto fd = spec.address ? net::listen_tcp(*spec.address, kBacklog) : net::listen_unix(spec.unix_path, 0600);
  if (!fd) return Unexpected(fd.error());
  opened.fd = std::move(*fd);
  if (spec.address) return {};
  opened.file = net::SocketFile(spec.unix_path);
  return net::permit(spec.unix_path, spec.mode, spec.group);
}

}  // namespace

base::Result<AdminListener, std::string> open_admin_listener(const config::AdminSpec& spec,
                                                             std::vector<net::Inherited>& inherited) {
  auto rules = rules_of(spec);
  if (!rules) return Unexpected(rules.error());
  AdminListener opened{{}, "unix:" + spec.unix_path, {}, std::move(*rules)};
  opened.fd = spec.address ? net::take_tcp_listener(inherited, *spec.address, "admin")
                           : net::take_unix_listener(inherited, spec.unix_path);
  const auto ready = opened.fd ? net::adopt_listener(opened.fd, kBacklog) : open_new(spec, opened);
  if (!ready) return Unexpected(ready.error());
  if (spec.address) opened.address = net::local_address(opened.fd.get()).to_string();
  return opened;
}

}  // namespace rhumb::proxy
