// SPDX-License-Identifier: Apache-2.0
// Who may ask the admin listener, and as what: no browser's page of another site, no strange Host; then a token, the
// process at the other end of the unix socket, or the loopback address. Control thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "admin/api.h"
#include "admin/bucket.h"
#include "base/result.h"
#include "base/secret_memory.h"
#include "http/message.h"
#include "net/peer.h"

namespace rhumb::admin {

struct AccessRules {
  struct Token {
    std::string name;
    Role role = Role::read;
    base::Secret secret;
  };
  struct Member {
    bool group = false;
    uint32_t id = 0;  // of the user or the group
    Role role = Role::read;
  };
  std::vector<std::string> hosts;  // lower-case, besides addresses and localhost
  std::vector<Token> tokens;
  std::vector<Member> members;  // besides root and the gateway's own user, who are admin
};

/// Who is at the other end, however often it connects: "uid 1000", "address 192.0.2.1", of IPv6 the /64. What limits
/// for one peer hold for.
std::string peer_name(const net::Peer& peer);

class Access {
 public:
  explicit Access(const AccessRules& rules);
  /// The caller, or the refusal: 403, 401 with WWW-Authenticate, or 429 when too many wrong tokens came lately.
  base::Result<Caller, Response> admit(const net::Peer& peer, const http::RequestHead& head, base::Instant now);

 private:
  struct KnownToken {
    std::string name;
    Role role;
    base::Secret digest;  // of the secret: comparing tells nothing of its length either
  };
  bool own_host(const http::RequestHead& head) const;
  base::Result<Caller, Response> by_token(const net::Peer& peer, std::string_view authorization, base::Instant now);
  base::Result<Caller, Response> by_process(const net::Peer& peer) const;

  std::vector<std::string> hosts_;
  std::vector<KnownToken> tokens_;
  std::vector<AccessRules::Member> members_;
  Bucket wrong_tokens_{10, 50};
};

}  // namespace rhumb::admin
