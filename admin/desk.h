// SPDX-License-Identifier: Apache-2.0
// What the sessions of one admin server share: the way from a Reply to its session, whose turn it is to work, and the
// limits that hold for all of them together. Heavy work (an endpoint's call, a piece of a body) is done at the end of a
// turn of the loop, one session a turn, each in its order: between two pieces the loop does all that waits, and urgent
// questions are answered there. Control thread.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "admin/api.h"
#include "admin/audit.h"
#include "admin/auth.h"
#include "admin/bucket.h"
#include "admin/router.h"
#include "base/arena.h"
#include "base/intrusive.h"
#include "net/loop.h"

namespace rhumb::admin {

class Session;

class Desk final : public ReplySink, public std::enable_shared_from_this<Desk> {
 public:
  /// Sessions, and those beyond them that are there for the urgent endpoints alone.
  static constexpr size_t kMaxSessions = 64, kSpareSessions = 8;
  /// Streams without an end, of all and of one caller.
  static constexpr size_t kMaxStreams = 16, kStreamsOfCaller = 4;
  /// Answers under way (asked for and not taken in full yet), of one role and of one caller. When there are so many,
  /// the one whose client has taken nothing for longest gives way, after kGivesWay.
  static constexpr size_t kAnswersOfRole = 16, kAnswersOfCaller = 8;
  static constexpr base::Micros kGivesWay = base::Seconds(2);
  /// Bytes that wait for clients: of one session, and of all together. Beyond it who has any pending waits.
  static constexpr size_t kMaxPending = 128 << 10, kMaxPendingInAll = 4 << 20;

  /// `audit` is told of every change and every denial; null: nobody is.
  Desk(net::Loop& on, Access rules, const Router& to, Audit* told);
  ~Desk();

  void send(ReplyId id, Response response) override;
  void stream(ReplyId id, Response head, std::unique_ptr<BodySource> source) override;
  void wake(ReplyId id) override;
  bool gone(ReplyId id) const override;

  /// Session::work() when it has its turn, if it is still there then.
  void queue(ReplyId id);
  /// Makes room for a newcomer: closes the session that has been answered in full, or else the one that has not said
  /// what it wants, for longest. False: there is none.
  bool make_room();
  /// The refusal when `asker` would be one answer too many and nobody gives way.
  std::optional<Response> too_many_answers(const Session& asker);
  /// The refusal when `asker` would be one stream without an end too many.
  std::optional<Response> too_many_streams(const Session& asker);
  /// Whether a session that has `pending` bytes waiting may have more.
  bool room(size_t pending) const noexcept {
    return pending == 0 || (pending < kMaxPending && pending_in_all < kMaxPendingInAll);
  }

  net::Loop& loop;
  Access access;
  const Router& router;
  Audit* audit;
  Bucket urgent{50, 100};  // urgent requests beyond the rate of all
  base::BlockPool blocks{16};
  base::SlotTable<Session*> owed;
  base::List<Session, Session> sessions;  // oldest first
  size_t count = 0, pending_in_all = 0;
  std::string piece;  // of whoever has his turn
  AdminCounts counts;

 private:
  Session* find(ReplyId id) const;
  void post();
  void work();

  std::deque<ReplyId> queue_;
};

}  // namespace rhumb::admin
