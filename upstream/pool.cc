// SPDX-License-Identifier: Apache-2.0
#include "upstream/pool.h"

#include <cerrno>

#include "base/check.h"
#include "base/descriptors.h"

namespace rhumb::upstream {

namespace {

// An endpoint that refuses or drops connections at once must not make us dial in a loop.
constexpr base::Micros kTopUpPause = base::Seconds(1);

}  // namespace

Connection::Connection(Pool& pool, net::Loop& loop, base::BlockPool& blocks, net::Fd fd, bool connected)
    : pool_(pool),
      loop_(loop),
      stream_(loop, std::move(fd), *this, blocks),
      idle_timer_(&Connection::on_idle_timeout, this),
      state_(connected ? State::open : State::connecting) {}

Connection::~Connection() { loop_.timers().remove(idle_timer_); }

void Connection::on_stream() noexcept {
  if (state_ == State::connecting && (stream_.writable() || stream_.readable())) {
    error_ = net::connect_error(stream_.fd());
    state_ = error_ == 0 ? State::open : State::failed;
  }
  if (borrower_ != nullptr) {
    borrower_->on_upstream();
  } else {
    pool_.on_idle_event(*this);
  }
}

void Connection::on_idle_timeout(void* self) noexcept {
  auto& connection = *static_cast<Connection*>(self);
  if (connection.borrower_ != nullptr) return;
  Pool& pool = connection.pool_;
  pool.close_idle(connection);
  pool.top_up();
}

Pool::Pool(net::Loop& loop, base::BlockPool& blocks, const base::SocketAddress& address)
    : loop_(loop),
      blocks_(blocks),
      address_(address),
      name_(address.to_string()),
      top_up_timer_(&Pool::on_top_up, this) {}

Pool::~Pool() {
  loop_.timers().remove(top_up_timer_);
  while (!idle_list_.empty()) {
    Connection& connection = idle_list_.pop_front();
    connection.stream_.close();
    delete &connection;
  }
}

Connection& Pool::open(Borrower* borrower) {
  net::Connecting started = net::start_connect(address_);
  if (base::reserved_descriptor(started.fd.get())) started.result = {net::IoStatus::error, 0, EMFILE};
  // A descriptor that could not be had is a failed connection like any other: the borrower sees it at once.
  const bool failed = started.result.status == net::IoStatus::error;
  if (failed) started.fd.reset();
  auto* connection =
      new Connection(*this, loop_, blocks_, std::move(started.fd), started.result.status == net::IoStatus::ok);
  connection->borrower_ = borrower;
  if (failed) {
    connection->state_ = Connection::State::failed;
    connection->error_ = started.result.error;
  }
  return *connection;
}

Connection& Pool::borrow(Borrower& borrower, base::Micros max_idle) {
  if (!idle_list_.empty()) {
    Connection& newest = idle_list_.front();
    const bool young = newest.state_ == Connection::State::open && loop_.now() - newest.idle_since_ <= max_idle;
    // Its end may have been heard already, with the step that would close it still to come.
    const bool heard = newest.stream_.readable();
    if (young && (heard || (max_idle != base::Micros::max() && !newest.stream_.quiet()))) {
      close_idle(newest);
      top_up_later();
    } else if (young) {
      newest.base::ListHook<Connection>::unlink();
      --idle_count_;
      ++lent_;
      loop_.timers().cancel(newest.idle_timer_);
      newest.borrower_ = &borrower;
      return newest;
    }
  }
  return borrow_fresh(borrower);
}

Connection& Pool::borrow_fresh(Borrower& borrower) {
  ++lent_;
  return open(&borrower);
}

void Pool::give_back(Connection& connection) {
  ++connection.served_;
  const bool worn = limits_.max_requests != 0 && connection.served_ >= limits_.max_requests;
  // Bytes nobody asked for, a close that has already been announced, or a socket nobody listens to: not to be trusted
  // with another request.
  if (retired_ || worn || idle_count_ >= limits_.idle || !connection.stream_.reusable()) {
    discard(connection);
    return;
  }
  --lent_;
  connection.borrower_ = nullptr;
  keep(connection);
}

void Pool::keep(Connection& connection) {
  RHUMB_ASSERT(connection.stream_.reusable());  // a deaf one would wait for its answer until the time is up
  connection.idle_since_ = loop_.now();
  idle_list_.push_front(connection);
  ++idle_count_;
  loop_.timers().arm(connection.idle_timer_, connection.idle_since_ + limits_.idle_timeout);
}

void Pool::discard(Connection& connection) {
  --lent_;
  connection.borrower_ = nullptr;
  connection.stream_.close();
  loop_.bury(std::unique_ptr<net::Buried>(&connection));
  top_up_later();
}

void Pool::close_idle(Connection& connection) {
  loop_.timers().cancel(connection.idle_timer_);  // it may be due in this very turn, and would close it once more
  connection.base::ListHook<Connection>::unlink();
  --idle_count_;
  connection.stream_.close();
  loop_.bury(std::unique_ptr<net::Buried>(&connection));
}

void Pool::on_idle_event(Connection& connection) {
  if (connection.state_ == Connection::State::failed || connection.stream_.readable()) {
    close_idle(connection);
    top_up_later();
    return;
  }
  // A preconnected one is ready now: to the front, where borrow() looks.
  if (connection.idle_since_ == base::Instant{}) {
    connection.base::ListHook<Connection>::unlink();
    --idle_count_;
    keep(connection);
  }
}

void Pool::set_limits(const PoolLimits& limits) {
  limits_ = limits;
  retired_ = false;
  while (idle_count_ > limits_.idle) close_idle(idle_list_.back());
  top_up();
}

void Pool::top_up() {
  while (short_of_idle()) {
    Connection& connection = open(nullptr);
    if (connection.state_ == Connection::State::failed) {
      loop_.bury(std::unique_ptr<net::Buried>(&connection));
      return top_up_later();
    }
    idle_list_.push_back(connection);
    ++idle_count_;
    // An endpoint that never answers must not hold the place of a connection for good.
    loop_.timers().arm(connection.idle_timer_, loop_.now() + limits_.idle_timeout);
    if (connection.state_ == Connection::State::open) on_idle_event(connection);
  }
}

void Pool::top_up_later() {
  if (short_of_idle() && !top_up_timer_.armed()) loop_.timers().arm(top_up_timer_, loop_.now() + kTopUpPause);
}

void Pool::on_top_up(void* self) noexcept { static_cast<Pool*>(self)->top_up(); }

void Pool::retire() {
  retired_ = true;
  while (!idle_list_.empty()) close_idle(idle_list_.front());
}

}  // namespace rhumb::upstream
