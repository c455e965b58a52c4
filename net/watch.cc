// SPDX-License-Identifier: Apache-2.0
#include "net/watch.h"

#include <event2/event.h>
#include <event2/event_struct.h>

#include <new>

#include "base/check.h"

namespace rhumb::net {
namespace {

void trampoline(evutil_socket_t, short what, void* watch) noexcept {
  static_cast<Watch*>(watch)->ready({(what & EV_READ) != 0, (what & EV_WRITE) != 0, (what & EV_CLOSED) != 0});
}

}  // namespace

void Watch::ready(Ready ready) noexcept {
  loop_->begin_turn();
  owner_->on_ready(ready);
}

void Watch::add(Loop& loop, int fd, short what, WatchOwner& owner) {
  static_assert(sizeof(struct event) <= sizeof(event_) && alignof(struct event) <= 8);
  RHUMB_ASSERT(!active_);
  loop_ = &loop;
  owner_ = &owner;
  auto* event = new (event_) struct event;
  RHUMB_ASSERT(event_assign(event, loop.raw(), fd, what, trampoline, this) == 0);
  restart();
}

void Watch::restart() noexcept {
  RHUMB_ASSERT(!active_ && loop_ != nullptr);
  RHUMB_ASSERT(event_add(std::launder(reinterpret_cast<struct event*>(event_)), nullptr) == 0);
  active_ = true;
}

void Watch::start(Loop& loop, int fd, WatchOwner& owner) {
  add(loop, fd, EV_READ | EV_WRITE | EV_CLOSED | EV_ET | EV_PERSIST, owner);
}

void Watch::start_level(Loop& loop, int fd, WatchOwner& owner) { add(loop, fd, EV_READ | EV_PERSIST, owner); }

void Watch::stop() noexcept {
  if (!active_) return;
  event_del(std::launder(reinterpret_cast<struct event*>(event_)));
  active_ = false;
}

}  // namespace rhumb::net
