// SPDX-License-Identifier: Apache-2.0
// The workers' listening sockets as the control thread sees them: opened, or taken over from who served before; known
// by listener, for who serves after. A worker owns its sockets and closes them when it is told to, so that a number
// remembered here is good until then. Control thread.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/fd_store.h"
#include "proxy/worker.h"

namespace rhumb::proxy {

class Sockets {
 public:
  using OfWorkers = std::vector<std::vector<ListenerSocket>>;
  using Listeners = std::vector<std::shared_ptr<const ListenerState>>;

  explicit Sockets(unsigned workers) : workers_(workers) {}
  /// Sockets that may be taken instead of new ones.
  void inherit(std::vector<net::Inherited> inherited) { inherited_ = std::move(inherited); }

  /// One socket a worker (more, if more were inherited) for each listener that is not open already by name and address.
  /// Nothing, with a line in the log, when one cannot be had; then nothing has changed.
  std::optional<OfWorkers> open(const Listeners& wanted);
  /// What open() gave for `wanted` is in use; of the others no socket is any more. Returns the names of those.
  std::vector<std::string> settle(const Listeners& wanted);
  /// Closes what was inherited and nobody wants, with a line in the log each.
  void drop_unclaimed();

  unsigned workers() const noexcept { return workers_; }
  std::vector<net::Inherited>& inherited() noexcept { return inherited_; }
  std::vector<std::string> names() const;
  std::vector<int> of(std::string_view name) const;
  /// "web=127.0.0.1:8080 tls=..."
  std::string describe() const;

 private:
  struct Open {
    std::string name;
    base::SocketAddress configured, bound;
    std::vector<int> fds;
  };
  const Open* find(const std::vector<Open>& in, const ListenerState& state) const;
  bool open_one(const std::shared_ptr<const ListenerState>& state, OfWorkers& sockets);
  std::string fill(const std::shared_ptr<const ListenerState>& state, std::vector<net::Fd>& fds,
                   base::SocketAddress& at);

  unsigned workers_;
  std::vector<net::Inherited> inherited_;
  std::vector<Open> open_, fresh_;
};

}  // namespace rhumb::proxy
