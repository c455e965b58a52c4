// SPDX-License-Identifier: Apache-2.0
// One active check of one endpoint: connect, GET, look at the status. Reports once per run. Control thread. The owner
// keeps the probe alive until it reported or cancels it.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/arena.h"
#include "base/ip.h"
#include "http/h1_parser.h"
#include "net/tcp_stream.h"
#include "net/timer.h"

namespace rhumb::upstream {

struct ProbeRequest {
  base::SocketAddress endpoint;
  std::string path, host;  // host empty: the endpoint's address
  base::Micros timeout{};
  uint16_t expect_low = 200, expect_high = 299;
};

struct ProbeResult {
  bool ok = false;
  base::Micros latency{};  // request sent to response head; only when ok
  std::string error;       // "connect: connection refused", "status 503"
};

class Probe final : private net::StreamOwner {
 public:
  using Done = std::function<void(const ProbeResult&)>;
  Probe(net::Loop& loop, base::BlockPool& blocks);
  ~Probe();

  /// Starts a run; `done` is called from the loop, never from inside start(). A running one is cancelled.
  void start(const ProbeRequest& request, Done done);
  void cancel();
  bool running() const noexcept { return done_ != nullptr; }

 private:
  void on_stream() noexcept override;
  void send_request();
  void read_response();
  bool parse_response();
  void report(ProbeResult result);
  static void on_timeout(void* self) noexcept;

  class Attempt;
  net::Loop& loop_;
  base::BlockPool& blocks_;
  net::Timer timer_;
  std::unique_ptr<Attempt> attempt_;
  ProbeRequest request_;
  Done done_;
};

}  // namespace rhumb::upstream
