// SPDX-License-Identifier: Apache-2.0
#include "net/loop.h"

#include <event2/event.h>

#include "base/check.h"
#include "base/log.h"

namespace rhumb::net {

namespace {

/// libevent's own way is to write to standard error, and to wait for who reads that.
void tell_of_libevent(int severity, const char* message) {
  const auto level = severity >= EVENT_LOG_ERR    ? base::LogLevel::error
                     : severity == EVENT_LOG_WARN ? base::LogLevel::warning
                                                  : base::LogLevel::debug;
  base::log(level, "libevent: {}", message);
}

}  // namespace

void Loop::AlarmDeleter::operator()(void* event) const noexcept { event_free(static_cast<struct event*>(event)); }

Loop::Loop(const base::Clock& clock) : clock_(clock), timers_(clock.now()), tasks_(clock) {
  static const bool told = (event_set_log_callback(tell_of_libevent), true);  // of the process
  RHUMB_ASSERT(told);
  event_config* config = event_config_new();
  RHUMB_ASSERT(config != nullptr);
  event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
  event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
  event_config_require_features(config, EV_FEATURE_ET | EV_FEATURE_EARLY_CLOSE | EV_FEATURE_O1);
  base_ = event_base_new_with_config(config);
  event_config_free(config);
  RHUMB_ASSERT(base_ != nullptr);
  alarm_.reset(event_new(
      base_, -1, 0,
      [](evutil_socket_t, short, void* self) {
        static_cast<Loop*>(self)->begin_turn();
        static_cast<Loop*>(self)->alarm_set_ = false;
      },
      this));
}

Loop::~Loop() {
  while (!graveyard_.empty()) finish_turn();
  alarm_.reset();
  event_base_free(base_);
}

void Loop::refresh_clock() noexcept {
  now_ = clock_.now();
  now_valid_ = true;
}

void Loop::wait(base::Micros limit) {
  int flags = EVLOOP_ONCE;
  const base::Instant next = timers_.next();
  if (hurry_ || limit == base::Micros(0) || !posted_.empty() || tasks_.waiting()) {
    flags |= EVLOOP_NONBLOCK;
  } else {
    base::Instant until = next;
    if (limit.count() > 0) until = std::min(until, now() + limit);
    // The alarm stays armed from turn to turn: setting it anew only when the next timer moved forward saves the work.
    // Only its own callback knows that it has rung.
    if (until != base::Instant::max() && (!alarm_set_ || until < alarm_at_)) {
      const base::Micros delay = std::max(until - now(), base::Micros(0));
      timeval tv{static_cast<time_t>(delay.count() / 1'000'000), static_cast<suseconds_t>(delay.count() % 1'000'000)};
      event_add(static_cast<struct event*>(alarm_.get()), &tv);
      alarm_at_ = until;
      alarm_set_ = true;
    }
  }
  hurry_ = false;
  now_valid_ = wall_valid_ = false;
  event_base_loop(base_, flags);
}

void Loop::turn(base::Micros limit) {
  wait(limit);
  begin_turn();
  if (const base::Instant due = timers_.next(); due <= now_) {
    if (lags_ != nullptr) lags_->observe(now_ - due);
    if (!timers_.advance(now_, &clock_, now_ + RunQueue::kTurn)) do_not_wait();
  }
  tasks_.run(now_ + RunQueue::kTurn);
  finish_turn();
  if (turn_times_ != nullptr) turn_times_->observe(clock_.now() - now_);
  under_way_.store(0, std::memory_order_relaxed);
  ++turns_;
}

void Loop::finish_turn() {
  running_.swap(posted_);
  for (auto& work : running_) work();
  running_.clear();
  if (end_of_turn_) end_of_turn_();
  dying_.swap(graveyard_);
  dying_.clear();
}

void Loop::run() {
  stopping_ = false;
  while (!stopping_) turn();
}

}  // namespace rhumb::net
