// SPDX-License-Identifier: Apache-2.0
// The admin section of a configuration made real: the listening socket, its file, and who may ask. At start; control
// thread.
#pragma once
#include <string>
#include <vector>

#include "admin/auth.h"
#include "base/result.h"
#include "config/spec.h"
#include "net/fd_store.h"
#include "net/socket.h"
#include "net/socket_file.h"

namespace rhumb::proxy {

struct AdminListener {
  net::Fd fd;
  std::string address;   // "127.0.0.1:9901" with the real port, or "unix:/path"
  net::SocketFile file;  // of the unix socket
  admin::AccessRules rules;
};

/// `spec` names an address or a path. One of `inherited` that listens there is taken as it is. A stale socket file is
/// replaced; one somebody listens at is an error, and so are an address that is taken and a user or group this machine
/// does not have.
base::Result<AdminListener, std::string> open_admin_listener(const config::AdminSpec& spec,
                                                             std::vector<net::Inherited>& inherited);

}  // namespace rhumb::proxy
