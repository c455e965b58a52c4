// SPDX-License-Identifier: Apache-2.0
// One connection of the admin listener: a head, a body, an answer or a stream, the end. Everything has a deadline, and
// little of it is kept in memory. Owned by itself while it is open, by the loop's graveyard after that; the desk lists
// it and says when it may work. Control thread.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "admin/desk.h"
#include "base/arena.h"
#include "base/intrusive.h"
#include "http/h1_parser.h"
#include "net/peer.h"
#include "net/tcp_stream.h"

namespace rhumb::admin {

class Session final : public net::Buried, public base::ListHook<Session>, private net::StreamOwner {
 public:
  static constexpr size_t kMaxBody = 64 << 10;
  static constexpr size_t kSmall = 32 << 10;  // a body that goes out at once; a larger one goes piece by piece
  static constexpr base::Micros kHead = base::Seconds(5), kBody = base::Seconds(10), kOwed = base::Seconds(300),
                                kStalled = base::Seconds(30), kAnswer = base::Seconds(300), kLinger = base::Seconds(2);

  /// What the server thinks of who comes. throttled: too many come, its request is read and refused. spare: there are
  /// too many sessions. Urgent endpoints are not meant.
  struct Welcome {
    bool throttled = false, spare = false;
  };
  Session(Desk& desk, net::Fd fd, net::Peer peer, Welcome welcome);
  ~Session() override;

  void answer(Response response);
  /// `length`: of the body, when it is known.
  void begin_stream(const Response& head, std::unique_ptr<BodySource> source, std::optional<size_t> length);
  /// It has its turn: one step of what is heavy.
  void work();
  void close();
  /// The client sees that something is missing.
  void cut();

  bool owes() const noexcept { return stage_ == Stage::owed; }
  bool streams() const noexcept { return stage_ == Stage::streaming; }
  bool streams_for_ever() const noexcept { return streams() && source_->endless(); }
  bool silent() const noexcept { return stage_ == Stage::head; }
  bool said_all() const noexcept { return stage_ == Stage::lingering; }
  /// Takes one of the places for answers: it is known what is wanted, and that is not urgent and has an end.
  bool answers() const noexcept {
    return found_.endpoint != nullptr && !found_.endpoint->urgent && !silent() && !said_all() && !streams_for_ever();
  }
  /// Its client has bytes to take.
  bool stalled() const noexcept { return (streams() || stage_ == Stage::sending) && stream_.pending() != 0; }
  /// When its client last took some.
  base::Instant moved() const noexcept { return moved_; }
  const Caller& caller() const noexcept { return caller_; }
  ReplyId id() const noexcept { return id_; }

 private:
  enum class Stage : uint8_t { head, body, owed, sending, streaming, lingering, closed };
  void on_stream() noexcept override;
  void take_in();
  void take_head();
  void take_body(std::string_view bytes);
  void ask();
  void call();
  Request request() const;
  std::optional<Response> refuse_head();
  std::optional<Response> refuse_body() const;
  void drain();
  void pump();
  bool write_piece(std::string_view piece);
  void move_out();
  void finish(std::string_view last);
  void linger();
  void watch_progress(bool moved);
  void account() noexcept;
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
  std::string received_, body_;
  size_t body_bytes_ = 0;
  Caller caller_;
  Router::Found found_;
  ReplyId id_;
  std::unique_ptr<BodySource> source_;
  size_t drained_ = 0;                                   // bytes nobody asked for
  size_t counted_ = 0;                                   // of Desk::pending_in_all
  base::Instant moved_{}, ends_ = base::Instant::max();  // no answer that has an end takes longer
  Stage stage_ = Stage::head;
  Welcome welcome_;
  bool chunked_ = false, exhausted_ = false, waits_for_room_ = false, queued_ = false, called_ = false;
  friend class Desk;
};

}  // namespace rhumb::admin
