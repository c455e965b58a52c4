// SPDX-License-Identifier: Apache-2.0
// One client connection: reads request heads, one exchange at a time (pipelined requests wait their turn in order), and
// ends well: lingering when the client may still be sending, so that it gets to read the answer. Owned by its worker;
// worker's thread.
#pragma once
#include <memory>
#include <string>

#include "base/address_counts.h"
#include "base/intrusive.h"
#include "base/ip.h"
#include "http/h1_parser.h"
#include "net/tcp_stream.h"
#include "net/timer.h"
#include "proxy/address_shares.h"
#include "proxy/input_buffer.h"

namespace rhumb::proxy {

class Exchange;
class Listener;
class Worker;

class Connection final : public net::Buried, public base::ListHook<Connection>, private net::StreamOwner {
 public:
  Connection(Worker& worker, net::Fd fd, const base::SocketAddress& peer, Listener& listener,
             base::AddressCounts::Place place, AddressShares::Ref share);
  ~Connection() override;

  net::TcpStream& stream() noexcept { return stream_; }
  InputBuffer& input() noexcept { return input_; }
  const base::SocketAddress& peer() const noexcept { return peer_; }
  Listener& listener() noexcept { return listener_; }
  /// Of the worker's time; what is done for this client counts there.
  net::Share* share() const noexcept { return share_.share(); }
  bool client_finished() const noexcept { return finished_; }
  void set_client_finished() noexcept { finished_ = true; }
  bool busy() const noexcept { return exchange_ != nullptr; }
  Exchange* exchange() noexcept { return exchange_; }

  /// May the connection be used again after this exchange?
  bool may_keep() const noexcept;
  /// Bytes read past the end of a chunked body: the next request.
  void keep_surplus(std::string_view bytes);
  bool has_surplus() const noexcept { return surplus_ != nullptr; }
  /// What was received and nobody has taken yet, in order: first all of the input buffer, then all of the surplus.
  std::string_view at_hand() const noexcept { return input_.empty() && surplus_ ? *surplus_ : input_.bytes(); }
  void take(size_t bytes) { input_.empty() ? take_surplus(bytes) : input_.consume(bytes); }

  enum class End : uint8_t { keep, close, linger, reset };
  /// The exchange is over; it must not be touched again by the connection.
  void exchange_ended(End how);
  /// Draining: idle connections close now, busy ones after their exchange, new ones after their first.
  void drain();
  void close(bool reset = false);

  // Timers of the running exchange on this side.
  /// Some of the body must come within `limit`: from now, when there was progress, else from when that was first said.
  void expect_body_within(base::Micros limit, bool progress);
  void stop_expecting() noexcept;

 private:
  enum class State : uint8_t { idle, head, exchange, lingering, closed };
  void on_stream() noexcept override;
  void on_costly() noexcept override;
  /// `own_step`: the run queue called, and not the end of an exchange in the step of a region.
  void read_heads(bool own_step);
  bool receive();
  bool parse_one();
  bool goes_on() const noexcept;
  void linger();
  void drain_lingering();
  void go_idle();
  static void on_read_timeout(void* self) noexcept;
  void take_surplus(size_t bytes);

  Worker& worker_;
  Listener& listener_;
  net::TcpStream stream_;
  net::Timer read_timer_;
  InputBuffer input_;
  http::HeadScan scan_;  // of the head being read
  base::SocketAddress peer_;
  base::AddressCounts::Place place_;  // among those of its address
  AddressShares::Ref share_;
  Exchange* exchange_ = nullptr;
  Exchange* fresh_ = nullptr;             // its arena takes the head being read
  std::unique_ptr<std::string> surplus_;  // rare, so not even an empty one; never empty
  uint64_t requests_ = 0;
  State state_ = State::idle;
  bool finished_ = false, reading_ = false, drained_ = false;
};

}  // namespace rhumb::proxy
