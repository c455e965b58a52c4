// SPDX-License-Identifier: Apache-2.0
#include "admin/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <span>

#include "base/bytes.h"
#include "base/log.h"
#include "http/h1_writer.h"

namespace rhumb::admin {

namespace {

constexpr int kRounds = 4;          // reads of one turn
constexpr size_t kMostMethod = 32;  // of a method that is none of ours, for the audit

bool is_json(std::string_view content_type) {
  return base::iequals(base::trim(base::take_until(content_type, ';')), "application/json");
}

std::string head_of(const Response& response, std::optional<size_t> length, bool chunked) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\n", response.status,
                                 http::reason_phrase(static_cast<uint16_t>(response.status)), response.content_type);
  if (length) head += fmt::format("Content-Length: {}\r\n", *length);
  for (const auto& [name, value] : response.headers) head += fmt::format("{}: {}\r\n", name, value);
  if (chunked) head += "Transfer-Encoding: chunked\r\n";
  return head + "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n";
}

/// A body that is there as a whole, piece by piece.
class WholeBody final : public BodySource {
 public:
  explicit WholeBody(std::string body) : body_(std::move(body)) {}
  State next(std::string& to) override {
    constexpr size_t kPiece = 64 << 10;
    to.append(body_, at_, kPiece);
    at_ = std::min(at_ + kPiece, body_.size());
    return at_ == body_.size() ? State::done : State::more;
  }

 private:
  std::string body_;
  size_t at_ = 0;
};

}  // namespace

Session::Session(Desk& desk, net::Fd fd, net::Peer peer, Welcome welcome)
    : desk_(desk),
      stream_(desk.loop, std::move(fd), *this, desk.blocks),
      peer_(std::move(peer)),
      arena_(desk.blocks),
      timer_([](void* self) noexcept { static_cast<Session*>(self)->overdue(); }, this),
      welcome_(welcome) {
  arm(kHead);
  desk_.owed.take(id_) = this;
  ++desk_.count;
  desk_.sessions.push_back(*this);
}

Session::~Session() { desk_.loop.timers().remove(timer_); }

void Session::arm(base::Micros in) { desk_.loop.timers().arm(timer_, std::min(desk_.loop.now() + in, ends_)); }

void Session::close() {
  if (stage_ == Stage::closed) return;
  if (stage_ == Stage::owed) tell_audit(0, {});
  source_.reset();
  desk_.owed.release(id_);
  stage_ = Stage::closed;
  stream_.close();
  account();
  desk_.loop.timers().cancel(timer_);
  --desk_.count;
  base::ListHook<Session>::unlink();
  desk_.loop.bury(std::unique_ptr<net::Buried>(this));
}

void Session::cut() {
  stream_.close_with_reset();
  close();
}

void Session::account() noexcept {
  desk_.pending_in_all += stream_.pending() - counted_;
  counted_ = stream_.pending();
}

void Session::overdue() {
  switch (stage_) {
    case Stage::body:
      return answer(error_response(408, "slow", "the body did not arrive within 10 s"));
    case Stage::owed:
      return answer(error_response(504, "no_answer", "what was asked for did not end within 5 minutes"));
    case Stage::sending:
    case Stage::streaming:
      return cut();
    default:
      return close();
  }
}

void Session::on_stream() noexcept {
  switch (stage_) {
    case Stage::head:
    case Stage::body:
      return take_in();
    case Stage::sending:
    case Stage::streaming:
      return move_out();
    case Stage::owed:
    case Stage::lingering:
      return drain();
    case Stage::closed:
      return;
  }
}

void Session::work() {
  queued_ = false;
  if (stage_ == Stage::head || stage_ == Stage::body) return take_in();
  if (stage_ == Stage::owed && !called_) return call();
  if (stage_ == Stage::streaming) pump();
}

void Session::take_in() {
  char buffer[16384];
  for (int rounds = kRounds; stage_ == Stage::head || stage_ == Stage::body;) {
    if (!stream_.readable()) return;
    if (rounds-- == 0) return desk_.queue(id_);
    const net::IoResult r = stream_.read(buffer);
    if (r.status == net::IoStatus::would_block) return;
    if (r.status != net::IoStatus::ok) return close();
    if (stage_ == Stage::body) {
      take_body({buffer, r.bytes});
    } else {
      received_.append(buffer, r.bytes);
      take_head();
    }
  }
}

void Session::take_head() {
  const http::ParseResult result = parser_.feed(received_, arena_, head_);
  if (result.status == http::ParseStatus::need_more) return;
  if (result.status == http::ParseStatus::failed) {
    head_ = {};  // half of a head, and its views may be of bytes that have moved since: nothing of it is used
    return answer(error_response(static_cast<int>(result.fault.status()), "bad_request", result.fault.detail));
  }
  ++desk_.counts.requests;
  if (auto refusal = refuse_head()) return answer(*std::move(refusal));
  stage_ = Stage::body;
  arm(kBody);
  decoder_.start(head_.framing, base::FaultKind::bad_request);
  if (head_.expect_continue && !stream_.write("HTTP/1.1 100 Continue\r\n\r\n")) return close();
  // The head's views stand in received_, which stays as it is from here on.
  take_body(std::string_view(received_).substr(result.consumed));
}

std::optional<Response> Session::refuse_head() {
  const bool urgent = desk_.router.urgent(head_.method, head_.path);
  if (welcome_.throttled && !(urgent && desk_.urgent.take(desk_.loop.now()))) {
    ++desk_.counts.throttled;
    Response refusal = error_response(429, "too_many_requests", "more than 200 requests a second, or 100 for one");
    refusal.headers.emplace_back("Retry-After", "1");
    return refusal;
  }
  if (welcome_.spare && !urgent) {
    ++desk_.counts.crowded;
    return error_response(503, "too_many_connections", "64 connections are answered already");
  }
  auto caller = desk_.access.admit(peer_, head_, desk_.loop.now());
  if (!caller) {
    ++desk_.counts.refused;
    return caller.error();
  }
  caller_ = std::move(*caller);
  if (auto refusal = refuse_body()) return refusal;
  auto found = desk_.router.find(request());
  if (!found) return std::move(found).error();
  if (!found->endpoint->urgent)
    if (auto refusal = desk_.too_many_answers(*this)) return refusal;
  found_ = *std::move(found);
  return std::nullopt;
}

std::optional<Response> Session::refuse_body() const {
  const http::Framing framing = head_.framing;
  const bool has_body = framing.kind == http::BodyKind::chunked || framing.length > 0;
  if (framing.kind == http::BodyKind::length && framing.length > kMaxBody)
    return error_response(413, "too_large", "a body has at most 64 KiB");
  if (has_body && !http::is_safe(head_.method) && !is_json(head_.fields.get(http::FieldId::content_type)))
    return error_response(415, "content_type", "a body is sent with Content-Type: application/json");
  return std::nullopt;
}

/// What comes behind the body (a second request) is not looked at: the connection ends with this answer.
void Session::take_body(std::string_view bytes) {
  while (!bytes.empty() && !decoder_.done()) {
    const auto step = decoder_.next(bytes);
    if (step.failed) return answer(error_response(400, "bad_request", step.fault.detail));
    if ((body_bytes_ += step.data.size()) > kMaxBody)
      return answer(error_response(413, "too_large", "a body has at most 64 KiB"));
    if (!http::is_safe(head_.method)) body_ += step.data;
    bytes.remove_prefix(step.consumed);
  }
  if (decoder_.done()) ask();
}

void Session::ask() {
  stage_ = Stage::owed;
  arm(kOwed);
  if (found_.endpoint->urgent) return call();
  desk_.queue(id_);
}

Request Session::request() const {
  Request asked{head_.method, head_.path, head_.query, body_, caller_};
  asked.last_event_id = head_.fields.get("Last-Event-ID");
  return asked;
}

void Session::call() {
  called_ = true;
  desk_.router.call(found_, request(), {desk_.weak_from_this(), id_});
}

/// What still comes is thrown away, up to a limit. The end of it ends a session that has said all, and a stream without
/// an end; one whose answer is under way was told "no more requests" (RFC 9112 9.6), and says it.
void Session::drain() {
  char buffer[16384];
  while (stream_.open() && stream_.readable()) {
    const net::IoResult r = stream_.read(buffer);
    if (r.status == net::IoStatus::would_block) return;
    const bool ends = stage_ == Stage::lingering || streams_for_ever();
    if (r.status == net::IoStatus::end && !ends) return;
    drained_ += r.bytes;
    if (r.status != net::IoStatus::ok || drained_ > kMaxBody) return close();
  }
}

/// Here and nowhere else all answers pass, so no endpoint can keep a change to itself.
void Session::tell_audit(int status, std::string_view change) {
  const bool denied = status == 401 || status == 403;
  if (desk_.audit == nullptr || welcome_.throttled || (http::is_safe(head_.method) && !denied)) return;
  const std::string who = !caller_.name.empty() ? caller_.name
                          : peer_.local         ? fmt::format("uid {} pid {}", peer_.uid, peer_.pid)
                                                : fmt::format("address {}", peer_.address.to_string());
  const std::string_view ours = method_name(head_.method);
  const std::string_view method = ours.empty() ? head_.method_text.substr(0, kMostMethod) : ours;
  desk_.audit->tell({who, method, head_.path, status, change, peer_name(peer_), caller_.role >= Role::operate});
}

void Session::answer(Response response) {
  const size_t length = response.body.size();
  if (length > kSmall) {
    auto body = std::make_unique<WholeBody>(std::move(response.body));
    return begin_stream(response, std::move(body), length);
  }
  tell_audit(response.status, response.change);
  const std::string head = head_of(response, length, false);
  finish(head_.method == http::Method::head ? head : head + response.body);
}

void Session::finish(std::string_view last) {
  source_.reset();
  stage_ = Stage::sending;
  const bool sent = stream_.write(last);
  account();
  if (!sent) return close();
  if (stream_.pending() == 0) return linger();
  moved_ = desk_.loop.now();
  ends_ = std::min(ends_, moved_ + kAnswer);
  arm(kStalled);
}

/// Our side is done. Closing at once while the client still sends would be a reset, which takes the answer with it.
void Session::linger() {
  stage_ = Stage::lingering;
  ends_ = base::Instant::max();
  stream_.shutdown_write();
  arm(kLinger);
  drain();
}

void Session::begin_stream(const Response& head, std::unique_ptr<BodySource> source, std::optional<size_t> length) {
  if (source->endless())
    if (auto refusal = desk_.too_many_streams(*this)) return answer(*std::move(refusal));
  tell_audit(head.status, head.change);
  stage_ = Stage::streaming;
  source_ = std::move(source);
  chunked_ = !length && head_.version == http::Version::http11;
  desk_.loop.timers().cancel(timer_);
  moved_ = desk_.loop.now();
  if (!source_->endless()) ends_ = moved_ + kAnswer;
  exhausted_ = head_.method == http::Method::head;
  if (!stream_.write(head_of(head, length, chunked_))) return close();
  account();
  desk_.queue(id_);
}

/// One piece. The next one has to wait until all others had their turn.
void Session::pump() {
  BodySource::State state = BodySource::State::done;
  if (!exhausted_) {
    waits_for_room_ = !desk_.room(stream_.pending());
    if (waits_for_room_) return watch_progress(false);
    std::string& piece = desk_.piece;
    piece.clear();
    try {
      state = source_->next(piece);
    } catch (const std::exception& error) {
      base::log(base::LogLevel::error, "admin: {}: {}", found_.endpoint->pattern, error.what());
      return cut();
    }
    exhausted_ = state == BodySource::State::done;
    const bool written = write_piece(piece);
    account();
    if (!written) return close();
  }
  if (exhausted_) return move_out();
  watch_progress(false);
  if (state == BodySource::State::more) desk_.queue(id_);
}

bool Session::write_piece(std::string_view piece) {
  if (piece.empty()) return true;
  if (!chunked_) return stream_.write(piece);
  const std::string size = fmt::format("{:x}\r\n", piece.size());
  const auto part = [](std::string_view text) { return iovec{const_cast<char*>(text.data()), text.size()}; };
  const std::array<iovec, 3> chunk = {part(size), part(piece), part("\r\n")};
  return stream_.write(std::span<const iovec>(chunk));
}

/// There is room again, or the client went, or all has been said.
void Session::move_out() {
  const size_t before = stream_.pending();
  if (!stream_.flush()) return close();
  account();
  const size_t after = stream_.pending();
  watch_progress(after < before);
  if (stage_ == Stage::sending && after == 0) return linger();
  drain();
  if (stage_ != Stage::streaming) return;
  if (!exhausted_) {
    if (waits_for_room_ && after < before) desk_.queue(id_);
  } else if (after == 0) {
    finish(chunked_ && head_.method != http::Method::head ? "0\r\n\r\n" : "");
  }
}

/// A reader that takes nothing for 30 s is cut, and so is one that has not taken all in five minutes; one that has
/// everything there is may wait for ever.
void Session::watch_progress(bool moved) {
  if (moved) moved_ = desk_.loop.now();
  if (stream_.pending() == 0) return desk_.loop.timers().cancel(timer_);
  if (moved || !timer_.armed()) arm(kStalled);
}

}  // namespace rhumb::admin
