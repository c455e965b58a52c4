// SPDX-License-Identifier: Apache-2.0
// Work from other threads for one loop. post() from any thread, also before the loop runs; the work runs on the loop's
// thread, in order. Not for the request path: it locks and may allocate.
#pragma once
#include <functional>
#include <mutex>
#include <vector>

#include "net/socket.h"
#include "net/watch.h"

namespace rhumb::net {

class Mailbox final : private WatchOwner {
 public:
  explicit Mailbox(Loop& loop);
  ~Mailbox() = default;
  void post(std::function<void()> work);

 private:
  void on_ready(Ready) noexcept override;
  Fd bell_;
  Watch watch_;
  std::mutex mutex_;
  std::vector<std::function<void()>> letters_;
};

}  // namespace rhumb::net
