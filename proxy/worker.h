// SPDX-License-Identifier: Apache-2.0
// One thread: a loop, its listeners, its client connections and exchanges, its pools, its world. Shares nothing that is
// written on the request path. The public functions marked "any thread" post to the mailbox; all else is the worker's
// own thread.
#pragma once
#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "admin/registry.h"
#include "base/arena.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "filters/filter.h"
#include "foresight/lane.h"
#include "net/loop.h"
#include "net/mailbox.h"
#include "proxy/address_shares.h"
#include "proxy/connection.h"
#include "proxy/exchange.h"
#include "proxy/listener.h"
#include "proxy/local_world.h"
#include "proxy/pipes.h"

namespace rhumb::proxy {

/// What the control thread gives a worker for life.
struct WorkerSetup {
  unsigned index = 0;
  admin::Registry* registry = nullptr;
  base::LineRing* access_log = nullptr;                   // null: off
  foresight::Lane* recorder = nullptr;                    // null: off
  std::function<void(std::function<void()>)> to_control;  // posts to the control thread's mailbox
  const base::Clock* clock = nullptr;                     // null: the machine's
};

/// A listener's descriptor for one worker.
struct ListenerSocket {
  std::shared_ptr<const ListenerState> state;
  net::Fd fd;
};

struct DrainReport {
  uint64_t exchanges = 0, tunnels = 0, connections = 0;  // cut
};

class Worker {
 public:
  explicit Worker(WorkerSetup setup);
  ~Worker();

  // Any thread.
  base::Result<void, std::string> start(World world, std::vector<ListenerSocket> listeners);
  void install(World world);
  /// Opens, updates and closes listeners to match: those whose name and address stay keep their socket.
  void set_listeners(std::vector<std::shared_ptr<const ListenerState>> wanted, std::vector<ListenerSocket> fresh);
  /// Stops accepting, closes idle connections, ends the others as their exchanges end; `done` runs on the control
  /// thread.
  void drain(std::function<void()> done);
  /// Another process has the sockets now: gives them up with whoever waits there, and ends each connection after its
  /// next answer, or when it has been idle for long; none is closed in the face of a client that is about to ask.
  void hand_over(std::function<void()> done);
  /// Ends everything now; returns what was cut once the thread has joined.
  DrainReport stop();
  /// Between start() and stop(). Control thread.
  pthread_t thread() noexcept { return thread_.native_handle(); }

  // Worker's thread: what the one of start() does before and after it turns the loop. Who turns the loop himself calls
  // these instead of start() and stop().
  void begin(World world, std::vector<ListenerSocket> listeners);
  DrainReport end();

  // Worker's thread.
  net::Loop& loop() noexcept { return loop_; }
  base::BlockPool& blocks() noexcept { return blocks_; }
  base::Random& random() noexcept { return random_; }
  admin::WorkerCells& cells() noexcept { return cells_; }
  unsigned index() const noexcept { return setup_.index; }
  LocalWorld& world() noexcept { return *world_; }
  base::LineRing* access_log() noexcept { return setup_.access_log; }
  foresight::Lane* recorder() noexcept { return setup_.recorder; }
  PipePool& pipes() noexcept { return pipes_; }
  bool draining() const noexcept { return draining_; }
  base::Strain strain() const noexcept { return setup_.registry->strain(); }

  /// Shared by all connections of the worker, inside one callback only.
  std::span<char> read_buffer() noexcept { return {read_buffer_.get(), kReadBuffer}; }
  /// Of it, as much as is worth taking from this stream at once.
  std::span<char> read_buffer(const net::TcpStream& from) noexcept {
    return read_buffer().first(std::min(kReadBuffer, from.piece()));
  }
  std::span<char> scratch() noexcept { return {scratch_.get(), kScratch}; }
  /// "Sun, 06 Nov 1994 08:49:37 GMT", of this second.
  std::string_view http_date() noexcept;
  uint64_t next_draw(bool sequential) noexcept { return sequential ? sequence_++ : random_.next(); }
  bool take_retry() noexcept;
  void earn_retry(double budget) noexcept { retry_tokens_ = std::min(retry_tokens_ + budget, kRetryCap); }

  Exchange& new_exchange();
  /// The exchange's slot is free at the end of the turn.
  void retire(Exchange& exchange);
  Exchange* find(base::ExchangeId id) noexcept { return exchanges_.find(id); }
  void hold_world() noexcept { ++world_->users; }
  void drop_world(LocalWorld& world) noexcept;
  void wake(base::Wake name) { wakes_.push_back(name); }
  /// The running step has had its time: no new exchange, no further read. What is left is announced to the run queue.
  bool must_yield() noexcept { return loop_.tasks().must_yield(); }
  /// Which exchange is looked after; for the watchdog. Names live as long as the worker.
  void look_after(const ExchangeName& name) noexcept { underway_.store(&name, std::memory_order_release); }
  /// What the worker does now, for people; empty: no exchange. Any thread, as long as the worker lives.
  std::string under_way() const;

  void adopt(net::Fd fd, const base::SocketAddress& peer, Listener& listener, base::AddressCounts::Place place);
  void connection_closed(Connection& connection);

 private:
  static constexpr size_t kReadBuffer = 128 * 1024, kScratch = 128 * 1024;
  static constexpr double kRetryCap = 100;  // what ten seconds give
  void set_world(World world);
  void begin_drain();
  void begin_hand_over();
  void check_drained();
  void end_of_turn();
  void run_wakes();

  WorkerSetup setup_;
  base::SystemClock machine_clock_;
  base::BlockPool blocks_;
  net::Loop loop_;
  net::Mailbox mailbox_;
  base::Random random_;
  admin::WorkerCells& cells_;
  std::unique_ptr<char[]> read_buffer_, scratch_;
  PipePool pipes_{cells_.pipes_refused};
  AddressShares shares_;
  PoolTable pools_;
  LocalWorld* world_ = nullptr;
  base::SlotTable<Exchange> exchanges_;
  base::List<Connection, Connection> connections_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<base::ExchangeId> retired_;
  std::vector<base::Wake> wakes_, wakes_now_;
  std::atomic<const ExchangeName*> underway_{nullptr};
  std::function<void()> drained_;
  DrainReport report_;
  uint64_t sequence_ = 0;
  double retry_tokens_ = 10;  // of the second before the first
  base::Instant retry_refill_{};
  int64_t date_second_ = -1;
  std::array<char, 32> date_{};
  bool draining_ = false;
  std::thread thread_;
};

}  // namespace rhumb::proxy
