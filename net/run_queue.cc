// SPDX-License-Identifier: Apache-2.0
#include "net/run_queue.h"

#include <algorithm>

namespace rhumb::net {

Task::~Task() {
  if (queue_ != nullptr && queue_->running_ == this) queue_->running_ = nullptr;
}

void RunQueue::add(Task& task, Share* share) noexcept {
  if (task.linked()) return;
  Share& of = share != nullptr ? *share : own_;
  task.queue_ = this;
  of.tasks_.push_back(task);
  if (of.linked()) return;
  ring_.push_back(of);
  // What it used too much is forgotten while it wants nothing. The start of the last step is the latest time that is
  // known here without a look at the clock.
  const base::Micros away = step_began_ - of.used_at_;
  of.used_ = std::max(of.used_ - std::max(away, base::Micros(0)), base::Micros(0));
}

/// The share whose task runs next: the first of the ring that has some of its slice left. Null: nobody waits.
Share* RunQueue::next_share() noexcept {
  while (!ring_.empty()) {
    Share& share = ring_.front();
    if (share.tasks_.empty()) {  // they were removed
      share.unlink();
      continue;
    }
    if (share.used_ < kSlice || &share == &ring_.back()) return &share;
    share.used_ -= kSlice;
    share.unlink();
    ring_.push_back(share);
  }
  return nullptr;
}

void RunQueue::run(base::Instant until) noexcept {
  if (ring_.empty()) return;
  base::Instant now = clock_.now();
  Share* share = next_share();
  if (share == nullptr) return;
  do now = step(*share, now);
  while (now < until && (share = next_share()) != nullptr);
}

/// Runs one task of the share; returns the time after it. The share outlives the step: its owner buries it at the
/// earliest (net/loop.h).
base::Instant RunQueue::step(Share& share, base::Instant began) noexcept {
  step_began_ = began;
  const bool watched = began < share.watched_until_;
  const base::Micros processor = watched ? clock_.processor() : base::Micros(0);
  running_ = &share.tasks_.pop_front();
  running_->run();
  const base::Instant now = clock_.now();
  share.used_ = std::min(share.used_ + (now - began), kMostDebt);
  share.used_at_ = now;
  if (share.tasks_.empty()) share.unlink();
  if (now - began >= kLong) charge_long_step(share, now, watched ? clock_.processor() - processor : base::Micros(0));
  running_ = nullptr;
  return now;
}

// Time alone proves nothing: the kernel may have let others run meanwhile. So the first long step of a share only makes
// it watched, and from then on the processor's time counts, which costs two system calls a step.
void RunQueue::charge_long_step(Share& share, base::Instant now, base::Micros processor) noexcept {
  share.watched_until_ = now + kWatch;
  share.excess_ = std::max(share.excess_ - (now - share.faded_at_) / kForget, base::Micros(0));
  share.faded_at_ = now;
  if (processor < kLong) return;
  share.excess_ += processor;
  if (share.excess_ >= kCostly && running_ != nullptr) running_->too_costly();
}

}  // namespace rhumb::net
