// SPDX-License-Identifier: Apache-2.0
// Token buckets: so many a second, and so many at once after a pause. Values; one thread.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace rhumb::admin {

class Bucket {
 public:
  /// Full at first.
  Bucket(double rate, double burst) noexcept : rate_(rate), burst_(burst), level_(burst) {}
  /// False: none is left.
  bool take(base::Instant now) noexcept {
    if (now > filled_) {
      level_ = std::min(burst_, level_ + rate_ * static_cast<double>((now - filled_).count()) / 1e6);
      filled_ = now;
    }
    if (level_ < 1) return false;
    level_ -= 1;
    return true;
  }

 private:
  double rate_, burst_, level_;
  base::Instant filled_{};
};

/// One bucket for each of the peers that came last. A peer that was forgotten begins with a full one.
class PeerBuckets {
 public:
  static constexpr size_t kMost = 64;

  PeerBuckets(double rate, double burst) noexcept : new_(rate, burst) {}
  bool take(std::string_view peer, base::Instant now) {
    auto found = std::find_if(peers_.begin(), peers_.end(), [&](const Peer& one) { return one.name == peer; });
    if (found == peers_.end()) {
      if (peers_.size() == kMost)
        peers_.erase(std::min_element(peers_.begin(), peers_.end(),
                                      [](const Peer& a, const Peer& b) { return a.seen < b.seen; }));
      found = peers_.insert(peers_.end(), {std::string(peer), new_, now});
    }
    found->seen = now;
    return found->bucket.take(now);
  }

 private:
  struct Peer {
    std::string name;
    Bucket bucket;
    base::Instant seen;
  };
  Bucket new_;
  std::vector<Peer> peers_;
};

}  // namespace rhumb::admin
