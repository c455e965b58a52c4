// SPDX-License-Identifier: Apache-2.0
// A listening socket on a loop, for listeners off the data path: calls back once per accepted connection.
#pragma once
#include <functional>

#include "net/socket.h"
#include "net/watch.h"

namespace rhumb::net {

class ListenWatch final : private WatchOwner {
 public:
  using Accept = std::function<void(Accepted)>;
  ListenWatch(Loop& loop, Fd fd, Accept accept) : fd_(std::move(fd)), accept_(std::move(accept)) {
    watch_.start_level(loop, fd_.get(), *this);
  }
  int fd() const noexcept { return fd_.get(); }
  /// Accepts nobody until resume(); who comes waits in the kernel's queue. Both idempotent.
  void pause() noexcept { watch_.stop(); }
  void resume() noexcept {
    if (!watch_.active()) watch_.restart();
  }

 private:
  void on_ready(Ready) noexcept override {
    Accepted accepted = accept_one(fd_.get());
    if (accepted.fd) accept_(std::move(accepted));
  }
  Fd fd_;
  Watch watch_;
  Accept accept_;
};

}  // namespace rhumb::net
