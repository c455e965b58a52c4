// SPDX-License-Identifier: Apache-2.0
#include "admin/desk.h"

#include <fmt/format.h>

#include "admin/session.h"

namespace rhumb::admin {
namespace {

Response come_again(int status, std::string_view code, const std::string& message, const char* seconds) {
  Response refusal = error_response(status, code, message);
  refusal.headers.emplace_back("Retry-After", seconds);
  return refusal;
}

}  // namespace

Desk::Desk(net::Loop& on, Access rules, const Router& to, Audit* told)
    : loop(on), access(std::move(rules)), router(to), audit(told) {}

Desk::~Desk() = default;

Session* Desk::find(ReplyId id) const {
  Session* const* found = const_cast<Desk*>(this)->owed.find(id);
  return found == nullptr ? nullptr : *found;
}

void Desk::send(ReplyId id, Response response) {
  Session* session = find(id);
  if (session != nullptr && session->owes()) session->answer(std::move(response));
}

void Desk::stream(ReplyId id, Response head, std::unique_ptr<BodySource> source) {
  Session* session = find(id);
  if (session != nullptr && session->owes()) session->begin_stream(head, std::move(source), std::nullopt);
}

void Desk::wake(ReplyId id) {
  const Session* session = find(id);
  if (session != nullptr && session->streams()) queue(id);
}

bool Desk::gone(ReplyId id) const {
  const Session* session = find(id);
  return session == nullptr || !(session->owes() || session->streams());
}

void Desk::queue(ReplyId id) {
  Session* session = find(id);
  if (session == nullptr || std::exchange(session->queued_, true)) return;
  queue_.push_back(id);
  if (queue_.size() == 1) post();
}

void Desk::post() {
  loop.post([desk = weak_from_this()] {
    if (const auto still = desk.lock()) still->work();
  });
}

void Desk::work() {
  Session* session = nullptr;
  // Who has gone meanwhile costs no turn.
  while (session == nullptr && !queue_.empty()) {
    session = find(queue_.front());
    queue_.pop_front();
  }
  // Before the session works, which may queue it again.
  if (!queue_.empty()) post();
  if (session != nullptr) session->work();
}

bool Desk::make_room() {
  Session* done = nullptr;
  Session* silent = nullptr;
  sessions.for_each([&](Session& one) {
    if (done == nullptr && one.said_all()) done = &one;
    if (silent == nullptr && one.silent()) silent = &one;
  });
  Session* const leaves = done != nullptr ? done : silent;
  if (leaves != nullptr) leaves->close();
  return leaves != nullptr;
}

std::optional<Response> Desk::too_many_answers(const Session& asker) {
  const Caller& caller = asker.caller();
  size_t of_role = 0, of_caller = 0;
  Session* slow_of_role = nullptr;
  Session* slow_of_caller = nullptr;
  const auto slower = [](Session* a, Session& b) {
    return b.stalled() && (a == nullptr || b.moved() < a->moved()) ? &b : a;
  };
  sessions.for_each([&](Session& one) {
    if (&one == &asker || !one.answers()) return;
    const bool same = one.caller().peer == caller.peer;
    if (same) ++of_caller, slow_of_caller = slower(slow_of_caller, one);
    if (one.caller().role == caller.role) ++of_role, slow_of_role = slower(slow_of_role, one);
  });
  if (of_role < kAnswersOfRole && of_caller < kAnswersOfCaller) return std::nullopt;
  Session* const slow = of_caller >= kAnswersOfCaller ? slow_of_caller : slow_of_role;
  if (slow != nullptr && loop.now() - slow->moved() >= kGivesWay) {
    slow->cut();
    return std::nullopt;
  }
  ++counts.busy;
  return come_again(
      429, "too_many_answers",
      fmt::format("{} answers for {} are under way, and {} for its role", of_caller, caller.name, of_role), "1");
}

std::optional<Response> Desk::too_many_streams(const Session& asker) {
  size_t all = 0, of_caller = 0;
  sessions.for_each([&](const Session& one) {
    if (!one.streams_for_ever()) return;
    ++all;
    of_caller += one.caller().peer == asker.caller().peer ? 1 : 0;
  });
  if (all < kMaxStreams && of_caller < kStreamsOfCaller) return std::nullopt;
  return come_again(503, "too_many_streams",
                    fmt::format("{} streams are open already, {} of them for {}", all, of_caller, asker.caller().name),
                    "5");
}

}  // namespace rhumb::admin
