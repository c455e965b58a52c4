// SPDX-License-Identifier: Apache-2.0
#include "admin/session.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "http/h1_writer.h"

namespace rhumb::admin {

namespace {

constexpr int kRounds = 16;         // reads of one turn
constexpr size_t kMostMethod = 32;  // of a method that is none of ours, for the audit

bool is_json(std::string_view content_type) {
  return base::iequals(base::trim(base::take_until(content_type, ';')), "application/json");
}

std::string head_of(int status, std::string_view content_type, const Response* whole, bool chunked) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\n", status,
                                 http::reason_phrase(static_cast<uint16_t>(status)), content_type);
  if (whole != nullptr) {
    head += fmt::format("Content-Length: {}\r\n", whole->body.size());
    for (const auto& [name, value] : whole->headers) head += fmt::format("{}: {}\r\n", name, value);
  }
  if (chunked) head += "Transfer-Encoding: chunked\r\n";
  return head + "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n";
}

}  // namespace

Session* Desk::find(ReplyId id) const {
  Session* const* found = const_cast<Desk*>(this)->owed.find(id);
  return found == nullptr ? nullptr : *found;
}

void Desk::send(ReplyId id, Response response) {
  Session* session = find(id);
  if (session != nullptr && session->owes()) session->answer(response);
}

void Desk::stream(ReplyId id, int status, std::string content_type, std::unique_ptr<BodySource> source) {
  Session* session = find(id);
  if (session != nullptr && session->owes()) session->begin_stream(status, content_type, std::move(source));
}

void Desk::wake(ReplyId id) {
  const Session* session = find(id);
  if (session != nullptr && session->streams()) resume_later(id);
}

bool Desk::gone(ReplyId id) const {
  const Session* session = find(id);
  return session == nullptr || !(session->owes() || session->streams());
}

void Desk::resume_later(ReplyId id) {
  Session* session = find(id);
  if (session == nullptr || std::exchange(session->resumes_, true)) return;
  loop.post([desk = weak_from_this(), id] {
    const auto still = desk.lock();
    Session* there = still != nullptr ? still->find(id) : nullptr;
    if (there != nullptr) there->resume();
  });
}

Session::Session(Desk& desk, net::Fd fd, net::Peer peer, bool throttled)
    : desk_(desk),
      stream_(desk.loop, std::move(fd), *this, desk.blocks),
      peer_(std::move(peer)),
      arena_(desk.blocks),
      timer_([](void* self) noexcept { static_cast<Session*>(self)->overdue(); }, this),
      throttled_(throttled) {
  arm(kHead);
  desk_.owed.take(id_) = this;
  ++desk_.count;
  desk_.sessions.push_back(*this);
}

Session::~Session() { desk_.loop.timers().remove(timer_); }

void Session::arm(base::Micros in) { desk_.loop.timers().arm(timer_, desk_.loop.now() + in); }

void Session::close() {
  if (stage_ == Stage::closed) return;
  if (stage_ == Stage::owed) tell_audit(0, {});
  end_stream();
  desk_.owed.release(id_);
  stage_ = Stage::closed;
  stream_.close();
  desk_.loop.timers().cancel(timer_);
  --desk_.count;
  base::ListHook<Session>::unlink();
  desk_.loop.bury(std::unique_ptr<net::Buried>(this));
}

void Session::end_stream() {
  if (stage_ != Stage::streaming) return;
  if (source_->endless()) --desk_.streams;
  source_.reset();
}

void Session::overdue() {
  switch (stage_) {
    case Stage::body:
      return answer(error_response(408, "slow", "the body did not arrive within 10 s"));
    case Stage::owed:
      return answer(error_response(504, "no_answer", "what was asked for did not end within 5 minutes"));
    case Stage::sending:
    case Stage::streaming:
      stream_.close_with_reset();
      return close();
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

void Session::resume() {
  resumes_ = false;
  if (stage_ == Stage::head || stage_ == Stage::body) take_in();
  if (stage_ == Stage::streaming) pump();
}

void Session::take_in() {
  char buffer[16384];
  for (int rounds = kRounds; stage_ == Stage::head || stage_ == Stage::body;) {
    if (!stream_.readable()) return;
    if (rounds-- == 0) return desk_.resume_later(id_);
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
  if (const auto refusal = refuse_head()) return answer(*refusal);
  stage_ = Stage::body;
  arm(kBody);
  decoder_.start(head_.framing, base::FaultKind::bad_request);
  if (head_.expect_continue && !stream_.write("HTTP/1.1 100 Continue\r\n\r\n")) return close();
  // The head's views stand in received_, which stays as it is from here on.
  take_body(std::string_view(received_).substr(result.consumed));
}

std::optional<Response> Session::refuse_head() {
  if (throttled_) {
    ++desk_.counts.throttled;
    Response refusal = error_response(429, "too_many_requests", "more than 200 requests a second");
    refusal.headers.emplace_back("Retry-After", "1");
    return refusal;
  }
  auto caller = desk_.access.admit(peer_, head_, desk_.loop.now());
  if (!caller) {
    ++desk_.counts.refused;
    return caller.error();
  }
  caller_ = std::move(*caller);
  const http::Framing framing = head_.framing;
  const bool has_body = framing.kind == http::BodyKind::chunked || framing.length > 0;
  if (framing.kind == http::BodyKind::length && framing.length > kMaxBody)
    return error_response(413, "too_large", "a body has at most 1 MiB");
  if (has_body && !http::is_safe(head_.method) && !is_json(head_.fields.get(http::FieldId::content_type)))
    return error_response(415, "content_type", "a body is sent with Content-Type: application/json");
  return std::nullopt;
}

/// What comes behind the body (a second request) is not looked at: the connection ends with this answer.
void Session::take_body(std::string_view bytes) {
  while (!bytes.empty() && !decoder_.done()) {
    const auto step = decoder_.next(bytes);
    if (step.failed) return answer(error_response(400, "bad_request", step.fault.detail));
    if (body_.size() + step.data.size() > kMaxBody)
      return answer(error_response(413, "too_large", "a body has at most 1 MiB"));
    body_ += step.data;
    bytes.remove_prefix(step.consumed);
  }
  if (decoder_.done()) ask();
}

void Session::ask() {
  stage_ = Stage::owed;
  arm(kOwed);
  Request request{head_.method, head_.path, head_.query, body_, caller_};
  request.last_event_id = head_.fields.get("Last-Event-ID");
  desk_.router.handle(request, {desk_.weak_from_this(), id_});
}

/// What still comes is thrown away, up to a limit. The end of it ends a session that has said all, and a stream; one
/// that is owed an answer was told "no more requests" (RFC 9112 9.6), and is answered.
void Session::drain() {
  char buffer[16384];
  while (stream_.open() && stream_.readable()) {
    const net::IoResult r = stream_.read(buffer);
    if (r.status == net::IoStatus::would_block) return;
    if (r.status == net::IoStatus::end && stage_ == Stage::owed) return;
    drained_ += r.bytes;
    if (r.status != net::IoStatus::ok || drained_ > kMaxBody) return close();
  }
}

/// Here and nowhere else all answers pass, so no endpoint can keep a change to itself.
void Session::tell_audit(int status, std::string_view change) {
  const bool denied = status == 401 || status == 403;
  if (desk_.audit == nullptr || throttled_ || (http::is_safe(head_.method) && !denied)) return;
  const std::string who = !caller_.name.empty() ? caller_.name
                          : peer_.local         ? fmt::format("uid {} pid {}", peer_.uid, peer_.pid)
                                                : fmt::format("address {}", peer_.address.to_string());
  const std::string_view ours = method_name(head_.method);
  const std::string_view method = ours.empty() ? head_.method_text.substr(0, kMostMethod) : ours;
  desk_.audit->tell({who, method, head_.path, status, change});
}

void Session::answer(const Response& response) {
  tell_audit(response.status, response.change);
  const std::string head = head_of(response.status, response.content_type, &response, false);
  finish(head_.method == http::Method::head ? head : head + response.body);
}

void Session::finish(std::string_view last) {
  end_stream();
  stage_ = Stage::sending;
  if (!stream_.write(last)) return close();
  if (stream_.pending() == 0) return linger();
  arm(kStalled);
}

/// Our side is done. Closing at once while the client still sends would be a reset, which takes the answer with it.
void Session::linger() {
  stage_ = Stage::lingering;
  stream_.shutdown_write();
  arm(kLinger);
  drain();
}

void Session::begin_stream(int status, const std::string& content_type, std::unique_ptr<BodySource> source) {
  if (source->endless() && desk_.streams == Desk::kMaxStreams) {
    Response refusal = error_response(503, "too_many_streams", "16 streams are open already");
    refusal.headers.emplace_back("Retry-After", "5");
    return answer(refusal);
  }
  tell_audit(status, {});
  if (source->endless()) ++desk_.streams;
  stage_ = Stage::streaming;
  source_ = std::move(source);
  chunked_ = head_.version == http::Version::http11;
  desk_.loop.timers().cancel(timer_);
  exhausted_ = head_.method == http::Method::head;
  if (!stream_.write(head_of(status, content_type, nullptr, chunked_))) return close();
  desk_.resume_later(id_);
}

/// A few pieces at a time, so that a client that reads as fast as we write does not hold up the others.
void Session::pump() {
  constexpr int kPieces = 4;
  BodySource::State state = BodySource::State::more;
  for (int i = 0; i < kPieces && !exhausted_ && state == BodySource::State::more; ++i) {
    if (stream_.pending() >= kMaxPending) return watch_progress(false);
    piece_.clear();
    state = source_->next(piece_);
    exhausted_ = state == BodySource::State::done;
    if (!write_piece()) return close();
  }
  if (exhausted_) return move_out();
  watch_progress(false);
  if (state == BodySource::State::more) desk_.resume_later(id_);
}

bool Session::write_piece() {
  if (piece_.empty()) return true;
  if (!chunked_) return stream_.write(piece_);
  return stream_.write(fmt::format("{:x}\r\n", piece_.size())) && stream_.write(piece_) && stream_.write("\r\n");
}

/// There is room again, or the client went, or all has been said.
void Session::move_out() {
  const size_t before = stream_.pending();
  if (!stream_.flush()) return close();
  const size_t after = stream_.pending();
  watch_progress(after < before);
  if (stage_ == Stage::sending && after == 0) return linger();
  drain();
  if (stage_ != Stage::streaming) return;
  if (!exhausted_) {
    if (after < before && before >= kMaxPending) desk_.resume_later(id_);
  } else if (after == 0) {
    finish(chunked_ && head_.method != http::Method::head ? "0\r\n\r\n" : "");
  }
}

/// A reader that takes nothing for 30 s is cut; one that has everything may wait for ever.
void Session::watch_progress(bool moved) {
  if (stream_.pending() == 0) return desk_.loop.timers().cancel(timer_);
  if (moved || !timer_.armed()) arm(kStalled);
}

}  // namespace rhumb::admin
