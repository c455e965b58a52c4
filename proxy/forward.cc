// SPDX-License-Identifier: Apache-2.0
// The exchange's way to a region: attempts, the request head and body, retries.
#include "http/h1_writer.h"
#include "proxy/exchange.h"
#include "proxy/listener.h"
#include "proxy/worker.h"

namespace rhumb::proxy {

using base::FaultKind;
using http::BodyKind;
using http::FieldId;

namespace {

// A pooled connection may have been closed on the other side just now. A request that must not run twice takes it only
// fresh.
constexpr base::Micros kUnsafeReuse = base::Seconds(1);

}  // namespace

bool Exchange::pick_endpoint() {
  RegionPools& region = world_->region(decision_.winner);
  const decision::RegionState& state = world_->states().of[decision_.winner];
  const uint64_t up = decision_.reason == decision::Reason::panic ? state.endpoints_left : state.endpoints_up;
  const auto& preference = view_.facts.preference;
  const bool bound = decision_.affinity == decision::Affinity::kept && preference.endpoint < region.endpoints.size();
  if (bound && ((up & ~tried_endpoints_) >> preference.endpoint & 1) != 0) {
    endpoint_ = preference.endpoint;
    return true;
  }
  endpoint_ = choose_endpoint(region, up, tried_endpoints_, decision_.draw);
  return endpoint_ >= 0;
}

void Exchange::start_attempt(bool fresh) {
  if (!fresh && !pick_endpoint()) return fail({FaultKind::no_region, "no endpoint left"});
  RegionPools& region = world_->region(decision_.winner);
  upstream::Pool& pool = *region.endpoints[static_cast<size_t>(endpoint_)];
  meter_ = region.meter;
  meter_->requests.add();
  if (record_.tries != 0) meter_->retries.add();
  meter_->in_flight.add();
  ++record_.tries;
  record_.endpoint = pool.name();
  const base::Micros max_idle = http::is_safe(request_.method) ? base::Micros::max() : kUnsafeReuse;
  upstream_ = fresh ? &pool.borrow_fresh(*this) : &pool.borrow(*this, max_idle);
  upstream_->stream().set_share(client_->share());
  record_.reused = upstream_->reused();
  (record_.reused ? meter_->reused : meter_->connects).add();
  state_ = State::connecting;
  upload_over_ = false;
  switch (upstream_->state()) {
    case upstream::Connection::State::open:
      return send_request_head();
    case upstream::Connection::State::connecting:
      return arm(TimerKind::connect, region.backend->connect);
    case upstream::Connection::State::failed:
      return attempt_failed({FaultKind::connect_failed, "connect"});
  }
}

size_t Exchange::write_request_head(std::span<char> to) {
  http::Writer out(to.data(), to.size());
  const bool upgrade = request_.upgrade_websocket && route_->websocket;
  out.raw(request_.method_text), out.raw(" "), out.raw(view_.path);
  if (request_.has_query) out.raw("?"), out.raw(request_.query);
  out.raw(" HTTP/1.1\r\nHost: ");
  out.raw(request_.authority.empty() ? record_.endpoint : request_.authority);
  out.raw("\r\n");
  out.fields(request_.fields, http::kHopByHop | http::bit(FieldId::host) | http::bit(FieldId::x_region));
  out.field("X-Region", region_name_);
  out.field("Via", request_.version == http::Version::http11 ? "1.1 rhumb" : "1.0 rhumb");
  request_chunked_ = request_.framing.kind == BodyKind::chunked;
  if (request_chunked_) {
    out.raw("Transfer-Encoding: chunked\r\n");
  } else if (request_.framing.kind == BodyKind::length) {
    out.field("Content-Length", request_.framing.length);
  }
  if (upgrade) out.raw("Connection: Upgrade\r\nUpgrade: websocket\r\n");
  out.end_of_head();
  return out.overflow() ? 0 : out.size();
}

void Exchange::send_request_head() {
  disarm();
  Out out(upstream_->stream(), worker_->scratch());
  const size_t size = write_request_head(worker_->scratch());
  if (size == 0) return fail({FaultKind::internal, "request head does not fit"});
  out.writer().advance(size);
  state_ = State::waiting;
  request_sent_ = worker_->loop().now();
  response_parser_.reset();
  response_partial_.clear();
  // What came along with the head goes along with it.
  if (!request_body_.done() && !client_->at_hand().empty()) {
    size_t used = 0;
    if (!take_request_bytes(out, client_->at_hand(), used)) return;
    client_->take(used);
  }
  const base::Instant sent = worker_->loop().clock().now();
  if (!out.send()) return request_failed({FaultKind::upstream_reset, "while sending"});
  if (record_.sent == base::Instant{}) record_.own += sent - record_.started;
  record_.sent = request_sent_;
  if (request_body_.done()) arm(TimerKind::response_head, head_limit_);
  pump_request();
}

/// Takes the framing off, counts, and puts the content out in the framing of the upstream. `used` bytes were taken.
/// False when the exchange ended.
bool Exchange::take_request_bytes(Out& out, std::string_view bytes, size_t& used) {
  used = 0;
  while (used < bytes.size() && !request_body_.done()) {
    const http::BodyDecoder::Step step = request_body_.next(bytes.substr(used));
    if (step.failed) return fail(step.fault), false;
    used += step.consumed;
    record_.bytes_in += step.data.size();
    if (max_body_ != 0 && record_.bytes_in > max_body_) return fail({FaultKind::body_too_large, "body"}), false;
    out.data(step.data, request_chunked_);
    body_taken_ = true;
  }
  if (request_body_.done() && request_chunked_ && body_taken_) {
    out.framing("0\r\n"), out.framing(request_body_.trailers()), out.framing("\r\n");
    request_chunked_ = false;  // the last chunk is written once
  }
  return true;
}

/// One receive of body bytes. False when the exchange ended.
bool Exchange::read_request(Out& out, bool& more) {
  const bool chunked = request_body_.kind() == BodyKind::chunked;
  std::span<char> buffer = worker_->read_buffer(client_->stream());
  // A length body is never read past its end, so that the next request stays in the socket.
  if (!chunked)
    buffer = buffer.first(static_cast<size_t>(std::min<uint64_t>(buffer.size(), request_body_.plain_remaining())));
  const net::IoResult r = client_->stream().read(buffer);
  more = r.status == net::IoStatus::ok;
  if (r.status == net::IoStatus::would_block) return true;
  if (r.status != net::IoStatus::ok) return client_lost(FaultKind::client_gone), false;
  const std::string_view bytes(buffer.data(), r.bytes);
  size_t used = 0;
  if (!take_request_bytes(out, bytes, used)) return false;
  if (used < bytes.size()) client_->keep_surplus(bytes.substr(used));
  return true;
}

void Exchange::pump_request() {
  if ((state_ != State::waiting && state_ != State::streaming) || upload_over_) return;
  if (request_body_.done() && !upload_held()) return watch_client();
  net::TcpStream& up = upstream_->stream();
  bool more = true, progress = false;
  for (int round = 0; more && (!request_body_.done() || upload_held()) && up.pending() <= kHighWater; ++round) {
    if (has_had_its_turn(round)) break;
    if (can_splice_request()) {
      if (!splice_request(progress)) return;
      more = !upload_held() && client_->stream().may_read();
      continue;
    }
    Out out(up, worker_->scratch());
    if (const std::string_view at_hand = client_->at_hand(); !at_hand.empty()) {
      size_t used = 0;
      if (!take_request_bytes(out, at_hand, used)) return;
      client_->take(used);
    } else if (client_->client_finished()) {
      return client_lost(FaultKind::client_gone);  // its end came before that of its body
    } else if (!client_->stream().may_read()) {
      break;
    } else if (!read_request(out, more)) {
      return;
    }
    progress = progress || more;
    if (!out.send()) return request_failed({FaultKind::upstream_reset, "while sending"});
  }
  watch_upload(progress);
}

bool Exchange::can_splice_request() {
  if (upload_held()) return true;
  const bool worth = request_body_.kind() == BodyKind::length && client_->at_hand().empty() &&
                     !client_->client_finished() && upstream_->stream().pending() == 0 &&
                     request_body_.plain_remaining() >= (request_splice_.open() ? 1 : kSpliceFrom);
  return worth && request_splice_.start(worker_->pipes());
}

/// False when the exchange or the attempt ended.
bool Exchange::splice_request(bool& progress) {
  size_t taken = 0;
  const Splice::Step step =
      request_splice_.move(client_->stream(), upstream_->stream(), request_body_.plain_remaining(), taken);
  if (taken != 0) {
    request_body_.skip(taken);
    record_.bytes_in += taken;
    body_taken_ = true;
  }
  progress = progress || taken != 0 || step == Splice::Step::moved;
  if (step == Splice::Step::ended || step == Splice::Step::failed) return client_lost(FaultKind::client_gone), false;
  if (step == Splice::Step::broken) return request_failed({FaultKind::upstream_reset, "while sending"}), false;
  return true;
}

/// Whose turn is it? The client's, while it owes its body; the upstream's, once it has all of it, does not take what is
/// there, or was asked for a 100 first. One timer runs, against that side.
void Exchange::watch_upload(bool progress) {
  const bool all = request_body_.done() && !upload_held();
  const bool asked_first = request_.expect_continue && !body_taken_ && interims_ == 0;
  const bool clients_turn = !all && !asked_first && !upload_held() && upstream_->stream().pending() <= kHighWater;
  if (all) request_sent_ = worker_->loop().now();  // the region's time begins when it has everything
  const base::Instant now = worker_->loop().now();
  if (clients_turn) {
    if (!upload_.keeps_up(now, record_.bytes_in, client_->listener().state().min_rate))
      return on_client_timeout(FaultKind::client_body_timeout);
    client_->expect_body_within(body_limit_, progress);
  } else {
    upload_.rest(now);
    client_->stop_expecting();
  }
  if (state_ == State::streaming) {
    if (progress) arm(TimerKind::response_idle, idle_limit_);
  } else if (clients_turn) {
    disarm();
  } else if (progress || timer_kind_ != TimerKind::response_head) {
    arm(TimerKind::response_head, head_limit_);
  }
}

/// While nobody wants the body, or all of it is there: reading tells whether the client is still there, and lets in as
/// much as there is room for (body bytes, pipelined requests).
void Exchange::watch_client() {
  net::TcpStream& client = client_->stream();
  while (client.readable()) {
    const std::span<char> room = client_->input().room();
    if (room.empty() || client_->has_surplus()) return;  // the surplus was sent before what is read now
    const net::IoResult r = client.read(room);
    if (r.status == net::IoStatus::ok) {
      client_->input().received(r.bytes);
    } else if (r.status == net::IoStatus::end) {
      // Half-closed: it has said all it will, and may still want the answer.
      client_->set_client_finished();
      return;
    } else if (r.status == net::IoStatus::error) {
      return client_lost(FaultKind::client_gone);
    }
  }
}

/// Sending broke. What the upstream said before it hung up may be a complete answer (a 413, say): read that first.
void Exchange::request_failed(base::Fault fault) {
  upload_over_ = true;
  client_->stop_expecting();
  const uint8_t attempt = record_.tries;
  if ((state_ == State::waiting || state_ == State::streaming) && upstream_->stream().may_read()) pump_response();
  // With the answer on its way, the rest of the request is of no interest to anybody; and what was read may have begun
  // another attempt already.
  if (state_ == State::waiting && record_.tries == attempt) attempt_failed(fault);
}

void Exchange::attempt_failed(base::Fault fault) {
  if (head_answered_) return truncate(fault.kind);
  meter_->errors.add();
  if (state_ == State::connecting) meter_->connect_failures.add();
  if (fault.kind == FaultKind::connect_timeout || fault.kind == FaultKind::upstream_head_timeout)
    meter_->timeouts.add();
  const bool stale = fault.retry() == base::Retry::only_if_reused && record_.reused;
  end_attempt(false);
  if (!retry(fault, stale)) return fail(final_fault(fault));
  worker_->cells().retries.add();
  if (stale) return start_attempt(true);
  tried_endpoints_ |= uint64_t{1} << endpoint_;
  if (!pick_endpoint()) {
    view_.facts.tried |= uint64_t{1} << decision_.winner;
    // With nobody left, what went wrong is still the first thing to tell.
    if (choose_region()) return fail(final_fault(fault));
    meter_->failovers.add();
    // What the filters said of the region is to be said of the new one.
    state_ = State::filters;
    stage_ = Stage::decided;
    return advance();
  }
  start_attempt(false);
}

/// When a region that looked down cannot be reached, the checks were right: nobody can take the request.
base::Fault Exchange::final_fault(const base::Fault& fault) const noexcept {
  const bool unreachable = fault.retry() == base::Retry::other_endpoint;
  if (decision_.reason != decision::Reason::panic || !unreachable) return fault;
  return {FaultKind::no_region, fault.detail};
}

/// Nothing may run twice: a fault before anything was sent can always be retried; one after that only for a safe
/// request without a body. A connection found stale costs neither a try nor budget (the region was never asked), and a
/// failed connect no budget (nobody had work with it): a region that just died must not use up what its requests need
/// to get to the next one.
bool Exchange::retry(const base::Fault& fault, bool stale) {
  if (body_taken_ || route_ == nullptr || fault.retry() == base::Retry::never) return false;
  if (fault.retry() == base::Retry::only_if_reused && !http::is_safe(request_.method)) return false;
  if (stale) return ++stale_tries_, true;
  if (record_.tries - stale_tries_ >= static_cast<int>(route_->tries)) return false;
  return fault.retry() == base::Retry::other_endpoint || worker_->take_retry();
}

void Exchange::end_attempt(bool reusable) {
  disarm();
  if (upstream_ == nullptr) return;
  meter_->in_flight.sub();
  upstream::Connection& connection = *std::exchange(upstream_, nullptr);
  connection.stream().set_share(nullptr);
  if (reusable) {
    connection.pool().give_back(connection);
  } else {
    connection.pool().discard(connection);
  }
  request_splice_.stop(worker_->pipes());
  response_splice_.stop(worker_->pipes());
}

}  // namespace rhumb::proxy
