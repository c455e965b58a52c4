// SPDX-License-Identifier: Apache-2.0
#include "foresight/ring_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "decision/term.h"
#include "foresight/record.h"

namespace rhumb::foresight {
namespace {

using base::Result;
using base::Unexpected;

constexpr uint64_t kPage = 4096, kLine = 64;
constexpr uint32_t kMostLanes = 1024;

template <size_t N>
void put_text(char (&to)[N], const std::string& text) {
  std::memcpy(to, text.data(), std::min(text.size(), N - 1));
}

template <size_t N>
std::string_view text_of(const char (&from)[N]) {
  return {from, ::strnlen(from, N)};
}

/// A name of this run of the machine; empty when there is none.
std::string boot() {
  char text[40] = {};
  const int fd = ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  const ssize_t size = ::read(fd, text, 36);
  ::close(fd);
  return {text, static_cast<size_t>(std::max<ssize_t>(size, 0))};
}

FileHead wanted_head(uint64_t size, uint32_t lanes) {
  FileHead head;
  head.version = kRecordingVersion;
  head.slot_size = kSlotSize;
  head.lanes = lanes;
  head.slots_of_a_lane = size > lanes_at(lanes) ? (size - lanes_at(lanes)) / lanes / kSlotSize : 0;
  head.created = base::SystemClock().wall().time_since_epoch().count();
  put_text(head.boot, boot());
  put_text(head.terms, term_names());
  return head;
}

/// 0, or errno.
int write_at(int fd, const void* bytes, size_t size, uint64_t offset) noexcept {
  for (size_t done = 0; done < size;) {
    const ssize_t more =
        ::pwrite(fd, static_cast<const char*>(bytes) + done, size - done, static_cast<off_t>(offset + done));
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return errno;
    if (more == 0) return ENOSPC;
    done += static_cast<size_t>(more);
  }
  return 0;
}

bool locked(int fd) noexcept {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(fd, F_OFD_SETLK, &whole) == 0;
}

/// Whether what a process before this one wrote is whole, and has this shape.
bool goes_on(int fd, const FileHead& wanted) {
  FileHead found;
  struct stat about {};
  if (::fstat(fd, &about) != 0 || ::pread(fd, &found, sizeof found, 0) != sizeof found) return false;
  FileHead same = wanted;
  same.created = found.created;
  return std::memcmp(&same, &found, sizeof found) == 0 && wanted.boot[0] != 0 &&
         static_cast<uint64_t>(about.st_size) == file_size(wanted);
}

}  // namespace

uint64_t lanes_at(uint32_t lanes) noexcept { return kPage + (lanes * kLine + kPage - 1) / kPage * kPage; }

uint64_t file_size(const FileHead& head) noexcept {
  return lanes_at(head.lanes) + head.lanes * head.slots_of_a_lane * kSlotSize;
}

std::string term_names() {
  std::string names;
  for (const decision::TermType* term : decision::terms().first(decision::kBuiltInTerms))
    names += fmt::format("{}{}", names.empty() ? "" : " ", term->name);
  return names;
}

std::string why_unreadable(const FileHead& head, uint64_t size) {
  if (size < sizeof head || std::memcmp(head.magic, FileHead{}.magic, sizeof head.magic) != 0)
    return "this is no recording of decisions";
  if (head.version != kRecordingVersion)
    return fmt::format("a recording of version {}; this binary reads version {}", head.version, kRecordingVersion);
  if (text_of(head.terms) != term_names())
    return fmt::format("it was recorded with other terms: {}; this binary has: {}", text_of(head.terms), term_names());
  if (head.slot_size != kSlotSize || head.lanes == 0 || head.lanes > kMostLanes || head.slots_of_a_lane == 0 ||
      head.slots_of_a_lane > uint64_t{1} << 40)
    return "its head is damaged";
  if (size < file_size(head)) return fmt::format("it is cut off: {} bytes of {}", size, file_size(head));
  return {};
}

Result<RingFile, std::string> RingFile::open(const OwnDirectory& directory, const std::string& name, uint64_t size,
                                             uint32_t lanes) {
  const FileHead wanted = wanted_head(size, lanes);
  if (wanted.slots_of_a_lane < kLeastSlots)
    return Unexpected(fmt::format("{}/{}: {} bytes are too few for {} workers; at least {}", directory.path(), name,
                                  size, lanes, lanes_at(lanes) + lanes * kLeastSlots * kSlotSize));
  auto found = directory.find(name);
  if (!found) return Unexpected(std::move(found).error());
  if (!*found) return create(directory, name, wanted);
  const int fd = (*found)->fd();
  if (locked(fd) && goes_on(fd, wanted)) {
    RingFile ring(*std::move(*found), wanted);
    ring.continued_ = true;
    if (::pread(fd, &ring.head_, sizeof ring.head_, 0) == sizeof ring.head_) {  // with the time it was made
      ring.find_written();
      return ring;
    }
  }
  if (!directory.rename(name, name + ".1")) return Unexpected(directory.problem(name, "cannot be renamed"));
  return create(directory, name, wanted);
}

// Made under another name, so that nobody meets half a file; its blocks are allocated now, so that a disk that fills up
// later does no harm.
Result<RingFile, std::string> RingFile::create(const OwnDirectory& directory, const std::string& name,
                                               const FileHead& head) {
  const std::string fresh = name + ".new";
  auto made = directory.make(fresh);
  if (!made) return Unexpected(std::move(made).error());
  RingFile ring(*std::move(made), head);
  const auto whole = ring.restore();
  if (!whole) errno = whole.error();
  if (whole && locked(ring.file_.fd()) && directory.rename(fresh, name)) return ring;
  const std::string why = directory.problem(name, "cannot be made");
  directory.remove(fresh);
  return Unexpected(why);
}

RingFile::RingFile(OwnFile file, const FileHead& head) : file_(std::move(file)), head_(head), written_(head.lanes) {}

uint64_t RingFile::at(uint32_t lane, uint64_t slot) const noexcept {
  return lanes_at(head_.lanes) + (lane * head_.slots_of_a_lane + slot % head_.slots_of_a_lane) * kSlotSize;
}

/// The lines say it, but for slots that were written after the last line before the process ended.
void RingFile::find_written() noexcept {
  for (uint32_t lane = 0; lane < head_.lanes; ++lane) {
    uint64_t& written = written_[lane];
    if (::pread(file_.fd(), &written, sizeof written, static_cast<off_t>(kPage + lane * kLine)) != sizeof written)
      written = 0;
    for (uint64_t looked = 0; looked < head_.slots_of_a_lane; ++looked, ++written) {
      alignas(8) std::byte slot[kSlotSize];
      SlotHead head;
      if (::pread(file_.fd(), slot, sizeof slot, static_cast<off_t>(at(lane, written))) != sizeof slot) break;
      std::memcpy(&head, slot, sizeof head);
      if (head.sequence != written + 1 || head.check != check_of(slot)) break;
    }
  }
}

Result<void, int> RingFile::append(uint32_t lane, std::span<const std::byte> slots) noexcept {
  uint64_t written = written_[lane];
  while (!slots.empty()) {
    const uint64_t to_the_end = (head_.slots_of_a_lane - written % head_.slots_of_a_lane) * kSlotSize;
    const size_t size = std::min<uint64_t>(slots.size(), to_the_end);
    if (const int error = write_at(file_.fd(), slots.data(), size, at(lane, written)); error != 0)
      return Unexpected(error);
    written += size / kSlotSize;
    slots = slots.subspan(size);
  }
  std::swap(written_[lane], written);
  auto counted = count(lane);
  if (!counted) written_[lane] = written;
  return counted;
}

Result<void, int> RingFile::count(uint32_t lane) noexcept {
  const int error = write_at(file_.fd(), &written_[lane], sizeof written_[lane], kPage + lane * kLine);
  if (error != 0) return Unexpected(error);
  return {};
}

bool RingFile::intact() const noexcept {
  FileHead found;
  struct stat about {};
  return ::fstat(file_.fd(), &about) == 0 && static_cast<uint64_t>(about.st_size) == file_size(head_) &&
         ::pread(file_.fd(), &found, sizeof found, 0) == sizeof found && std::memcmp(&found, &head_, sizeof found) == 0;
}

Result<void, int> RingFile::restore() noexcept {
  const auto size = static_cast<off_t>(file_size(head_));
  if (::ftruncate(file_.fd(), size) != 0) return Unexpected(errno);
  if (const int full = ::posix_fallocate(file_.fd(), 0, size); full != 0) return Unexpected(full);
  for (uint32_t lane = 0; lane < head_.lanes; ++lane)
    if (auto counted = count(lane); !counted) return counted;
  // Last: whoever finds the head finds the rest.
  const int error = write_at(file_.fd(), &head_, sizeof head_, 0);
  if (error != 0) return Unexpected(error);
  return {};
}

}  // namespace rhumb::foresight
