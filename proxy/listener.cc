// SPDX-License-Identifier: Apache-2.0
#include "proxy/listener.h"

#include <cerrno>

#include "proxy/worker.h"

namespace rhumb::proxy {

Listener::Listener(Worker& worker, std::shared_ptr<const ListenerState> state, net::Fd fd)
    : worker_(worker), state_(std::move(state)), fd_(std::move(fd)), pause_(&Listener::resume, this) {
  watch_.start_level(worker_.loop(), fd_.get(), *this);
}

Listener::~Listener() { worker_.loop().timers().remove(pause_); }

void Listener::close() noexcept {
  watch_.stop();
  fd_.reset();
  worker_.loop().timers().cancel(pause_);
}

void Listener::on_ready(net::Ready) noexcept {
  for (int i = 0; i < kBatch; ++i) {
    if (state_->max_connections != 0 && connections >= state_->max_connections) {
      out_of_descriptors();
      return;
    }
    net::Accepted accepted = net::accept_one(fd_.get());
    if (accepted.fd) {
      worker_.adopt(std::move(accepted.fd), accepted.peer, *this);
      continue;
    }
    if (accepted.error == EAGAIN) return;
    if (accepted.error == EMFILE || accepted.error == ENFILE || accepted.error == ENOBUFS || accepted.error == ENOMEM) {
      worker_.cells().accept_errors.add();
      out_of_descriptors();
      return;
    }
    // The connection was gone before we took it (ECONNABORTED, EPROTO, ...): the next one may be fine.
  }
}

// The queue stays readable, so watching on would spin: look away for a moment and let connections end.
void Listener::out_of_descriptors() noexcept {
  watch_.stop();
  worker_.loop().timers().arm(pause_, worker_.loop().now() + base::Millis(50));
}

void Listener::resume(void* self) noexcept {
  auto& listener = *static_cast<Listener*>(self);
  if (listener.fd_ && !listener.watch_.active())
    listener.watch_.start_level(listener.worker_.loop(), listener.fd_.get(), listener);
}

}  // namespace rhumb::proxy
