// SPDX-License-Identifier: Apache-2.0
// How much the kernel holds for one TCP connection. Its own limits are megabytes in each direction, and a peer that
// does not read fills them. All calls are best effort: a socket that is no TCP socket stays as it is.
#pragma once
#include <cstddef>
#include <optional>

#include "base/clock.h"

namespace rhumb::net {

/// Written and not yet sent: at most this much and one segment more are queued for a peer that takes nothing. Bytes on
/// their way do not count, so a fast and distant peer is sent as much as ever.
inline constexpr int kUnsent = 32 * 1024;

/// Received and not yet read: what SO_RCVBUF is set to. The kernel doubles it for its own books (socket(7)); the window
/// it offers is about as large as the value.
inline constexpr int kNarrow = 64 * 1024, kWide = 1 << 20;

/// Sets the first bound. Sockets accepted from `fd` inherit it. Any thread.
void bound_unsent(int fd) noexcept;
/// Sets the second one, to kNarrow or kWide. The kernel no longer adapts the buffer by itself. Any thread.
void bound_unread(int fd, int bytes) noexcept;
/// The size of a full segment to this peer in bytes (TCP_MAXSEG); 0: not known. Any thread.
size_t segment(int fd) noexcept;
/// The shortest way there and back so far, as the kernel measured it (TCP_INFO); nothing: not known. Any thread.
std::optional<base::Micros> round_trip(int fd) noexcept;

/// The connections of one loop that may have a wide buffer. A window that was offered cannot be taken back, so whoever
/// has such a place keeps it until it closes. Loop's thread.
class WidePlaces {
 public:
  static constexpr int kPlaces = 8;
  /// False when all places are taken.
  bool take() noexcept {
    if (taken_ == kPlaces) return false;
    ++taken_;
    return true;
  }
  void give() noexcept { --taken_; }
  int taken() const noexcept { return taken_; }

 private:
  int taken_ = 0;
};

}  // namespace rhumb::net
