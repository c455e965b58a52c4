// SPDX-License-Identifier: Apache-2.0
#include "upstream/probe.h"

#include <fmt/format.h>

#include <cstring>

#include "http/h1_parser.h"
#include "http/interim.h"

namespace rhumb::upstream {

using net::BoundedReader;

/// What one run holds; buried whole when it ends.
class Probe::Attempt final : public net::Buried {
 public:
  Attempt(Probe& probe, net::Fd fd)
      : stream(probe.loop_, std::move(fd), probe, probe.blocks_), reader(probe.loop_, probe.blocks_, probe) {}
  net::TcpStream stream;
  BoundedReader reader;
  http::ResponseParser parser;
  base::Instant sent{};
  bool connected = false;
};

Probe::Probe(net::Loop& loop, base::BlockPool& blocks) : loop_(loop), blocks_(blocks) {}

Probe::~Probe() { cancel(); }

void Probe::cancel() {
  done_ = nullptr;
  if (attempt_ == nullptr) return;
  attempt_->reader.stop();
  attempt_->stream.close();
  loop_.bury(std::move(attempt_));
}

void Probe::start(const ProbeRequest& request, Done done) {
  cancel();
  request_ = request;
  done_ = std::move(done);
  net::Connecting started = net::start_connect(request.endpoint);
  const bool failed = started.result.status == net::IoStatus::error;
  attempt_ = std::make_unique<Attempt>(*this, failed ? net::Fd() : std::move(started.fd));
  // A failure that is known at once is reported like a time-out of nothing: from the loop.
  attempt_->reader.start(attempt_->stream,
                         {.messages = http::kMaxInterims + 1u, .time = failed ? base::Micros(0) : request.timeout});
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
    attempt_->reader.read();
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

BoundedReader::Taken Probe::on_bytes(std::string_view bytes, base::Arena& arena) noexcept {
  using What = BoundedReader::Taken::What;
  http::ResponseHead head;
  const http::ParseResult parsed = attempt_->parser.feed(bytes, http::Method::get, arena, head);
  if (parsed.status == http::ParseStatus::need_more) return {};
  if (parsed.status == http::ParseStatus::done && http::is_interim(head.status)) {
    attempt_->parser.reset();
    return {What::message, parsed.consumed};
  }
  if (parsed.status == http::ParseStatus::failed) {
    report({false, {}, fmt::format("malformed response: {}", parsed.fault.detail)});
  } else {
    const bool ok = head.status >= request_.expect_low && head.status <= request_.expect_high;
    report({ok, loop_.clock().now() - attempt_->sent, ok ? "" : fmt::format("status {}", head.status)});
  }
  return {What::over};
}

void Probe::on_stop(BoundedReader::Stop why) noexcept {
  std::string error = "connection closed before a response";
  if (why == BoundedReader::Stop::too_much) error = "too many bytes before a response";
  if (why == BoundedReader::Stop::too_many) error = "too many interim responses";
  if (why == BoundedReader::Stop::late)
    error = attempt_->stream.open() ? fmt::format("no answer within {} ms", request_.timeout.count() / 1000)
                                    : "connect failed";
  report({false, {}, std::move(error)});
}

void Probe::report(ProbeResult result) {
  Done done = std::move(done_);
  cancel();
  if (done) done(result);
}

}  // namespace rhumb::upstream
