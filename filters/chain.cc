// SPDX-License-Identifier: Apache-2.0
#include "filters/chain.h"

#include <algorithm>

#include "base/check.h"

namespace rhumb::filters {

Chain::Chain(std::vector<Entry> entries) {
  RHUMB_ASSERT(entries.size() < 0xffff);
  for (size_t phase = 0; phase < begin_.size(); ++phase) {
    begin_[phase] = static_cast<uint16_t>(entries_.size());
    for (Entry& entry : entries)
      if (static_cast<size_t>(entry.type->phase) == phase) entries_.push_back(std::move(entry));
  }
  wants_response_ = std::any_of(entries_.begin(), entries_.end(), [](const Entry& e) { return e.type->on_response; });
}

void ChainCursor::start(const Chain& chain, ExchangeView& view) {
  cancel();
  chain_ = &chain;
  at_ = end_ = 0;
  view.slots = view.arena->make_array<void*>(chain.size());
}

Verdict ChainCursor::run_request(FilterContext& ctx, Phase from, Phase to) {
  RHUMB_ASSERT(chain_ != nullptr && !paused_);
  at_ = chain_->begin(from);
  end_ = chain_->end(to);
  return run(ctx);
}

Verdict ChainCursor::run(FilterContext& ctx) {
  for (; at_ < end_; ++at_) {
    const Chain::Entry& entry = chain_->entries()[at_];
    if (!entry.type->on_request) continue;
    ctx.enter(at_, &ticket_);
    const uint16_t before = ticket_;
    const Verdict verdict = settle(entry.filter->on_request(ctx), before);
    if (verdict.kind() != Verdict::Kind::next) return verdict;
  }
  return Verdict::next();
}

/// Nobody would ever wake a filter that sleeps without having asked for it.
Verdict ChainCursor::settle(Verdict verdict, uint16_t ticket_before) {
  if (verdict.kind() != Verdict::Kind::pause) return verdict;
  if (ticket_ == ticket_before) {
    RHUMB_BUG("a filter paused without wake()");
    return Verdict::fail({base::FaultKind::internal, "a filter paused without wake()"});
  }
  paused_ = true;
  return verdict;
}

Verdict ChainCursor::resume(FilterContext& ctx, base::Wake wake, bool& stale) {
  stale = !paused_ || wake.filter != at_ || wake.ticket != ticket_;
  if (stale) return Verdict::pause();
  cancel();  // the first of wake and deadline takes the ticket; the other is stale from here on
  ctx.enter(at_, &ticket_);
  const uint16_t before = ticket_;
  const Verdict verdict = settle(chain_->entries()[at_].filter->on_wake(ctx), before);
  if (verdict.kind() != Verdict::Kind::next) return verdict;
  ++at_;
  return run(ctx);
}

Verdict ChainCursor::run_response(FilterContext& ctx) {
  RHUMB_ASSERT(chain_ != nullptr);
  const auto entries = chain_->entries();
  for (size_t i = entries.size(); i-- > 0;) {
    if (!entries[i].type->on_response) continue;
    ctx.enter(static_cast<uint16_t>(i), &ticket_);
    const Verdict verdict = entries[i].filter->on_response(ctx);
    if (verdict.kind() == Verdict::Kind::pause) {
      RHUMB_BUG("a response filter paused");
      return Verdict::fail({base::FaultKind::internal, "a response filter paused"});
    }
    if (verdict.kind() != Verdict::Kind::next) return verdict;
  }
  return Verdict::next();
}

}  // namespace rhumb::filters
