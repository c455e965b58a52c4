// SPDX-License-Identifier: Apache-2.0
#include "admin/events_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "net/timer.h"

namespace rhumb::admin {
namespace {

constexpr base::Micros kHeartbeat = base::Seconds(15);
constexpr size_t kPiece = 32 * 1024;
constexpr uint64_t kPage = 100, kMostPage = 1000;

/// What one client has yet to be told. A slow one is asked seldom; what it missed meanwhile it is told by number.
class EventStream final : public BodySource, private Events::Watcher {
 public:
  EventStream(Events& events, net::Loop& loop, Reply reply, uint64_t after)
      : events_(events),
        loop_(loop),
        reply_(std::move(reply)),
        after_(after),
        timer_([](void* self) noexcept { static_cast<EventStream*>(self)->beat(); }, this) {
    events_.watch(*this);
    rest();
  }
  ~EventStream() override { loop_.timers().remove(timer_); }

  State next(std::string& to) override {
    // Something at once, so that the client knows it is heard; and how soon to come back.
    if (std::exchange(first_, false)) to += "retry: 2000\n\n";
    if (std::exchange(beat_, false)) to += ":\n\n";
    const bool restarted = after_ > events_.last();
    if (restarted) after_ = 0;
    const Event* event = events_.next_after(after_);
    if (restarted) tell_gap(to, event == nullptr ? 0 : event->seq - 1, true);
    for (; event != nullptr; event = events_.next_after(after_)) {
      if (event->seq != after_ + 1) tell_gap(to, event->seq - after_ - 1, false);
      to += fmt::format("id: {}\nevent: {}\ndata: {}\n\n", event->seq, name(event->kind), to_json(*event));
      after_ = event->seq;
      if (to.size() >= kPiece) return State::more;
    }
    rest();
    return State::idle;
  }
  bool endless() const noexcept override { return true; }

 private:
  void on_event() noexcept override { reply_.wake(); }
  void rest() { loop_.timers().arm(timer_, loop_.now() + kHeartbeat); }
  void beat() {
    beat_ = true;
    reply_.wake();
    rest();
  }
  /// `missed` events behind after_ are not kept any more.
  void tell_gap(std::string& to, uint64_t missed, bool restarted) {
    to += fmt::format("event: gap\ndata: {{\"missed\":{},\"restarted\":{}}}\n\n", missed, restarted);
    after_ += missed;
  }

  Events& events_;
  net::Loop& loop_;
  Reply reply_;
  uint64_t after_;
  net::Timer timer_;
  bool first_ = true, beat_ = false;
};

/// A number of the query; `fallback` when it is absent, nothing when it is no number.
std::optional<uint64_t> number(std::string_view text, uint64_t fallback) {
  if (text.empty()) return fallback;
  uint64_t value = 0;
  const auto end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && at == end ? std::optional(value) : std::nullopt;
}

/// What is kept behind a number, at most `limit` events, as one JSON object. What happens meanwhile comes too.
class EventPage final : public BodySource {
 public:
  EventPage(const Events& events, uint64_t after, uint64_t limit)
      : events_(events), after_(after), left_(limit), restarted_(after > events.last()) {
    if (restarted_) after_ = 0;
  }

  State next(std::string& to) override {
    if (std::exchange(first_, false)) to += "{\"events\":[";
    while (left_ != 0) {
      const Event* event = events_.next_after(after_);
      if (event == nullptr) break;
      to += (std::exchange(any_, true) ? "," : "") + to_json(*event);
      missed_ += event->seq - after_ - 1;
      after_ = event->seq;
      --left_;
      if (to.size() >= kPiece) return State::more;
    }
    to += fmt::format("],\"missed\":{},\"restarted\":{},\"next\":{},\"last\":{}}}\n", missed_, restarted_, after_,
                      events_.last());
    return State::done;
  }

 private:
  const Events& events_;
  uint64_t after_, left_, missed_ = 0;
  bool restarted_, first_ = true, any_ = false;
};

}  // namespace

void add_events_api(Router& router, Events& events, net::Loop& loop) {
  router.add({http::Method::get, "/v1/events", Role::read,
              "What happens, as server-sent events; ?format=json&after=N&limit=M: a page at once.",
              [&](const Request& request, const Reply& reply) {
                const bool once = request.parameter("format") == "json";
                const std::string asked = request.parameter("after");
                const std::string_view from = asked.empty() ? request.last_event_id : asked;
                // A stream begins with what is new, a page with what is kept.
                const auto after = number(from, once ? 0 : events.last());
                const auto limit = number(request.parameter("limit"), kPage);
                if (!after || !limit || *limit == 0)
                  return reply.send(error_response(400, "bad_number", "after and limit are numbers, limit above 0"));
                if (once)
                  return reply.stream({}, std::make_unique<EventPage>(events, *after, std::min(*limit, kMostPage)));
                reply.stream({.content_type = "text/event-stream"},
                             std::make_unique<EventStream>(events, loop, reply, *after));
              }});
}

}  // namespace rhumb::admin
