// SPDX-License-Identifier: Apache-2.0
// One worker's accepting socket of one listener. Accepts in batches, backs off when the process is out of descriptors,
// and outlives its socket until its last connection is gone. Worker's thread.
#pragma once
#include <memory>

#include "net/loop.h"
#include "net/socket.h"
#include "net/watch.h"
#include "proxy/snapshot.h"

namespace rhumb::proxy {

class Worker;

class Listener final : private net::WatchOwner {
 public:
  Listener(Worker& worker, std::shared_ptr<const ListenerState> state, net::Fd fd);
  ~Listener();

  const ListenerState& state() const noexcept { return *state_; }
  void set_state(std::shared_ptr<const ListenerState> state) noexcept { state_ = std::move(state); }
  /// No more connections but those that wait already; those that live go on.
  void close() noexcept;
  /// Leaves its socket, and those who wait there, to the others who have it.
  void give_up() noexcept;
  bool closed() const noexcept { return !fd_; }
  bool unused() const noexcept { return connections_ == 0; }
  /// A connection it accepted has ended.
  void give_place() noexcept;

 private:
  static constexpr int kBatch = 64;
  void on_ready(net::Ready) noexcept override;
  bool take_place() noexcept;
  bool accept_next() noexcept;
  bool welcome(net::Accepted accepted) noexcept;
  void pause() noexcept;
  static void resume(void* self) noexcept;

  Worker& worker_;
  std::shared_ptr<const ListenerState> state_;
  net::Fd fd_;
  net::Watch watch_;
  net::Timer pause_;
  uint32_t connections_ = 0;  // of this worker
};

}  // namespace rhumb::proxy
