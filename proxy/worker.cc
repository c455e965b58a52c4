// SPDX-License-Identifier: Apache-2.0
#include "proxy/worker.h"

#include <ctime>

#include "base/crypto.h"
#include "base/thread.h"

namespace rhumb::proxy {

Worker::Worker(WorkerSetup setup)
    : setup_(std::move(setup)),
      loop_(setup_.clock != nullptr ? *setup_.clock : machine_clock_),
      mailbox_(loop_),
      random_(base::random_u64()),
      cells_(setup_.registry->worker(setup_.index)),
      read_buffer_(std::make_unique_for_overwrite<char[]>(kReadBuffer)),
      scratch_(std::make_unique_for_overwrite<char[]>(kScratch)),
      shares_(loop_),
      pools_(loop_, blocks_),
      sequence_(setup_.index) {
  retry_refill_ = loop_.now();
  loop_.measure_turns(cells_.turn);
  loop_.measure_lag(cells_.lag);
  loop_.at_end_of_turn([this] { end_of_turn(); });
}

Worker::~Worker() {
  if (thread_.joinable()) stop();
}

base::Result<void, std::string> Worker::start(World world, std::vector<ListenerSocket> listeners) {
  return base::start_thread(thread_, [this, world = std::move(world), listeners = std::move(listeners)]() mutable {
    begin(std::move(world), std::move(listeners));
    loop_.run();
    end();
  });
}

void Worker::begin(World world, std::vector<ListenerSocket> listeners) {
  set_world(std::move(world));
  for (ListenerSocket& socket : listeners)
    listeners_.push_back(std::make_unique<Listener>(*this, std::move(socket.state), std::move(socket.fd)));
}

DrainReport Worker::end() {
  draining_ = true;                                     // no connection begins another request
  for (auto& listener : listeners_) listener->close();  // who came now would not be cut with the others
  exchanges_.for_each([&](Exchange& exchange) {
    if (!exchange.active()) return;
    ++(exchange.in_tunnel() ? report_.tunnels : report_.exchanges);
    exchange.abort(base::FaultKind::shutting_down);
    if (exchange.active()) exchange.abort(base::FaultKind::shutting_down);  // its client does not take that answer
  });
  connections_.for_each([&](Connection& connection) { connection.close(); });
  loop_.turn(base::Micros(0));
  pools_.close_idle();
  loop_.turn(base::Micros(0));
  listeners_.clear();
  world_->current = false;
  if (world_->users == 0) delete std::exchange(world_, nullptr);
  return report_;
}

void Worker::install(World world) {
  mailbox_.post([this, world = std::move(world)]() mutable { set_world(std::move(world)); });
}

// A new epoch of region states alone is swapped in place; anything else is a world of its own, and exchanges end in the
// one they began in.
void Worker::set_world(World world) {
  if (world_ != nullptr && world_->world().config == world.config && world_->world().geo == world.geo) {
    world_->replace_states(std::move(world.states));
    return;
  }
  auto* next = new LocalWorld(std::move(world), setup_.index, pools_);
  LocalWorld* old = std::exchange(world_, next);
  cells_.generation.set(next->config().generation);
  pools_.retire_except(next->config());
  if (old == nullptr) return;
  old->current = false;
  ++old->users;  // ours, so that it lives until the last exchange was asked to let go
  exchanges_.for_each([](Exchange& exchange) { exchange.detach_from_world(); });
  drop_world(*old);
}

/// The last user of a replaced world sends it home: what it holds may be large, and dies on the control thread.
void Worker::drop_world(LocalWorld& world) noexcept {
  if (--world.users != 0 || world.current) return;
  loop_.post([this, dying = &world] {
    World home = dying->world();
    delete dying;
    setup_.to_control([home = std::move(home)]() mutable { home = {}; });
  });
}

void Worker::set_listeners(std::vector<std::shared_ptr<const ListenerState>> wanted,
                           std::vector<ListenerSocket> fresh) {
  auto shared = std::make_shared<std::vector<ListenerSocket>>(std::move(fresh));
  mailbox_.post([this, wanted = std::move(wanted), shared] {
    for (auto& listener : listeners_) {
      std::shared_ptr<const ListenerState> keep;
      for (const auto& state : wanted)
        if (state->name == listener->state().name && state->address == listener->state().address) keep = state;
      keep != nullptr && !listener->closed() ? listener->set_state(keep) : listener->close();
    }
    for (ListenerSocket& socket : *shared)
      listeners_.push_back(std::make_unique<Listener>(*this, std::move(socket.state), std::move(socket.fd)));
    std::erase_if(listeners_, [](const auto& listener) { return listener->closed() && listener->unused(); });
    if (draining_)
      for (auto& listener : listeners_) listener->close();
  });
}

void Worker::drain(std::function<void()> done) {
  mailbox_.post([this, done = std::move(done)]() mutable {
    drained_ = std::move(done);
    begin_drain();
  });
}

void Worker::begin_drain() {
  draining_ = true;
  for (auto& listener : listeners_) listener->close();
  connections_.for_each([](Connection& connection) { connection.drain(); });
  check_drained();
}

void Worker::hand_over(std::function<void()> done) {
  mailbox_.post([this, done = std::move(done)]() mutable {
    drained_ = std::move(done);
    begin_hand_over();
  });
}

void Worker::begin_hand_over() {
  draining_ = true;
  for (auto& listener : listeners_) listener->give_up();
  check_drained();
}

void Worker::check_drained() {
  if (draining_ && connections_.empty() && drained_) setup_.to_control(std::exchange(drained_, nullptr));
}

DrainReport Worker::stop() {
  mailbox_.post([this] { loop_.stop(); });
  thread_.join();
  return report_;
}

Exchange& Worker::new_exchange() {
  base::ExchangeId id;
  Exchange& exchange = exchanges_.take(id);
  exchange.attach(*this, id);
  return exchange;
}

void Worker::retire(Exchange& exchange) { retired_.push_back(exchange.id()); }

void Worker::end_of_turn() {
  run_wakes();
  for (const base::ExchangeId id : retired_) {
    exchanges_.find(id)->clear();
    exchanges_.release(id);
  }
  retired_.clear();
  underway_.store(nullptr, std::memory_order_relaxed);
}

/// Those that the turn has no time for stay, before those that come meanwhile.
void Worker::run_wakes() {
  wakes_now_.swap(wakes_);
  size_t done = 0;
  while (done < wakes_now_.size() && (done == 0 || !loop_.turn_is_over())) {
    const base::Wake wake = wakes_now_[done++];
    if (Exchange* exchange = exchanges_.find(wake.who); exchange != nullptr) {
      exchange->on_wake(wake);
    } else {
      cells_.stale_wakes.add();
    }
  }
  if (done < wakes_now_.size()) {
    wakes_.insert(wakes_.begin(), wakes_now_.begin() + static_cast<ptrdiff_t>(done), wakes_now_.end());
    loop_.do_not_wait();
  }
  wakes_now_.clear();
}

std::string Worker::under_way() const {
  const ExchangeName* const name = underway_.load(std::memory_order_acquire);
  return name != nullptr ? name->text() : std::string();
}

bool Worker::take_retry() noexcept {
  const base::Instant now = loop_.now();
  const double seconds = std::chrono::duration<double>(now - retry_refill_).count();
  retry_tokens_ = std::min(retry_tokens_ + seconds * 10, kRetryCap);
  retry_refill_ = now;
  if (retry_tokens_ < 1) return false;
  retry_tokens_ -= 1;
  return true;
}

void Worker::adopt(net::Fd fd, const base::SocketAddress& peer, Listener& listener, base::AddressCounts::Place place) {
  cells_.accepted.add();
  cells_.connections.add();
  AddressShares::Ref share = listener.state().unlimited->contains(peer.ip) ? shares_.apart() : shares_.of(peer.ip);
  auto* connection = new Connection(*this, std::move(fd), peer, listener, std::move(place), std::move(share));
  connections_.push_back(*connection);
}

void Worker::connection_closed(Connection& connection) {
  cells_.connections.sub();
  connection.listener().give_place();
  connection.base::ListHook<Connection>::unlink();
  loop_.bury(std::unique_ptr<net::Buried>(&connection));
  check_drained();
}

std::string_view Worker::http_date() noexcept {
  const int64_t second = std::chrono::duration_cast<base::Seconds>(loop_.wall().time_since_epoch()).count();
  if (second != date_second_) {
    date_second_ = second;
    const time_t t = second;
    tm parts{};
    gmtime_r(&t, &parts);
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    fmt::format_to_n(date_.data(), date_.size() - 1, "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[parts.tm_wday],
                     parts.tm_mday, kMonths[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min,
                     parts.tm_sec);
  }
  return {date_.data(), 29};
}

}  // namespace rhumb::proxy
