// SPDX-License-Identifier: Apache-2.0
// For tests and the fuzz target `exchange`: one worker of a real gateway, its clients and its regions, all on one
// thread. Nothing happens between two turns of the loop but what the test does, and time passes only when the test says
// so: what happened at which turn can be told, and done again. Free of the test framework.
#pragma once
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/load.h"
#include "proxy/compile.h"
#include "proxy/explain.h"
#include "proxy/worker.h"

namespace rhumb::proxy::testing {

/// One end of a connection; never waits.
class Peer {
 public:
  Peer() = default;
  explicit Peer(net::Fd fd) : fd_(std::move(fd)) {
    const int on = 1;  // or the kernel waits for a delayed ACK before it sends the second of two small pieces
    if (fd_) ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~Peer() { reset(); }
  Peer(Peer&&) = default;
  Peer& operator=(Peer&&) = default;

  /// `from`: one of this machine's addresses; not specified: any. `receive_buffer`: zero is the kernel's choice.
  static Peer dial(const base::SocketAddress& to, const base::IpAddress& from = {}, int receive_buffer = 0) {
    sockaddr_storage storage{};
    net::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const socklen_t own = base::SocketAddress{from, 0}.fill(storage);
    if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&storage), own) != 0) fd.reset();
    const socklen_t size = to.fill(storage);
    if (receive_buffer > 0) ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    // A connection to a listening socket of this machine is made at once, whoever accepts it when.
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0) fd.reset();
    return Peer(std::move(fd));
  }
  bool open() const noexcept { return static_cast<bool>(fd_); }
  int fd() const noexcept { return fd_.get(); }
  /// Bytes that send() was given and the kernel has not taken yet.
  size_t unsent() const noexcept { return waiting_.size(); }
  /// All that came so far.
  const std::string& received() const noexcept { return received_; }
  /// The other side ended the connection, one way or another.
  bool over() const noexcept { return over_; }
  bool broken() const noexcept { return broken_; }

  void send(std::string_view bytes) {
    if (!finished_) waiting_ += bytes;
    move();
  }
  /// Ends this side (FIN), behind what was sent.
  void finish() {
    finished_ = true;
    move();
  }
  /// No longer reads, or reads again.
  void look_away(bool away) noexcept { away_ = away; }
  void close() noexcept { fd_.reset(); }
  void reset() noexcept {
    if (fd_) net::reset_on_close(fd_.get());
    fd_.reset();
  }
  /// Sends what goes, takes what is there (at most 64 KiB). True: something moved.
  bool move() {
    if (!fd_) return false;
    bool moved = false;
    if (!waiting_.empty()) {
      const ssize_t n = ::send(fd_.get(), waiting_.data(), waiting_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      moved = n > 0 || (n < 0 && errno != EAGAIN);
      waiting_.erase(0, n > 0 ? static_cast<size_t>(n) : moved ? waiting_.size() : 0);
    }
    if (finished_ && waiting_.empty() && !said_end_) net::shutdown_write(fd_.get()), moved = said_end_ = true;
    return receive() || moved;
  }

 private:
  bool receive() {
    if (over_ || away_) return false;
    static char room[64 * 1024];
    const ssize_t n = ::recv(fd_.get(), room, sizeof room, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return false;
    if (n > 0) received_.append(room, static_cast<size_t>(n));
    broken_ = n < 0;
    over_ = n <= 0;
    return true;
  }

  net::Fd fd_;
  std::string received_, waiting_;
  bool finished_ = false, said_end_ = false, away_ = false, over_ = false, broken_ = false;
};

/// Where a region's endpoint listens. Who connects is taken when asked for.
class Origin {
 public:
  Origin() {
    auto fd = net::listen_tcp({*base::IpAddress::parse("127.0.0.1"), 0}, 256);
    RHUMB_ASSERT(fd.has_value());
    listener_ = std::move(*fd);
    address_ = net::local_address(listener_.get());
  }
  const base::SocketAddress& address() const noexcept { return address_; }
  /// The next one that waits; not open when nobody does.
  Peer accept() {
    net::Accepted accepted = net::accept_one(listener_.get());
    return Peer(std::move(accepted.fd));
  }

 private:
  net::Fd listener_;
  base::SocketAddress address_;
};

/// A clock that moves when told, and a little each time it is read: what a step does takes time then. It lets the test
/// act whenever somebody looks at it, in the middle of a turn.
class StepClock final : public base::Clock {
 public:
  base::Instant now() const noexcept override {
    if (at_look) at_look();
    manual_.advance(each_);
    return manual_.now();
  }
  base::WallTime wall() const noexcept override { return manual_.wall(); }
  base::Micros processor() const noexcept override { return manual_.processor(); }
  void advance(base::Micros by) noexcept { manual_.advance(by); }
  void each_reading_takes(base::Micros time) noexcept { each_ = time; }
  std::function<void()> at_look;

 private:
  mutable base::ManualClock manual_;
  base::Micros each_{0};
};

class Lockstep {
 public:
  /// `text`: a configuration with one listener, and without mistakes. `send_buffer`: of the sockets to clients.
  explicit Lockstep(const std::string& text, int send_buffer = 0) : text_(text) {
    std::signal(SIGPIPE, SIG_IGN);  // as the program does
    worker_ =
        std::make_unique<Worker>(WorkerSetup{.index = 0,
                                             .registry = &registry_,
                                             .access_log = &log_,
                                             .to_control = [this](auto work) { posts_.push_back(std::move(work)); },
                                             .clock = &clock_});
    World world = make_world();
    std::vector<ListenerSocket> sockets;
    for (const auto& state : world.config->listeners) {
      auto fd = net::listen_tcp(state->address, 256);
      RHUMB_ASSERT(fd.has_value());
      address_ = net::local_address(fd->get());
      if (send_buffer > 0) ::setsockopt(fd->get(), SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
      sockets.push_back({state, std::move(*fd)});
    }
    worker_->begin(std::move(world), std::move(sockets));
  }
  ~Lockstep() {
    stop();
    worker_.reset();
    run_posts();
    for (const auto& snapshot : snapshots_) RHUMB_ASSERT(snapshot.expired());  // nothing outlives the worker
  }

  Peer dial(const base::IpAddress& from = {}, int receive_buffer = 0) const {
    return Peer::dial(address_, from, receive_buffer);
  }
  /// A turn of the loop that does not wait, a millisecond after the one before.
  void turn() {
    clock_.advance(base::Millis(1));
    worker_->loop().turn(base::Micros(0));
    run_posts();
  }
  void pass(base::Micros time) { clock_.advance(time); }
  /// From now on each look at the clock takes so long. The gateway looks at it about once for a piece of work.
  void work_takes(base::Micros time) { clock_.each_reading_takes(time); }
  /// Called whenever the gateway looks at the time; null: nothing is.
  void at_look(std::function<void()> act) { clock_.at_look = std::move(act); }
  /// The same configuration again, as a new generation.
  void reload() { worker_->install(make_world()); }
  void drain() {
    worker_->drain([this] { drained_ = true; });
  }
  bool drained() const noexcept { return drained_; }
  void stop() {
    if (!std::exchange(stopped_, true)) worker_->end();
  }
  bool stopped() const noexcept { return stopped_; }

  admin::WorkerCells& cells() { return registry_.worker(0); }
  Worker& worker() noexcept { return *worker_; }
  /// Nobody is connected, nothing runs, nothing is lent.
  bool idle() {
    bool idle = cells().connections.get() == 0 && cells().exchanges.get() == 0 && cells().tunnels.get() == 0;
    meters_.for_each([&](const auto&, const auto& meters) {
      for (const upstream::RegionMeter& meter : meters) idle = idle && meter.in_flight.get() == 0;
    });
    return idle;
  }
  /// The access log so far, one line a request.
  const std::string& log() {
    while (log_.drain(lines_, 1 << 20) != 0) continue;
    return lines_;
  }

 private:
  World make_world() {
    config::Loaded loaded = config::load_text(text_, "test.yaml");
    RHUMB_ASSERT(loaded.ok());
    World world;
    world.config = compile(std::move(loaded.spec), ++generation_, &registry_, &meters_, loaded.diagnostics);
    RHUMB_ASSERT(world.config != nullptr);
    world.states = std::make_shared<const decision::RegionStates>(decision::unmeasured(*world.config->regions));
    snapshots_.push_back(world.config);
    return world;
  }
  void run_posts() {
    for (auto& work : std::exchange(posts_, {})) work();
  }

  const std::string text_;
  StepClock clock_;
  admin::Registry registry_{1};
  upstream::Meters meters_{1};
  base::LineRing log_{1 << 18};
  std::vector<std::function<void()>> posts_;
  std::vector<std::weak_ptr<const ConfigSnapshot>> snapshots_;
  base::SocketAddress address_;
  std::string lines_;
  uint64_t generation_ = 0;
  bool drained_ = false, stopped_ = false;
  std::unique_ptr<Worker> worker_;
};

}  // namespace rhumb::proxy::testing
