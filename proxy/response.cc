// SPDX-License-Identifier: Apache-2.0
// The exchange's way back: response head and body, from the upstream to the client.
#include "http/cache_control.h"
#include "http/interim.h"
#include "http/upgrade.h"
#include "proxy/exchange.h"
#include "proxy/listener.h"
#include "proxy/worker.h"
#include "sessions/affinity.h"

namespace rhumb::proxy {

using base::FaultKind;
using http::BodyKind;
using http::FieldId;

namespace {

constexpr size_t kFirstRead = 16 * 1024;

}  // namespace

void Exchange::pump_response() {
  net::TcpStream& up = upstream_->stream();
  for (int round = 0; !has_had_its_turn(round); ++round) {
    if (client_->stream().pending() > kHighWater) return;
    if (can_splice_response()) {
      if (!splice_response()) return;
      continue;
    }
    if (!up.may_read()) return;
    const std::span<char> buffer = worker_->read_buffer(up);
    const net::IoResult r = up.read(head_answered_ ? buffer : buffer.first(kFirstRead));
    if (r.status == net::IoStatus::would_block) return;
    if (r.status != net::IoStatus::ok) return upstream_ended(r.status == net::IoStatus::error);
    if (!response_bytes({buffer.data(), r.bytes})) return;
  }
}

/// False when the attempt is over, one way or another.
bool Exchange::response_bytes(std::string_view bytes) {
  Out out(client_->stream(), worker_->scratch());
  if (!head_answered_ && !response_partial_.empty()) {
    response_partial_.append(bytes);
    bytes = response_partial_;
  }
  const bool first = !head_answered_;
  Next next = Next::more;
  while (next == Next::more) next = head_answered_ ? response_body(out, bytes) : response_head(out, bytes);
  if (next == Next::over) return false;
  const bool begins = first && head_answered_;
  const net::IoResult along = begins ? read_along(out, bytes) : net::IoResult{net::IoStatus::would_block};
  if (along.status == net::IoStatus::ok && response_body(out, bytes) == Next::over) return false;
  if (!out.send()) return client_lost(FaultKind::client_gone), false;
  watch_writes();
  if (along.status == net::IoStatus::end || along.status == net::IoStatus::error)
    return upstream_ended(along.status == net::IoStatus::error), false;
  if (!head_answered_) return true;
  if (response_body_.done()) {
    surplus_ = !bytes.empty();
    response_complete();
    return false;
  }
  arm(TimerKind::response_idle, idle_limit_);
  return true;
}

/// The first read is short, so that a long body is spliced from its beginning. When this one is not long, what else is
/// there goes out in the same send.
net::IoResult Exchange::read_along(Out& out, std::string_view& bytes) {
  net::TcpStream& up = upstream_->stream();
  static_assert(kFirstRead <= Out::kCopy, "what was read first is in the scratch by now");
  if (response_body_.done() || !up.readable() || can_splice_response() || !out.ok())
    return {net::IoStatus::would_block};
  const net::IoResult r = up.read(worker_->read_buffer(up));
  if (r.status == net::IoStatus::ok) bytes = {worker_->read_buffer().data(), r.bytes};
  return r;
}

Exchange::Next Exchange::response_head(Out& out, std::string_view& bytes) {
  if (bytes.empty()) {
    response_partial_.clear();
    return Next::wait;
  }
  const http::ParseResult result = response_parser_.feed(bytes, request_.method, *arena_, response_);
  if (result.status == http::ParseStatus::need_more) {
    if (bytes.size() != response_partial_.size()) response_partial_.assign(bytes);
    return Next::wait;
  }
  if (result.status == http::ParseStatus::failed) {
    attempt_failed({FaultKind::upstream_malformed, result.fault.detail});
    return Next::over;
  }
  bytes.remove_prefix(result.consumed);
  response_parser_.reset();
  if (!http::is_interim(response_.status)) return final_response(out, bytes);
  if (++interims_ > http::kMaxInterims) {
    attempt_failed({FaultKind::upstream_malformed, "too many interim responses"});
    return Next::over;
  }
  // An HTTP/1.0 client knows no interim responses (RFC 9110 15.2).
  if (request_.version == http::Version::http11) interim_response(out);
  return Next::more;
}

void Exchange::interim_response(Out& out) {
  http::Writer& to = out.writer();
  to.status_line(response_.status, response_.reason);
  to.fields(response_.fields, http::kHopByHop);
  to.end_of_head();
  out.send();  // at once: several long ones need not fit the scratch together
}

Exchange::Next Exchange::final_response(Out& out, std::string_view bytes) {
  const base::Instant now = worker_->loop().now();
  record_.first_byte = now;
  if (const auto& announced = world_->region(decision_.winner).announced; !announced.empty())
    upstream::read_announced(announced, response_.fields, now);
  if (response_.status == 101) {
    if (!request_.upgrade_websocket || !route_->websocket || !http::websocket_accepted(request_, response_)) {
      attempt_failed({FaultKind::unasked_upgrade, ""});
      return Next::over;
    }
  } else {
    meter_->latency_sum_us.add(static_cast<uint64_t>((now - request_sent_).count()));
    meter_->latency_count.add();
    if (response_.status >= 500) meter_->errors.add();
  }
  view_.response = &response_;
  if (route_->chain->wants_response()) {
    filters::FilterContext ctx = context();
    const filters::Verdict verdict = cursor_.run_response(ctx);
    if (verdict.kind() != filters::Verdict::Kind::next) {
      accept(verdict);
      return Next::over;
    }
  }
  if (response_.status == 101) {
    http::Writer& to = out.writer();
    to.status_line(101);
    to.fields(response_.fields, http::kHopByHop);
    to.raw("Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    head_answered_ = true;
    record_.status = 101;
    if (!out.send()) return client_lost(FaultKind::client_gone), Next::over;
    start_tunnel(bytes);
    return Next::over;
  }
  frame_response();
  write_response_head(out.writer());
  if (out.writer().overflow()) {
    fail({FaultKind::internal, "response head does not fit"});
    return Next::over;
  }
  head_answered_ = true;
  record_.status = response_.status;
  record_.own += worker_->loop().clock().now() - now;
  state_ = State::streaming;
  response_body_.start(response_.framing, FaultKind::upstream_malformed);
  if (response_chunked_ && response_.framing.kind == BodyKind::chunked)
    response_body_.set_trailer_buffer(arena_->allocate_chars(http::BodyDecoder::kMaxTrailers),
                                      http::BodyDecoder::kMaxTrailers);
  let_go_of_old_world();
  return Next::more;
}

/// How the client will find the end of the body (RFC 9112 6.3), and whether its connection goes on after it.
void Exchange::frame_response() {
  const BodyKind kind = response_.framing.kind;
  const bool unsized = kind == BodyKind::chunked || kind == BodyKind::until_close;
  response_chunked_ = unsized && request_.version == http::Version::http11;
  close_delimited_ = unsized && !response_chunked_;
  // With request bytes still to come nobody can know that the connection will be in step afterwards.
  client_keep_ = !close_delimited_ && may_promise_more();
}

void Exchange::write_response_head(http::Writer& to) {
  const std::optional<sessions::Token> token = route_->affinity ? renewed_token() : std::nullopt;
  const bool own = (token || route_->geo_headers) && keep_from_shared_caches();
  to.status_line(response_.status, response_.reason);
  to.fields(response_.fields, http::kHopByHop);
  if (response_.fields.find(FieldId::date) == nullptr) to.field("Date", worker_->http_date());
  to.raw("Via: 1.1 rhumb\r\n");
  if (own && route_->geo_headers) {
    if (view_.facts.where.country.known()) to.field("X-Geo-Country", view_.facts.where.country.view());
    to.field("X-Geo-Region", region_name_);
  }
  if (own && token) write_session_cookie(to, *token);
  const http::Field* length = response_.fields.find(FieldId::content_length);
  if (response_.framing.kind == BodyKind::length) {
    to.field("Content-Length", response_.framing.length);
  } else if (response_.framing.kind == BodyKind::none && length != nullptr && response_.status != 204) {
    to.field("Content-Length", length->value);  // of a HEAD or a 304: what a GET would have had
  } else if (response_chunked_) {
    to.raw("Transfer-Encoding: chunked\r\n");
  }
  // RFC 9110 15.5.22: a 426 says what to upgrade to. The field is of one connection, so it is ours to say.
  const bool offers = response_.status == 426 && request_.version == http::Version::http11 && route_->websocket &&
                      response_.fields.has_token(FieldId::upgrade, "websocket");
  if (offers) to.raw("Upgrade: websocket\r\n");
  if (!client_keep_) {
    to.raw(offers ? "Connection: close, Upgrade\r\n" : "Connection: close\r\n");
  } else if (offers) {
    to.raw("Connection: Upgrade\r\n");
  } else if (request_.version == http::Version::http10) {
    to.raw("Connection: keep-alive\r\n");
  }
  to.end_of_head();
}

/// The token the client is to get now, if any.
std::optional<sessions::Token> Exchange::renewed_token() const noexcept {
  const auto& config = world_->config();
  const RegionBackend& backend = config.backends[decision_.winner];
  const auto renewed = sessions::renew(have_token_ ? &token_ : nullptr, backend.key,
                                       backend.endpoint_keys[static_cast<size_t>(endpoint_)], config.spec.sessions,
                                       worker_->loop().wall());
  return renewed && world_->codec().may_seal() ? renewed : std::nullopt;
}

/// Whether the response may carry what is this client's alone: no shared cache gives it to another one.
bool Exchange::keep_from_shared_caches() {
  const http::SharedCaching caching = http::shared_caching(request_.method, authorized_, response_);
  if (caching == http::SharedCaching::no) return true;
  const bool kept = caching == http::SharedCaching::stores && !world_->config().spec.sessions.skip_cacheable &&
                    http::make_private(response_.fields, *arena_);
  (kept ? worker_->cells().made_private : worker_->cells().left_out).add();
  return kept;
}

void Exchange::write_session_cookie(http::Writer& to, const sessions::Token& token) {
  sessions::write_cookie(to, world_->config().spec.sessions, world_->codec(), view_.tenant, token);
}

Exchange::Next Exchange::response_body(Out& out, std::string_view& bytes) {
  const bool was_done = response_body_.done();
  while (!bytes.empty() && !response_body_.done()) {
    const http::BodyDecoder::Step step = response_body_.next(bytes);
    if (step.failed) {
      out.send();
      truncate(FaultKind::upstream_malformed);
      return Next::over;
    }
    bytes.remove_prefix(step.consumed);
    record_.bytes_out += step.data.size();
    out.data(step.data, response_chunked_);
  }
  if (response_body_.done() && !was_done && response_chunked_)
    out.framing("0\r\n"), out.framing(response_body_.trailers()), out.framing("\r\n");
  return Next::wait;
}

void Exchange::upstream_ended(bool error) {
  if (!head_answered_)
    return attempt_failed({FaultKind::upstream_reset, error ? "reset" : "closed before a complete head"});
  if (error || !response_body_.finish()) return truncate(FaultKind::upstream_truncated);
  if (response_chunked_) {
    Out out(client_->stream(), worker_->scratch());
    out.writer().raw("0\r\n\r\n");
    if (!out.send()) return client_lost(FaultKind::client_gone);
  }
  response_complete();
}

void Exchange::response_complete() {
  // Neither a splice nor a full read tells whether it took all there was: one look does, and ends a pause.
  net::TcpStream& up = upstream_->stream();
  if (!surplus_ && up.readable()) surplus_ = up.read(worker_->read_buffer()).status != net::IoStatus::would_block;
  const bool whole = request_body_.done() && !upload_held() && up.pending() == 0;
  end_attempt(whole && response_.keep_alive && response_.framing.kind != BodyKind::until_close && !surplus_);
  flush_then_finish();
}

/// The rest will not come. The client must see that the response is cut: no last chunk, no clean end of a
/// close-delimited body.
void Exchange::truncate(FaultKind kind) {
  if (kind == FaultKind::upstream_idle_timeout && (client_->stream().pending() != 0 || response_splice_.held() != 0)) {
    // Not the upstream's silence: the client is slow, and its own timer watches that.
    return arm(TimerKind::response_idle, idle_limit_);
  }
  if (!record_.cut) record_.cut = kind;
  record_.fault = kind;
  record_.truncated = true;
  cut_ = true;
  client_keep_ = false;
  if (kind == FaultKind::upstream_idle_timeout) meter_->timeouts.add();
  // Not what the client did wrong, and a 5xx was counted with its head.
  if (base::info(kind).side == base::Side::upstream && response_.status < 500) meter_->errors.add();
  worker_->cells().faults[static_cast<size_t>(kind)].add();
  end_attempt(false);
  flush_then_finish();
}

bool Exchange::can_splice_response() {
  if (response_splice_.held() != 0) return true;
  const bool worth = head_answered_ && !response_chunked_ && state_ == State::streaming &&
                     client_->stream().pending() == 0 &&
                     response_body_.plain_remaining() >= (response_splice_.open() ? 1 : kSpliceFrom);
  return worth && response_splice_.start(worker_->pipes());
}

/// The client has to read before the upstream is read again.
bool Exchange::client_holds_response() noexcept {
  const net::TcpStream& client = client_->stream();
  return !client.writable() && (response_splice_.held() != 0 || client.pending() > kHighWater);
}

/// True: went well, look again; false: wait, or over.
bool Exchange::splice_response() {
  size_t taken = 0;
  const Splice::Step step =
      response_splice_.move(upstream_->stream(), client_->stream(), response_body_.plain_remaining(), taken);
  if (taken != 0) {
    response_body_.skip(taken);
    record_.bytes_out += taken;
    arm(TimerKind::response_idle, idle_limit_);
  }
  switch (step) {
    case Splice::Step::ended:
    case Splice::Step::failed:
      return upstream_ended(step == Splice::Step::failed), false;
    case Splice::Step::broken:
      return client_lost(FaultKind::client_gone), false;
    case Splice::Step::wait:
    case Splice::Step::moved:
      watch_writes(response_splice_.held());
      if (step == Splice::Step::wait) return false;
      if (response_body_.done()) return response_complete(), false;
      return true;
  }
  return false;
}

}  // namespace rhumb::proxy
