// SPDX-License-Identifier: Apache-2.0
// The admin listener: HTTP/1.1 on a unix socket or an address, on the control thread's loop, one request a connection.
// Who asks is established here (admin/auth.h), what is asked by the router. A flood costs little: requests beyond 200 a
// second, or 100 of one peer, are answered 429, and beyond some more nobody is accepted for a moment. Who says nothing
// gives way to who comes.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "admin/auth.h"
#include "admin/bucket.h"
#include "admin/router.h"
#include "admin/session.h"
#include "net/listen_watch.h"
#include "net/loop.h"

namespace rhumb::admin {

class Server {
 public:
  /// `router` outlives the server, and so does `audit`.
  Server(net::Loop& loop, net::Fd listener, Access access, const Router& router, Audit* audit = nullptr);
  ~Server();
  /// Closes the listening socket, which somebody else serves from now on; who is connected stays.
  void stop_accepting();
  const AdminCounts& counts() const noexcept { return desk_->counts; }

 private:
  void accepted(net::Accepted accepted);
  void pause();

  net::Loop& loop_;
  std::shared_ptr<Desk> desk_;
  bool local_;  // a unix socket
  Bucket requests_{200, 400};
  PeerBuckets requests_of_peer_{100, 200};
  Bucket refusals_{500, 500};
  net::Timer pause_;
  std::optional<net::ListenWatch> listen_;
};

}  // namespace rhumb::admin
