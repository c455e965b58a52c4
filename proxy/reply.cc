// SPDX-License-Identifier: Apache-2.0
// Answers of our own, and how an exchange ends and is accounted for.
#include <fmt/format.h>

#include "proxy/access_format.h"
#include "proxy/exchange.h"
#include "proxy/listener.h"
#include "proxy/worker.h"

namespace rhumb::proxy {

using base::FaultKind;

namespace {

constexpr int kWriteLooks = 4;                           // times a limit that a slow reader's progress is looked at,
constexpr base::Micros kWriteLook = base::Millis(2500);  // and at least so often

}  // namespace

void Exchange::fail(base::Fault fault) {
  if (state_ == State::done) return;
  if (head_answered_) return truncate(fault.kind);
  record_.fault = fault.kind;
  record_.detail = fault.detail;
  worker_->cells().faults[static_cast<size_t>(fault.kind)].add();
  if (fault.status() == 0) return client_lost(fault.kind);
  reply({.status = fault.status()}, fault);
}

/// What the client is told of its connection, once for each answer; a promise is kept, whatever runs short meanwhile.
bool Exchange::may_promise_more() const noexcept {
  return request_.keep_alive && request_body_.done() && client_->may_keep() &&
         worker_->strain() < base::Strain::keep_alive;
}

void Exchange::reply(const filters::Reply& answer, std::optional<base::Fault> fault) {
  end_attempt(false);
  cursor_.cancel();
  state_ = State::flushing;
  head_answered_ = true;
  record_.status = answer.status;
  client_keep_ = may_promise_more();
  Out out(client_->stream(), worker_->scratch());
  write_reply(out, answer, fault);
  if (!out.send()) return client_lost(FaultKind::client_gone);
  watch_writes();
  flush_then_finish();
}

/// The client learns the code, one sentence and the request's id; details stay in the log.
void Exchange::write_reply(Out& out, const filters::Reply& answer, const std::optional<base::Fault>& fault) {
  char text[512];
  std::string_view body = answer.body;
  if (fault || body.empty()) {
    const auto end = fmt::format_to_n(text, sizeof text, "{} {}\n{}{}request {}\n", answer.status,
                                      http::reason_phrase(answer.status), fault ? base::info(fault->kind).text : "",
                                      fault ? "\n" : "", view_.request_id.empty() ? "-" : view_.request_id);
    body = {text, std::min(end.size, sizeof text)};
  }
  http::Writer& to = out.writer();
  to.status_line(answer.status);
  to.field("Date", worker_->http_date());
  to.raw("Content-Type: text/plain; charset=utf-8\r\n");
  to.field("Content-Length", body.size());
  if (!answer.location.empty()) to.field("Location", answer.location);
  if (!answer.extra_name.empty()) to.field(answer.extra_name, answer.extra_value);
  if (answer.status == 503) to.raw("Retry-After: 5\r\n");
  // It is about who asks, and a shared cache may store it (RFC 7725 3).
  if (answer.status == 451) to.raw("Cache-Control: private\r\n");
  if (!view_.request_id.empty()) to.field("X-Request-Id", view_.request_id);
  if (!client_keep_)
    to.raw("Connection: close\r\n");
  else if (request_.version == http::Version::http10)
    to.raw("Connection: keep-alive\r\n");
  to.end_of_head();
  if (request_.method != http::Method::head) to.raw(body);
}

void Exchange::client_lost(FaultKind kind) {
  if (!record_.cut) record_.cut = kind;
  if (!record_.fault) {
    record_.fault = kind;
    worker_->cells().faults[static_cast<size_t>(kind)].add();
  }
  cursor_.cancel();
  end_attempt(false);
  finish(Connection::End::reset);
}

void Exchange::flush_then_finish() {
  state_ = State::flushing;
  if (client_->stream().pending() != 0) return watch_writes();
  // Only a reset shows that a body which the close ends was cut. Any other cut shows by itself, and a reset would also
  // destroy answers of before that are still on their way.
  if (cut_ && close_delimited_) return finish(Connection::End::reset);
  if (client_keep_) return finish(Connection::End::keep);
  finish(request_body_.done() && !client_->stream().readable() ? Connection::End::close : Connection::End::linger);
}

/// After every write: while output is pending (or `held` in a pipe), the client must take some of it within the limit.
void Exchange::watch_writes(size_t held) {
  net::TimerWheel& timers = worker_->loop().timers();
  if (client_->stream().pending() + held == 0) {
    download_.rest(worker_->loop().now());
    return timers.cancel(write_timer_);
  }
  if (write_timer_.armed()) return;
  const ListenerState& listener = client_->listener().state();
  delivered_ = client_->stream().delivered();
  delivered_at_ = worker_->loop().now();
  download_.keeps_up(delivered_at_, delivered_, listener.min_rate);
  timers.arm(write_timer_, delivered_at_ + std::min(listener.write / kWriteLooks, kWriteLook));
}

void Exchange::on_write_timer(void* self) noexcept { static_cast<Exchange*>(self)->look_at_reader(); }

/// A tunnel has no least rate, but a slow reader in it must be seen to read: its kernel tells of room a segment at a
/// time (RFC 9293 3.8.6.2.2), so it may be quiet for as long as a segment takes at the least rate of other readers.
base::Micros Exchange::longest_pause() const noexcept {
  const ListenerState& listener = client_->listener().state();
  if (!in_tunnel() || listener.min_rate == 0) return listener.write;
  return listener.write + base::Micros(client_->stream().segment() * 1'000'000 / listener.min_rate);
}

/// The kernel announces room only when much of its buffer is free: a slow reader is asked after, not waited for.
void Exchange::look_at_reader() {
  const base::Instant now = worker_->loop().now();
  const ListenerState& listener = client_->listener().state();
  if (const uint64_t delivered = client_->stream().delivered(); delivered != delivered_) {
    delivered_ = delivered;
    delivered_at_ = now;
  }
  const bool keeps_up = in_tunnel() || download_.keeps_up(now, delivered_, listener.min_rate);
  const bool pauses = now - delivered_at_ >= listener.write && now - delivered_at_ >= longest_pause();
  if (!keeps_up || pauses) return on_client_timeout(FaultKind::client_write_timeout);
  worker_->loop().timers().arm(write_timer_, now + std::min(listener.write / kWriteLooks, kWriteLook));
}

void Exchange::finish(Connection::End how) {
  disarm();
  worker_->loop().timers().cancel(write_timer_);
  state_ = State::done;
  account();
  if (world_ != nullptr) worker_->drop_world(*std::exchange(world_, nullptr));
  worker_->cells().exchanges.sub();
  Connection& client = *client_;
  worker_->retire(*this);
  client.exchange_ended(how);
}

void Exchange::account() {
  const base::Instant now = worker_->loop().now();
  admin::WorkerCells& cells = worker_->cells();
  (record_.cut ? cells.cut[static_cast<size_t>(*record_.cut)] : cells.answered).add();
  const size_t status_class = record_.status / 100 % 6;
  cell_->responses[status_class].add();
  client_->listener().state().cells->by_worker[worker_->index()].responses[status_class].add();
  cell_->duration.observe(now - record_.started);
  if (record_.sent != base::Instant{}) cell_->overhead.observe(record_.own);
  cell_->bytes_in.add(record_.bytes_in);
  cell_->bytes_out.add(record_.bytes_out);
  write_access_line(now);
}

/// As the configuration in force now says, which may be younger than the request's own.
void Exchange::write_access_line(base::Instant now) {
  base::LineRing* const log = worker_->access_log();
  const AccessFormat* const format = worker_->world().config().access_format.get();
  if (log == nullptr || format == nullptr) return;
  if (format->samples() && !format->takes(record_, worker_->random().next())) {
    worker_->cells().log_sampled_out.add();
  } else if (!log->push(format->line(*this, worker_->loop().wall(), now, worker_->scratch()))) {
    worker_->cells().log_dropped.add();
  }
}

std::string_view Exchange::listener_name() const noexcept { return client_->listener().state().name; }

}  // namespace rhumb::proxy
