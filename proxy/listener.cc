// SPDX-License-Identifier: Apache-2.0
#include "proxy/listener.h"

#include <cerrno>

#include "base/descriptors.h"
#include "proxy/worker.h"

namespace rhumb::proxy {

Listener::Listener(Worker& worker, std::shared_ptr<const ListenerState> state, net::Fd fd)
    : worker_(worker), state_(std::move(state)), fd_(std::move(fd)), pause_(&Listener::resume, this) {
  watch_.start_level(worker_.loop(), fd_.get(), *this);
}

Listener::~Listener() { worker_.loop().timers().remove(pause_); }

// A reset is all that those waiting would get of a closed socket.
void Listener::close() noexcept {
  for (int i = 0; fd_ && i < state_->backlog && accept_next(); ++i) {
  }
  give_up();
}

void Listener::give_up() noexcept {
  watch_.stop();
  fd_.reset();
  worker_.loop().timers().cancel(pause_);
}

/// Counted before it is accepted, so that workers who accept at the same moment do not pass the limit together.
bool Listener::take_place() noexcept {
  const uint64_t before = state_->cells->connections.fetch_add(1, std::memory_order_relaxed);
  const uint64_t all = state_->cells->process.fetch_add(1, std::memory_order_relaxed);
  ++connections_;
  if (state_->max_connections != 0 ? before < state_->max_connections : all < state_->max_process_connections)
    return true;
  give_place();
  return false;
}

void Listener::give_place() noexcept {
  state_->cells->connections.fetch_sub(1, std::memory_order_relaxed);
  state_->cells->process.fetch_sub(1, std::memory_order_relaxed);
  --connections_;
}

void Listener::on_ready(net::Ready) noexcept {
  for (int i = 0; i < kBatch && accept_next(); ++i) {
  }
}

/// False: nobody waits, or nobody can be taken now.
bool Listener::accept_next() noexcept {
  if (worker_.strain() >= base::Strain::connections || !take_place()) return pause(), false;
  net::Accepted accepted = net::accept_one(fd_.get());
  if (accepted.fd) return welcome(std::move(accepted));
  give_place();
  if (accepted.error == EAGAIN) return false;
  if (accepted.error == EMFILE || accepted.error == ENFILE || accepted.error == ENOBUFS || accepted.error == ENOMEM) {
    worker_.cells().accept_errors.add();
    return pause(), false;
  }
  return true;  // it was gone before we took it (ECONNABORTED, EPROTO, ...): the next one may be fine
}

/// Closed at once with a reset, which leaves nothing behind in the kernel: who gets one of the last descriptors (and
/// nobody is accepted for a moment), and who has too many connections already.
bool Listener::welcome(net::Accepted accepted) noexcept {
  const bool last = base::reserved_descriptor(accepted.fd.get());
  const uint32_t limit = state_->connections_per_ip;
  const bool counts = limit != 0 && !state_->unlimited->contains(accepted.peer.ip);
  auto place = counts ? state_->cells->addresses.enter(accepted.peer.ip, limit)
                      : std::optional<base::AddressCounts::Place>(std::in_place);
  if (!last && place) {
    worker_.adopt(std::move(accepted.fd), accepted.peer, *this, std::move(*place));
    return true;
  }
  (last ? worker_.cells().refused_descriptors : worker_.cells().refused_per_ip).add();
  net::reset_on_close(accepted.fd.get());
  accepted.fd.reset();
  give_place();
  if (last) pause();
  return !last;
}

// The queue stays readable, so watching on would spin: look away for a moment and let connections end.
void Listener::pause() noexcept {
  watch_.stop();
  worker_.loop().timers().arm(pause_, worker_.loop().now() + base::Millis(50));
}

void Listener::resume(void* self) noexcept {
  auto& listener = *static_cast<Listener*>(self);
  if (listener.fd_ && !listener.watch_.active())
    listener.watch_.start_level(listener.worker_.loop(), listener.fd_.get(), listener);
}

}  // namespace rhumb::proxy
