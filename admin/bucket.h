// SPDX-License-Identifier: Apache-2.0
// A token bucket: so many a second, and so many at once after a pause. A value; one thread.
#pragma once
#include <algorithm>

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

}  // namespace rhumb::admin
