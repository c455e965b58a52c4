// SPDX-License-Identifier: Apache-2.0
// One connection of the admin listener: a head, a body, an answer or a stream, the end. Everything has a deadline.
// Owned by itself while it is open, by the loop's graveyard after that; the desk lists it. Control thread.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "admin/api.h"
#include "admin/audit.h"
#include "admin/auth.h"
#include "admin/router.h"
#include "base/arena.h"
#include "base/intrusive.h"
#include "http/h1_parser.h"
#include "net/loop.h"
#include "net/peer.h"
#include "net/tcp_stream.h"

namespace rhumb::admin {

class Session;

/// What the sessions of one server share, and the way from a Reply to its session.
class Desk final : public ReplySink, public std::enable_shared_from_this<Desk> {
 public:
  static constexpr size_t kMaxSessions = 64, kMaxStreams = 16;
  /// `audit` is told of every change and every denial; null: nobody is.
  Desk(net::Loop& on, Access rules, const Router& to, Audit* told)
      : loop(on), access(std::move(rules)), router(to), audit(told) {}

  void send(ReplyId id, Response response) override;
  void stream(ReplyId id, int status, std::string content_type, std::unique_ptr<BodySource> source) override;
  void wake(ReplyId id) override;
  bool gone(ReplyId id) const override;
  /// Session::resume() at the end of this turn, if it is still there then.
  void resume_later(ReplyId id);

  net::Loop& loop;
  Access access;
  const Router& router;
  Audit* audit;
  base::BlockPool blocks{16};
  base::SlotTable<Session*> owed;
  base::List<Session, Session> sessions;
  size_t count = 0, streams = 0;  // of the streams, those without an end
  AdminCounts counts;

 private:
  Session* find(ReplyId id) const;
};

class Session final : public net::Buried, public base::ListHook<Session>, private net::StreamOwner {
 public:
  static constexpr size_t kMaxBody = 1 << 20;
  static constexpr size_t kMaxPending = 256 << 10;  // of a stream: beyond it, nothing more is asked for
  static constexpr base::Micros kHead = base::Seconds(5), kBody = base::Seconds(10), kOwed = base::Seconds(300),
                                kStalled = base::Seconds(30), kLinger = base::Seconds(2);

  /// `throttled`: its request is read and refused.
  Session(Desk& desk, net::Fd fd, net::Peer peer, bool throttled);
  ~Session() override;

  void answer(const Response& response);
  void begin_stream(int status, const std::string& content_type, std::unique_ptr<BodySource> source);
  /// Goes on where it stopped so that others had their turn.
  void resume();
  bool owes() const noexcept { return stage_ == Stage::owed; }
  bool streams() const noexcept { return stage_ == Stage::streaming; }
  ReplyId id() const noexcept { return id_; }
  void close();

 private:
  enum class Stage : uint8_t { head, body, owed, sending, streaming, lingering, closed };
  void on_stream() noexcept override;
  void take_in();
  void take_head();
  void take_body(std::string_view bytes);
  void ask();
  std::optional<Response> refuse_head();
  void drain();
  void pump();
  bool write_piece();
  void move_out();
  void finish(std::string_view last);
  void linger();
  void watch_progress(bool moved);
  void end_stream();
  void arm(base::Micros in);
  void overdue();
  void tell_audit(int status, std::string_view change);

  Desk& desk_;
  net::TcpStream stream_;
  net::Peer peer_;
  base::Arena arena_;
  net::Timer timer_;
  http::RequestParser parser_{{8192, 16384, 64}};
  http::RequestHead head_;
  http::BodyDecoder decoder_;
  std::string received_, body_, piece_;
  Caller caller_;
  ReplyId id_;
  std::unique_ptr<BodySource> source_;
  size_t drained_ = 0;  // bytes nobody asked for
  Stage stage_ = Stage::head;
  bool throttled_ = false, chunked_ = false, exhausted_ = false, resumes_ = false;
  friend class Desk;
};

}  // namespace rhumb::admin
