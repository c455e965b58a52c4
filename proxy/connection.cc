// SPDX-License-Identifier: Apache-2.0
#include "proxy/connection.h"

#include <algorithm>
#include <utility>

#include "proxy/exchange.h"
#include "proxy/listener.h"
#include "proxy/worker.h"

namespace rhumb::proxy {

namespace {

constexpr int kExchangesAStep = 32;                     // of one connection, before others get theirs
constexpr base::Micros kDrainGrace = base::Seconds(1);  // for the first request of a connection that just came

}  // namespace

Connection::Connection(Worker& worker, net::Fd fd, const base::SocketAddress& peer, Listener& listener,
                       base::AddressCounts::Place place, AddressShares::Ref share)
    : worker_(worker),
      listener_(listener),
      stream_(worker.loop(), std::move(fd), *this, worker.blocks()),
      read_timer_(&Connection::on_read_timeout, this),
      input_(worker.blocks()),
      peer_(peer),
      place_(std::move(place)),
      share_(std::move(share)) {
  stream_.set_share(share_.share());
  // A client that says nothing at all is treated like one that is slow with its head.
  worker_.loop().timers().arm(read_timer_, worker_.loop().now() + listener_.state().request_head);
}

Connection::~Connection() { worker_.loop().timers().remove(read_timer_); }

void Connection::on_stream() noexcept {
  switch (state_) {
    case State::closed:
      return;
    case State::lingering:
      drain_lingering();
      return;
    case State::exchange:
      exchange_->on_client();
      return;
    case State::idle:
    case State::head:
      read_heads(true);
      return;
  }
}

void Connection::on_costly() noexcept {
  if (state_ == State::exchange) return exchange_->on_client_timeout(base::FaultKind::connection_costly);
  worker_.cells().faults[static_cast<size_t>(base::FaultKind::connection_costly)].add();
  close(true);
}

// Reads and starts exchanges until one of them has to wait. Exchanges that end inside the loop come back through
// exchange_ended(), which only marks the state: no recursion however many answers of our own a pipeline gets. When the
// step has had its time, be it this connection's own or the one of a region that ended an exchange, the others of the
// worker have theirs.
void Connection::read_heads(bool own_step) {
  if (reading_ || stream_.announced()) return;
  reading_ = true;
  int started = 0;
  bool look = !own_step;  // at the clock: what a step begins with needs none
  while (state_ == State::idle || state_ == State::head) {
    if (!input_.empty()) {
      if (started == kExchangesAStep || (std::exchange(look, true) && worker_.must_yield())) {
        stream_.announce();
        break;
      }
      if (parse_one()) {
        ++started;
        continue;
      }
    }
    if (state_ != State::idle && state_ != State::head) break;
    if (!receive()) break;
  }
  reading_ = false;
}

/// One receive into the input buffer. False when there is nothing (more) to read or the connection ended.
bool Connection::receive() {
  if (has_surplus()) {
    const size_t take = std::min(surplus_->size(), input_.room().size());
    input_.append(std::string_view(*surplus_).substr(0, take));
    take_surplus(take);
    return take > 0;
  }
  if (finished_) {  // the end was heard while the last body was read: what is left is no whole head
    close();
    return false;
  }
  if (!(state_ == State::head ? stream_.may_read() : stream_.readable())) {
    if (state_ == State::idle) go_idle();
    return false;
  }
  const net::IoResult r = stream_.read(input_.room());
  if (r.status == net::IoStatus::ok) {
    input_.received(r.bytes);
    return true;
  }
  if (r.status == net::IoStatus::would_block) {
    if (state_ == State::idle) go_idle();
    return false;
  }
  // An end in the middle of a head: nobody is left to tell.
  close();
  return false;
}

/// Feeds the parser with what is there. True when it made progress (an exchange started or ended).
bool Connection::parse_one() {
  if (fresh_ == nullptr) fresh_ = &worker_.new_exchange();
  http::RequestParser parser(listener_.state().limits, scan_);
  const http::ParseResult result = parser.feed(input_.bytes(), fresh_->arena(), fresh_->request());
  scan_ = parser.scan();
  if (result.status == http::ParseStatus::need_more) {
    if (state_ == State::idle) {
      state_ = State::head;
      worker_.loop().timers().arm(read_timer_, worker_.loop().now() + listener_.state().request_head);
    }
    if (input_.room().empty()) {
      const size_t limit = listener_.state().limits.head + 4096;
      input_.capacity() < limit ? input_.grow(limit) : input_.compact();
    }
    return false;
  }
  if (result.status == http::ParseStatus::done) input_.consume(result.consumed);
  worker_.loop().timers().cancel(read_timer_);
  scan_ = {};
  exchange_ = fresh_;
  fresh_ = nullptr;
  state_ = State::exchange;
  ++requests_;
  if (result.status == http::ParseStatus::failed) {
    exchange_->refuse(*this, result.fault);
  } else {
    exchange_->begin(*this);
  }
  return true;
}

bool Connection::may_keep() const noexcept {
  const uint64_t limit = listener_.state().max_requests;
  return goes_on() && !worker_.draining() && !listener_.closed() && (limit == 0 || requests_ < limit);
}

bool Connection::goes_on() const noexcept {
  // A client that has ended its side may have sent more requests before that.
  return !drained_ && (!finished_ || !at_hand().empty());
}

void Connection::exchange_ended(End how) {
  exchange_ = nullptr;
  stop_expecting();
  if (how == End::keep && goes_on()) {  // as it was told, even if no answer from now on will say so
    state_ = State::idle;
    input_.compact();
    read_heads(false);
  } else if (how == End::linger || (how == End::keep && !finished_)) {
    linger();  // also when it was told it may go on, and may not after all: it may be sending already
  } else {
    close(how == End::reset);
  }
}

void Connection::go_idle() {
  // One that has just come may have its first request on the way, which is served.
  if (drained_ && requests_ != 0) return close();
  input_.compact();
  if (fresh_ != nullptr) {
    worker_.retire(*fresh_);
    fresh_ = nullptr;
  }
  const ListenerState& state = listener_.state();
  const base::Micros limit = drained_ ? kDrainGrace : requests_ == 0 ? state.request_head : state.keep_alive;
  worker_.loop().timers().arm(read_timer_, worker_.loop().now() + limit);
}

// RFC 9112 9.6: a close while the client still sends makes the kernel answer with a reset, which may destroy the
// response before the client has read it. So: end our side, throw away what comes, for a second at most.
void Connection::linger() {
  state_ = State::lingering;
  input_.release();
  surplus_.reset();
  stream_.shutdown_write();
  worker_.loop().timers().arm(read_timer_, worker_.loop().now() + base::Seconds(1));
  drain_lingering();
}

void Connection::drain_lingering() {
  for (int i = 0; stream_.may_read() && i < 4; ++i) {
    const net::IoResult r = stream_.read(worker_.read_buffer());
    if (r.status == net::IoStatus::ok) continue;
    if (r.status != net::IoStatus::would_block) close();
    return;
  }
}

void Connection::drain() {
  drained_ = true;
  if (state_ == State::idle) stream_.announce();  // there may be thousands: each is looked at in a step of its own
}

void Connection::close(bool reset) {
  if (state_ == State::closed) return;
  state_ = State::closed;
  if (fresh_ != nullptr) worker_.retire(*fresh_);
  fresh_ = nullptr;
  worker_.loop().timers().cancel(read_timer_);
  input_.release();
  reset ? stream_.close_with_reset() : stream_.close();
  worker_.connection_closed(*this);
}

void Connection::expect_body_within(base::Micros limit, bool progress) {
  if (progress || !read_timer_.armed()) worker_.loop().timers().arm(read_timer_, worker_.loop().now() + limit);
}

void Connection::stop_expecting() noexcept { worker_.loop().timers().cancel(read_timer_); }

void Connection::keep_surplus(std::string_view bytes) {
  if (bytes.empty()) return;
  if (surplus_ == nullptr) surplus_ = std::make_unique<std::string>();
  surplus_->append(bytes);
}

void Connection::take_surplus(size_t bytes) {
  if (surplus_ == nullptr) return;
  surplus_->erase(0, bytes);
  if (surplus_->empty()) surplus_.reset();
}

void Connection::on_read_timeout(void* self) noexcept {
  auto& c = *static_cast<Connection*>(self);
  if (c.state_ == State::exchange) {
    c.exchange_->on_client_timeout(base::FaultKind::client_body_timeout);
  } else if (c.state_ == State::head) {
    c.exchange_ = c.fresh_ != nullptr ? c.fresh_ : &c.worker_.new_exchange();
    c.fresh_ = nullptr;
    c.state_ = State::exchange;
    c.exchange_->refuse(c, {base::FaultKind::client_head_timeout, "request head not complete in time"});
  } else {
    c.close();
  }
}

}  // namespace rhumb::proxy
