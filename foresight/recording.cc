// SPDX-License-Identifier: Apache-2.0
#include "foresight/recording.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "foresight/policy_blob.h"
#include "foresight/recorder.h"

namespace rhumb::foresight {
namespace {

using base::Result;
using base::Unexpected;

constexpr size_t kSlotsAtOnce = 4096;

/// As many bytes as there are, up to `size`.
size_t read_at(int fd, std::byte* to, size_t size, uint64_t offset) {
  size_t got = 0;
  while (got < size) {
    const ssize_t more = ::pread(fd, to + got, size - got, static_cast<off_t>(offset + got));
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) break;
    got += static_cast<size_t>(more);
  }
  return got;
}

template <class Body>
Body body_of(const std::byte* slot) {
  Body body;
  std::memcpy(&body, slot + sizeof(SlotHead), sizeof body);
  return body;
}

SlotHead head_of(const std::byte* slot) {
  SlotHead head;
  std::memcpy(&head, slot, sizeof head);
  return head;
}

/// What is no file after all, a FIFO say, must not be waited for.
int open_at_once(const std::string& path) noexcept {
  return ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

Result<std::string, std::string> contents(const std::string& path) {
  constexpr off_t kMost = 64 << 20;
  const int fd = open_at_once(path);
  struct stat about {};
  if (fd < 0) return Unexpected(fmt::format("{}: {}", path, std::strerror(errno)));
  if (::fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size > kMost) {
    ::close(fd);
    return Unexpected(fmt::format("{}: {}", path, S_ISREG(about.st_mode) ? "is too large" : "is no regular file"));
  }
  std::string bytes(static_cast<size_t>(about.st_size), '\0');
  bytes.resize(read_at(fd, reinterpret_cast<std::byte*>(bytes.data()), bytes.size(), 0));
  ::close(fd);
  return bytes;
}

std::string directory_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

/// The ring files of `path`: itself, or those of a recorder's directory, the older one first. Empty: there are none.
std::vector<std::string> ring_files(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return {};
  if (!S_ISDIR(about.st_mode)) return {path};
  std::vector<std::string> files;
  for (const char* suffix : {".1", ""})
    if (std::string file = fmt::format("{}/{}{}", path, kRingName, suffix); ::access(file.c_str(), F_OK) == 0)
      files.push_back(std::move(file));
  return files;
}

}  // namespace

Result<std::unique_ptr<Recording>, std::string> Recording::open(const std::string& path) {
  const int fd = open_at_once(path);
  if (fd < 0) return Unexpected(fmt::format("{}: {}", path, std::strerror(errno)));
  FileHead head;
  struct stat about {};
  const bool whole = ::fstat(fd, &about) == 0 && S_ISREG(about.st_mode) &&
                     read_at(fd, reinterpret_cast<std::byte*>(&head), sizeof head, 0) == sizeof head;
  std::unique_ptr<Recording> recording(new Recording(path, fd, head));
  const std::string why = why_unreadable(head, whole ? static_cast<uint64_t>(about.st_size) : 0);
  if (!why.empty()) return Unexpected(fmt::format("{}: {}", path, why));
  recording->scan([&recording](const std::byte* slot, bool sound) {
    if (!sound) return void(++recording->counts_.torn);
    recording->learn(slot, recording->counts_);
  });
  return recording;
}

Recording::~Recording() { ::close(fd_); }

/// Every slot that was ever written, and whether it is whole and where it belongs.
template <class F>
void Recording::scan(F&& take) {
  const auto bytes = std::make_unique_for_overwrite<std::byte[]>(kSlotsAtOnce * kSlotSize);
  for (uint32_t lane = 0; lane < head_.lanes; ++lane) {
    const uint64_t begin = lanes_at(head_.lanes) + lane * head_.slots_of_a_lane * kSlotSize;
    for (uint64_t first = 0; first < head_.slots_of_a_lane; first += kSlotsAtOnce) {
      const size_t wanted = std::min<uint64_t>(kSlotsAtOnce, head_.slots_of_a_lane - first) * kSlotSize;
      const size_t got = read_at(fd_, bytes.get(), wanted, begin + first * kSlotSize) / kSlotSize;
      for (size_t i = 0; i < got; ++i) {
        const std::byte* const slot = bytes.get() + i * kSlotSize;
        const SlotHead head = head_of(slot);
        if (head.sequence == 0 && head.kind == SlotKind::none) continue;
        const bool here = (head.sequence - 1) % head_.slots_of_a_lane == first + i;
        take(slot, here && head.check == check_of(slot));
      }
      if (got * kSlotSize != wanted) return;
    }
  }
}

void Recording::learn(const std::byte* slot, SlotCounts& counts) {
  switch (head_of(slot).kind) {
    case SlotKind::decision:
      ++counts.decisions;
      newest_ = std::max(newest_, base::WallTime(base::Micros(head_of(slot).time)));
      return;
    case SlotKind::states:
      ++counts.states;
      return learn_states(body_of<StatesRecord>(slot));
    case SlotKind::target:
      ++counts.targets;
      return learn_target(body_of<TargetRecord>(slot));
    case SlotKind::none:
      break;
  }
  ++counts.torn;
}

void Recording::learn_states(const StatesRecord& part) {
  const uint32_t end = std::max<uint32_t>(part.regions, 1);  // of no regions there is one part, with nothing in it
  if (part.regions > decision::kMaxRegions || part.first >= end || part.first % StatesRecord::kOfAPart != 0) return;
  States& to = states_[part.id];
  if (to.whole || (to.parts != 0 && to.all.of.size() != part.regions)) return;
  to.all.of.resize(part.regions);
  const size_t count = std::min<size_t>(StatesRecord::kOfAPart, part.regions - part.first);
  for (size_t i = 0; i < count; ++i) to.all.of[part.first + i] = state_of(part.of[i]);
  to.parts |= uint64_t{1} << part.first / StatesRecord::kOfAPart;
  const size_t parts = std::max<size_t>(1, (part.regions + StatesRecord::kOfAPart - 1) / StatesRecord::kOfAPart);
  to.whole = to.parts == (uint64_t{1} << parts) - 1;
}

void Recording::learn_target(const TargetRecord& target) {
  std::string_view text(target.text, std::min<size_t>(target.size, TargetRecord::kText));
  const size_t method = std::min(text.find(' '), text.size());
  const size_t host = std::min(text.find(' ', method + 1), text.size());
  if (host == text.size()) return;
  targets_.try_emplace(target.id, KnownTarget{std::string(text.substr(0, method)),
                                              std::string(text.substr(method + 1, host - method - 1)),
                                              std::string(text.substr(host + 1)), target.cut != 0});
}

void Recording::for_each(const Take& take) {
  SlotCounts seen;
  scan([&](const std::byte* slot, bool sound) {
    if (!sound) return;
    const SlotHead head = head_of(slot);
    if (head.kind != SlotKind::decision) return learn(slot, seen);  // it may be younger than what was learnt before
    take(body_of<DecisionRecord>(slot), base::WallTime(base::Micros(head.time)));
  });
}

const decision::Policies* Recording::policies(uint64_t id) {
  const auto [known, fresh] = policies_.try_emplace(id);
  if (!fresh) return known->second.get();
  const auto bytes = contents(directory_of(path_) + "/" + policies_name(id));
  if (!bytes) {
    why_not_ = bytes.error();
  } else if (policies_id(*bytes) != id) {
    why_not_ = policies_name(id) + ": damaged";
  } else if (auto unpacked = unpack_policies(*bytes); !unpacked) {
    why_not_ = policies_name(id) + ": " + unpacked.error();
  } else {
    known->second = std::make_unique<const decision::Policies>(*std::move(unpacked));
  }
  return known->second.get();
}

const decision::RegionStates* Recording::states(uint64_t id) const {
  const auto found = states_.find(id);
  return found != states_.end() && found->second.whole ? &found->second.all : nullptr;
}

const KnownTarget* Recording::target(uint64_t id) const {
  const auto found = targets_.find(id);
  return found != targets_.end() ? &found->second : nullptr;
}

base::Result<Recordings, std::string> open_recordings(const std::string& path) {
  Recordings out;
  const std::vector<std::string> files = ring_files(path);
  for (const std::string& file : files) {
    auto opened = Recording::open(file);
    if (opened) {
      out.all.push_back(*std::move(opened));
    } else if (file != files.back()) {
      out.passed_over.push_back(opened.error());
    } else {
      return Unexpected(opened.error());
    }
  }
  return out;
}

}  // namespace rhumb::foresight
