// SPDX-License-Identifier: Apache-2.0
#include "admin/server.h"

#include <sys/socket.h>

#include "base/log.h"

namespace rhumb::admin {
namespace {

constexpr base::Micros kPause = base::Millis(50);
constexpr int kSendBuffer =
    64 << 10;  // of the kernel, which doubles it: what a client that reads nothing can hold there

bool is_unix(int fd) {
  int domain = 0;
  socklen_t size = sizeof domain;
  return ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

}  // namespace

Server::Server(net::Loop& loop, net::Fd listener, Access access, const Router& router, Audit* audit)
    : loop_(loop),
      desk_(std::make_shared<Desk>(loop, std::move(access), router, audit)),
      local_(is_unix(listener.get())),
      pause_([](void* self) noexcept { static_cast<Server*>(self)->listen_->resume(); }, this),
      listen_(std::in_place, loop, std::move(listener), [this](net::Accepted a) { accepted(std::move(a)); }) {}

Server::~Server() {
  loop_.timers().remove(pause_);
  listen_.reset();
  desk_->sessions.for_each([](Session& session) { session.close(); });
  loop_.turn(base::Micros(0));
}

void Server::stop_accepting() {
  loop_.timers().cancel(pause_);
  listen_.reset();
}

void Server::accepted(net::Accepted accepted) {
  const base::Instant now = loop_.now();
  net::Peer peer;
  peer.address = accepted.peer;
  const bool known = !local_ || net::read_credentials(accepted.fd.get(), peer);
  // Both are asked, or one peer alone could use up what is there for all.
  const bool throttled = !known || !requests_of_peer_.take(peer_name(peer), now) || !requests_.take(now);
  // Refusing costs too. The rest waits in the listener's queue, and then in front of it.
  if (throttled && !refusals_.take(now)) pause();
  if (!known) return;  // closed with its descriptor
  const bool crowded = desk_->count >= Desk::kMaxSessions;
  if (crowded && desk_->make_room()) ++desk_->counts.crowded;
  if (desk_->count >= Desk::kMaxSessions + Desk::kSpareSessions) return void(++desk_->counts.crowded);
  ::setsockopt(accepted.fd.get(), SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
  const bool spare = desk_->count >= Desk::kMaxSessions;
  new Session(*desk_, std::move(accepted.fd), std::move(peer), {throttled, spare});
}

void Server::pause() {
  listen_->pause();
  loop_.timers().arm(pause_, loop_.now() + kPause);
}

}  // namespace rhumb::admin
