// SPDX-License-Identifier: Apache-2.0
// The connections of one worker to one endpoint: idle ones kept last-in first-out, lent ones counted. Survives reloads
// (it is keyed by the endpoint's address); limits may change under it. Worker's thread only.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "base/arena.h"
#include "base/clock.h"
#include "base/intrusive.h"
#include "base/ip.h"
#include "net/loop.h"
#include "net/timer.h"
#include "upstream/connection.h"

namespace rhumb::upstream {

struct PoolLimits {
  uint32_t idle = 32;
  base::Micros idle_timeout = base::Seconds(60);
  uint64_t max_requests = 10'000;  // per connection; zero: no limit
  uint32_t preconnect = 0;         // idle connections kept ready, inside `idle`
};

class Pool {
 public:
  Pool(net::Loop& loop, base::BlockPool& blocks, const base::SocketAddress& address);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Lends an idle connection (at most `max_idle` old; the newest), or starts a new one, which may already have failed.
  /// With a limit to its age, for a request that must not run twice, it is also asked whether it still lives.
  Connection& borrow(Borrower& borrower, base::Micros max_idle);
  /// As borrow, but always a new connection: after a stale one.
  Connection& borrow_fresh(Borrower& borrower);
  /// Back from a borrower after a complete exchange: kept if limits allow.
  void give_back(Connection& connection);
  /// Of no further use: closed now, destroyed at the end of the turn.
  void discard(Connection& connection);

  void set_limits(const PoolLimits& limits);
  /// No more idle connections are kept: the endpoint left the configuration.
  void retire();
  bool idle_and_retired() const noexcept { return retired_ && lent_ == 0; }

  const base::SocketAddress& address() const noexcept { return address_; }
  const std::string& name() const noexcept { return name_; }
  uint32_t lent() const noexcept { return lent_; }
  uint32_t idle() const noexcept { return idle_count_; }

 private:
  friend class Connection;
  Connection& open(Borrower* borrower);
  void on_idle_event(Connection& connection);
  void keep(Connection& connection);
  void close_idle(Connection& connection);
  bool short_of_idle() const noexcept { return !retired_ && idle_count_ < std::min(limits_.preconnect, limits_.idle); }
  void top_up();
  void top_up_later();
  static void on_top_up(void* self) noexcept;

  net::Loop& loop_;
  base::BlockPool& blocks_;
  base::SocketAddress address_;
  std::string name_;
  PoolLimits limits_;
  base::List<Connection, Connection> idle_list_;  // front: newest; connecting ones at the back
  net::Timer top_up_timer_;
  uint32_t lent_ = 0, idle_count_ = 0;
  bool retired_ = false;
};

}  // namespace rhumb::upstream
