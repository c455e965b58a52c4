// SPDX-License-Identifier: Apache-2.0
#include "foresight/recorder.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace rhumb::foresight {
namespace {

using base::Result;
using base::Unexpected;

std::string problem_with(const std::string& path) { return fmt::format("{}: {}", path, std::strerror(errno)); }

}  // namespace

std::string policies_name(uint64_t id) { return fmt::format("policies-{:016x}", id); }

Result<std::unique_ptr<Recorder>, std::string> Recorder::open(const std::string& directory, uint64_t size,
                                                              unsigned lanes) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return Unexpected(problem_with(directory));
  auto ring = RingFile::open(fmt::format("{}/{}", directory, kRingName), size, lanes);
  if (!ring) return Unexpected(ring.error());
  return std::unique_ptr<Recorder>(new Recorder(directory, *std::move(ring)));
}

Recorder::Recorder(std::string directory, RingFile ring) : directory_(std::move(directory)), ring_(std::move(ring)) {
  const FileHead& head = ring_.head();
  for (uint32_t lane = 0; lane < head.lanes; ++lane)
    lanes_.emplace_back(ring_.slots(lane), head.slots_of_a_lane, ring_.written(lane));
  for (const Lane& lane : lanes_) ready_.push_back(lane.written());
  adopt_files();
  prepare();
}

/// What earlier processes kept stays for one more lap.
void Recorder::adopt_files() {
  struct Found {
    int64_t written;
    Kept kept;
  };
  std::vector<Found> found;
  DIR* const directory = ::opendir(directory_.c_str());
  while (const dirent* const entry = directory != nullptr ? ::readdir(directory) : nullptr) {
    unsigned long long id = 0;
    struct stat about {};
    if (std::sscanf(entry->d_name, "policies-%16llx", &id) != 1 || entry->d_name != policies_name(id)) continue;
    if (::stat(path_of(id).c_str(), &about) == 0)
      found.push_back({about.st_mtime, {id, static_cast<uint64_t>(about.st_size), {}}});
  }
  if (directory != nullptr) ::closedir(directory);
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.written < b.written; });
  for (Found& one : found) {
    for (const Lane& lane : lanes_) one.kept.replaced_at.push_back(lane.written());
    kept_.push_back(std::move(one.kept));
  }
}

std::string Recorder::path_of(uint64_t id) const { return fmt::format("{}/{}", directory_, policies_name(id)); }

Result<void, std::string> Recorder::keep(uint64_t id, std::string_view bytes) {
  if (!kept_.empty() && kept_.back().id == id && kept_.back().replaced_at.empty()) return {};
  const std::string path = path_of(id), fresh = path + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return Unexpected(problem_with(fresh));
  const bool written = ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  const bool closed = ::close(fd) == 0;
  if (!written || !closed || std::rename(fresh.c_str(), path.c_str()) != 0) {
    const std::string why = problem_with(path);
    ::unlink(fresh.c_str());
    return Unexpected(why);
  }
  if (!kept_.empty() && kept_.back().replaced_at.empty())
    for (const Lane& lane : lanes_) kept_.back().replaced_at.push_back(lane.written());
  std::erase_if(kept_, [&](const Kept& kept) { return kept.id == id; });
  kept_.push_back({id, bytes.size(), {}});
  forget_old();
  return {};
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
      if (lanes_[lane].written() < kept.replaced_at[lane] + lanes_[lane].count()) return false;
    return true;
  };
  size_t surplus = this->surplus();
  std::erase_if(kept_, [&](const Kept& kept) {
    if (surplus == 0 && !overwritten(kept)) return false;
    if (surplus > 0) --surplus;
    ::unlink(path_of(kept.id).c_str());
    return true;
  });
}

void Recorder::prepare() noexcept {
#ifdef MADV_POPULATE_WRITE  // Linux 5.14; without it a worker takes the page fault itself
  static const auto kPage = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  for (size_t i = 0; i < lanes_.size(); ++i) {
    const Lane& lane = lanes_[i];
    const uint64_t wanted = lane.written() + std::min(kAhead, lane.count());
    ready_[i] = std::max(ready_[i], lane.written());
    while (ready_[i] < wanted) {
      const uint64_t from = ready_[i] % lane.count(), slots = std::min(wanted - ready_[i], lane.count() - from);
      const auto begin = reinterpret_cast<uintptr_t>(lane.slots() + from * kSlotSize) / kPage * kPage;
      const auto end = reinterpret_cast<uintptr_t>(lane.slots() + (from + slots) * kSlotSize);
      ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_WRITE);
      ready_[i] += slots;
    }
  }
#endif
}

}  // namespace rhumb::foresight
