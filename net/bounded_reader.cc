// SPDX-License-Identifier: Apache-2.0
#include "net/bounded_reader.h"

#include <algorithm>
#include <array>

namespace rhumb::net {

BoundedReader::BoundedReader(Loop& loop, base::BlockPool& blocks, Owner& owner)
    : loop_(loop),
      owner_(owner),
      deadline_([](void* self) noexcept { static_cast<BoundedReader*>(self)->finish(Stop::late); }, this),
      again_([](void* self) noexcept { static_cast<BoundedReader*>(self)->read(); }, this),
      arena_(blocks) {}

BoundedReader::~BoundedReader() {
  loop_.timers().remove(deadline_);
  loop_.timers().remove(again_);
}

void BoundedReader::start(TcpStream& from, const ReadLimits& limits) noexcept {
  from_ = &from;
  limits_ = limits;
  held_.clear();
  arena_.reset();
  bytes_ = messages_ = 0;
  loop_.timers().arm(deadline_, loop_.now() + limits.time);
}

void BoundedReader::stop() noexcept {
  from_ = nullptr;
  loop_.timers().cancel(deadline_);
  loop_.timers().cancel(again_);
}

void BoundedReader::finish(Stop why) noexcept {
  if (from_ == nullptr) return;
  stop();
  owner_.on_stop(why);
}

void BoundedReader::read() noexcept {
  std::array<char, 4096> buffer;
  for (uint32_t reads = 0; from_ != nullptr && from_->may_read(); ++reads) {
    if (bytes_ == limits_.bytes) return finish(Stop::too_much);
    // No edge announces what is left here: the timer does.
    if (reads == limits_.reads_a_turn) return loop_.timers().arm(again_, loop_.now());
    const IoResult r = from_->read({buffer.data(), std::min(buffer.size(), limits_.bytes - bytes_)});
    if (r.status == IoStatus::would_block) return;
    if (r.status != IoStatus::ok) return finish(r.status == IoStatus::end ? Stop::ended : Stop::broken);
    bytes_ += r.bytes;
    held_.append(buffer.data(), r.bytes);
    if (!take()) return;
  }
}

/// False: nothing more is read.
bool BoundedReader::take() noexcept {
  while (!held_.empty()) {
    const Taken taken = owner_.on_bytes(held_, arena_);
    if (from_ == nullptr) return false;  // its owner has stopped it
    if (taken.what == Taken::What::over) return stop(), false;
    if (taken.what == Taken::What::more) return true;
    held_.erase(0, taken.bytes);
    arena_.reset();
    if (++messages_ == limits_.messages) return finish(Stop::too_many), false;
  }
  return true;
}

}  // namespace rhumb::net
