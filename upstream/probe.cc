// SPDX-License-Identifier: Apache-2.0
#include "upstream/probe.h"

#include <fmt/format.h>

#include <cstring>

namespace rhumb::upstream {

/// What one run holds; buried whole when it ends.
class Probe::Attempt final : public net::Buried {
 public:
  Attempt(net::Loop& loop, base::BlockPool& blocks, net::Fd fd, net::StreamOwner& owner)
      : stream(loop, std::move(fd), owner, blocks), arena(blocks) {}
  net::TcpStream stream;
  base::Arena arena;
  http::ResponseParser parser;
  std::string received;
  base::Instant sent{};
  bool connected = false;
};

Probe::Probe(net::Loop& loop, base::BlockPool& blocks)
    : loop_(loop), blocks_(blocks), timer_(&Probe::on_timeout, this) {}

Probe::~Probe() {
  cancel();
  loop_.timers().remove(timer_);
}

void Probe::cancel() {
  done_ = nullptr;
  loop_.timers().cancel(timer_);
  if (attempt_ == nullptr) return;
  attempt_->stream.close();
  loop_.bury(std::move(attempt_));
}

void Probe::start(const ProbeRequest& request, Done done) {
  cancel();
  request_ = request;
  done_ = std::move(done);
  net::Connecting started = net::start_connect(request.endpoint);
  const bool failed = started.result.status == net::IoStatus::error;
  // A failure that is known at once is reported like a time-out of nothing: from the loop.
  loop_.timers().arm(timer_, loop_.now() + (failed ? base::Micros(0) : request.timeout));
  if (!failed)
    attempt_ = std::make_unique<Attempt>(loop_, blocks_, std::move(started.fd), static_cast<net::StreamOwner&>(*this));
}

void Probe::on_timeout(void* self) noexcept {
  auto& probe = *static_cast<Probe*>(self);
  const bool started = probe.attempt_ != nullptr;
  probe.report(
      {false,
       {},
       started ? fmt::format("no answer within {} ms", probe.request_.timeout.count() / 1000) : "connect failed"});
}

void Probe::on_stream() noexcept {
  if (attempt_ == nullptr) return;
  if (!attempt_->connected) {
    if (!attempt_->stream.writable() && !attempt_->stream.readable()) return;
    if (const int error = net::connect_error(attempt_->stream.fd()); error != 0)
      return report({false, {}, fmt::format("connect: {}", std::strerror(error))});
    attempt_->connected = true;
    send_request();
  } else {
    read_response();
  }
}

void Probe::send_request() {
  const std::string host = request_.host.empty() ? request_.endpoint.to_string() : request_.host;
  const std::string head =
      fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: rhumb-probe\r\nAccept: */*\r\nConnection: close\r\n\r\n",
                  request_.path, host);
  attempt_->sent = loop_.clock().now();
  if (!attempt_->stream.write(head)) report({false, {}, "connection lost"});
}

void Probe::read_response() {
  char buffer[4096];
  while (attempt_ != nullptr && attempt_->stream.readable()) {
    const net::IoResult r = attempt_->stream.read(buffer);
    if (r.status == net::IoStatus::would_block) return;
    if (r.status != net::IoStatus::ok) return report({false, {}, "connection closed before a response"});
    attempt_->received.append(buffer, r.bytes);
    if (parse_response()) return;
  }
}

/// True when a verdict was reached.
bool Probe::parse_response() {
  for (;;) {
    http::ResponseHead head;
    const http::ParseResult parsed =
        attempt_->parser.feed(attempt_->received, http::Method::get, attempt_->arena, head);
    if (parsed.status == http::ParseStatus::need_more) return false;
    if (parsed.status == http::ParseStatus::failed) {
      report({false, {}, fmt::format("malformed response: {}", parsed.fault.detail)});
      return true;
    }
    if (head.status >= 200) {
      const bool ok = head.status >= request_.expect_low && head.status <= request_.expect_high;
      report({ok, loop_.clock().now() - attempt_->sent, ok ? "" : fmt::format("status {}", head.status)});
      return true;
    }
    attempt_->received.erase(0, parsed.consumed);
    attempt_->parser.reset();
  }
}

void Probe::report(ProbeResult result) {
  Done done = std::move(done_);
  cancel();
  if (done) done(result);
}

}  // namespace rhumb::upstream
