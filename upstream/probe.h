// SPDX-License-Identifier: Apache-2.0
// One active check of one endpoint: connect, GET, look at the status. Reports once per run, whatever the endpoint
// sends: 64 KiB, kMaxInterims interim responses and the timeout are all it gets (net/bounded_reader.h). Control thread.
// The owner keeps the probe alive until it reported or cancels it.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/arena.h"
#include "base/ip.h"
#include "net/bounded_reader.h"
#include "net/tcp_stream.h"

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

class Probe final : private net::StreamOwner, private net::BoundedReader::Owner {
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
  net::BoundedReader::Taken on_bytes(std::string_view bytes, base::Arena& arena) noexcept override;
  void on_stop(net::BoundedReader::Stop why) noexcept override;
  void send_request();
  void report(ProbeResult result);

  class Attempt;
  net::Loop& loop_;
  base::BlockPool& blocks_;
  std::unique_ptr<Attempt> attempt_;
  ProbeRequest request_;
  Done done_;
};

}  // namespace rhumb::upstream
