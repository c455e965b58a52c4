// SPDX-License-Identifier: Apache-2.0
// How many workers have yet to end what they had. One drain may follow another before the first is over (a hand-over,
// then SIGTERM): what a worker says of an earlier one comes late, and counts for nothing. Control thread.
#pragma once
#include <cstddef>
#include <cstdint>

namespace rhumb::proxy {

class DrainCount {
 public:
  /// A drain of so many workers begins; its number goes into what they will say of it.
  uint64_t begin(size_t workers) noexcept {
    left_ = workers;
    return ++drain_;
  }
  /// One worker has ended what it had in drain number `drain`. True: it was the last one of the drain under way.
  bool ended(uint64_t drain) noexcept { return drain == drain_ && left_ != 0 && --left_ == 0; }

 private:
  uint64_t drain_ = 0;
  size_t left_ = 0;
};

}  // namespace rhumb::proxy
