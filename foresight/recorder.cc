// SPDX-License-Identifier: Apache-2.0
#include "foresight/recorder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "base/thread.h"

namespace rhumb::foresight {
namespace {

using base::log;
using base::LogLevel;
using base::Result;
using base::Unexpected;

bool write_all(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t done = ::write(fd, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(done));
  }
  return true;
}

uint64_t decisions_in(std::span<const std::byte> slots) noexcept {
  uint64_t count = 0;
  for (; !slots.empty(); slots = slots.subspan(kSlotSize))
    count += slots[offsetof(SlotHead, kind)] == static_cast<std::byte>(SlotKind::decision) ? 1 : 0;
  return count;
}

}  // namespace

std::string policies_name(uint64_t id) { return fmt::format("policies-{:016x}", id); }

Result<std::unique_ptr<Recorder>, std::string> Recorder::open(const std::string& directory, uint64_t size,
                                                              unsigned lanes, RecorderCounts& counts) {
  auto own = OwnDirectory::open(directory);
  if (!own) return Unexpected(std::move(own).error());
  auto ring = RingFile::open(*own, std::string(kRingName), size, lanes);
  if (!ring) return Unexpected(std::move(ring).error());
  return std::unique_ptr<Recorder>(new Recorder(*std::move(own), *std::move(ring), counts));
}

Recorder::Recorder(OwnDirectory directory, RingFile ring, RecorderCounts& counts)
    : directory_(std::move(directory)), ring_(std::move(ring)), counts_(counts) {
  const FileHead& head = ring_.head();
  const uint64_t room = std::min(kQueue, std::max(RingFile::kLeastSlots, head.slots_of_a_lane / 4));
  queues_.resize(head.lanes * room);
  for (uint32_t lane = 0; lane < head.lanes; ++lane)
    lanes_.emplace_back(std::span(queues_[lane * room].bytes, room * kSlotSize), head.slots_of_a_lane,
                        ring_.written(lane));
  adopt_files();
}

Recorder::~Recorder() {
  if (!thread_.joinable()) {
    write();
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Result<void, std::string> Recorder::start() {
  return base::start_thread(thread_, [this] { run(); });
}

// Workers must not pay a system call to wake the writer, so the writer looks by itself.
void Recorder::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    write();
    lock.lock();
    wake_.wait_for(lock, failing_ ? kRetry : kEach, [this] { return stopping_; });
  }
  lock.unlock();
  write();
}

void Recorder::write() {
  std::string problem = write_policies();
  if (const std::string other = write_lanes(); problem.empty()) problem = other;
  if (!problem.empty()) {
    counts_.errors.add();
    if (!std::exchange(failing_, true))
      log(LogLevel::error,
          "recorder: {}; it is tried again each second, and what has no room in memory until then is not recorded",
          problem);
  } else if (std::exchange(failing_, false)) {
    log(LogLevel::info, "recorder: it is written again");
  }
}

void Recorder::keep(uint64_t id, std::string bytes) {
  auto one = std::make_shared<const Waiting>(Waiting{id, std::move(bytes)});
  std::vector<std::shared_ptr<const Waiting>> lost;
  {
    const std::lock_guard lock(mutex_);
    waiting_bytes_ += one->bytes.size();
    waiting_.push_back(std::move(one));
    while (waiting_bytes_ > kMostWaiting && waiting_.size() > 1) lost.push_back(drop_waiting());
  }
  for (const auto& each : lost)
    log(LogLevel::error, "recorder: {} could not be written: what refers to it cannot be replayed",
        policies_name(each->id));
}

/// Under the mutex.
std::shared_ptr<const Recorder::Waiting> Recorder::drop_waiting() {
  auto one = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= one->bytes.size();
  return one;
}

std::shared_ptr<const Recorder::Waiting> Recorder::next_waiting() {
  const std::lock_guard lock(mutex_);
  return waiting_.empty() ? nullptr : waiting_.front();
}

/// What went wrong in a sentence, or nothing; so do the others.
std::string Recorder::write_policies() {
  while (const auto next = next_waiting()) {
    if (std::string problem = write_policies(*next); !problem.empty()) return problem;
    const std::lock_guard lock(mutex_);
    if (!waiting_.empty() && waiting_.front() == next) drop_waiting();
  }
  return {};
}

std::string Recorder::write_policies(const Waiting& policies) {
  const auto& [id, bytes] = policies;
  if (!kept_.empty() && kept_.back().id == id && kept_.back().replaced_at.empty()) return {};
  const std::string name = policies_name(id), fresh = name + ".new";
  auto file = directory_.make(fresh);
  if (!file) return std::move(file).error();
  if (!write_all(file->fd(), bytes) || !directory_.rename(fresh, name)) {
    std::string problem = directory_.problem(name, "cannot be written");
    directory_.remove(fresh);
    return problem;
  }
  if (!kept_.empty() && kept_.back().replaced_at.empty())
    for (const Lane& lane : lanes_) kept_.back().replaced_at.push_back(lane.queued());
  std::erase_if(kept_, [id = id](const Kept& kept) { return kept.id == id; });
  kept_.push_back({id, bytes.size(), {}});
  forget_old();
  return {};
}

std::string Recorder::write_lanes() {
  const auto idle = [](const Lane& lane) { return lane.waiting().empty(); };
  if (std::all_of(lanes_.begin(), lanes_.end(), idle)) return {};
  if (std::string problem = mend_ring(); !problem.empty()) return problem;
  for (uint32_t i = 0; i < lanes_.size(); ++i) {
    // Twice: what waits may go over the end of the queue. Whoever records faster than this is written next time.
    for (int part = 0; part < 2; ++part) {
      const std::span<const std::byte> slots = lanes_[i].waiting();
      if (slots.empty()) break;
      if (const auto done = ring_.append(i, slots); !done) {
        errno = done.error();
        return directory_.problem(std::string(kRingName), "cannot be written");
      }
      counts_.written.add(decisions_in(slots));
      lanes_[i].take(slots.size());
    }
  }
  return {};
}

std::string Recorder::mend_ring() {
  if (ring_.intact()) return {};
  const std::string name(kRingName);
  if (const auto done = ring_.restore(); !done) {
    errno = done.error();
    return directory_.problem(name, "was cut off or written over, and cannot be restored");
  }
  counts_.errors.add();
  log(LogLevel::error, "recorder: {}/{}: somebody cut it off or wrote over it; what is gone stays so", directory(),
      name);
  return {};
}

/// What earlier processes kept stays for one more lap.
void Recorder::adopt_files() {
  struct Found {
    int64_t written;
    Kept kept;
  };
  std::vector<Found> found;
  directory_.for_each([&](const std::string& name, const struct stat& about) {
    unsigned long long id = 0;
    if (std::sscanf(name.c_str(), "policies-%16llx", &id) == 1 && name == policies_name(id))
      found.push_back({about.st_mtime, {id, static_cast<uint64_t>(about.st_size), {}}});
  });
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.written < b.written; });
  for (Found& one : found) {
    for (const Lane& lane : lanes_) one.kept.replaced_at.push_back(lane.queued());
    kept_.push_back(std::move(one.kept));
  }
}

/// How many of the oldest are too many; never the one in use.
size_t Recorder::surplus() const noexcept {
  const uint64_t room = ring_.head().lanes * ring_.head().slots_of_a_lane * kSlotSize / 4;
  uint64_t bytes = 0;
  size_t fit = 0;
  while (fit < kept_.size() && fit < kMostPolicies && (bytes += kept_[kept_.size() - 1 - fit].bytes) <= room) ++fit;
  return kept_.size() - std::max<size_t>(fit, 1);
}

/// Policies that were replaced a whole lap ago are in no slot any more.
void Recorder::forget_old() {
  const auto overwritten = [&](const Kept& kept) {
    if (kept.replaced_at.empty()) return false;
    for (size_t lane = 0; lane < lanes_.size(); ++lane)
      if (lanes_[lane].taken() < kept.replaced_at[lane] + lanes_[lane].count()) return false;
    return true;
  };
  size_t surplus = this->surplus();
  std::erase_if(kept_, [&](const Kept& kept) {
    if (surplus == 0 && !overwritten(kept)) return false;
    if (surplus > 0) --surplus;
    directory_.remove(policies_name(kept.id));
    return true;
  });
}

}  // namespace rhumb::foresight
