// SPDX-License-Identifier: Apache-2.0
// Interest in one descriptor, registered once, edge-triggered, for its whole life: reading, writing and closing are all
// announced, and nobody calls epoll_ctl again but who pauses. The owner keeps track of what it left unread (see
// TcpStream).
// Loop's thread only.
#pragma once
#include <cstddef>
#include <cstdint>

#include "net/loop.h"

namespace rhumb::net {

struct Ready {
  bool read, write, closed;  // closed: the peer sent FIN (or worse): read until it says so
};

class WatchOwner {
 public:
  virtual void on_ready(Ready ready) noexcept = 0;

 protected:
  ~WatchOwner() = default;
};

class Watch {
 public:
  Watch() = default;
  ~Watch() { stop(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Edge-triggered interest in everything. `owner` outlives the watch.
  void start(Loop& loop, int fd, WatchOwner& owner);
  /// Level-triggered interest in reading alone: for descriptors that are drained a little at a time (listeners,
  /// eventfd).
  void start_level(Loop& loop, int fd, WatchOwner& owner);
  void stop() noexcept;
  /// After stop(), as it was started. What is ready by then is announced.
  void restart() noexcept;
  bool active() const noexcept { return active_; }
  /// By libevent's callback alone.
  void ready(Ready ready) noexcept;

 private:
  void add(Loop& loop, int fd, short what, WatchOwner& owner);
  alignas(8) std::byte event_[128];  // struct event; checked in the .cc, where libevent lives
  Loop* loop_ = nullptr;
  WatchOwner* owner_ = nullptr;
  bool active_ = false;
};

}  // namespace rhumb::net
