// SPDX-License-Identifier: Apache-2.0
// The admin listener: small HTTP/1.1 answers on a unix socket or a loopback address, on the control thread's loop, one
// request a connection. Requests from a browser's page (an Origin field) and for a foreign Host are refused: no
// cross-site request or rebinding gets in.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/intrusive.h"
#include "net/listen_watch.h"
#include "net/loop.h"

namespace rhumb::admin {

struct Request {
  std::string_view path, query;
  /// Value of a query key, percent-decoded; empty when absent.
  std::string parameter(std::string_view key) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
};

class Server {
 public:
  using Handler = std::function<Response(const Request&)>;
  Server(net::Loop& loop, net::Fd listener, Handler handler);
  ~Server();

 private:
  class Session;
  void accepted(net::Accepted accepted);
  static constexpr size_t kMaxSessions = 64;

  net::Loop& loop_;
  base::BlockPool blocks_{16};
  Handler handler_;
  net::ListenWatch listen_;
  base::List<Session, Session> sessions_;
  size_t count_ = 0;
};

}  // namespace rhumb::admin
