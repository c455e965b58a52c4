// SPDX-License-Identifier: Apache-2.0
#include "foresight/ring_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
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

std::string problem(const std::string& path, const char* what) {
  return fmt::format("{}: {}: {}", path, what, std::strerror(errno));
}

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

Result<RingFile, std::string> RingFile::open(const std::string& path, uint64_t size, uint32_t lanes) {
  const FileHead wanted = wanted_head(size, lanes);
  if (wanted.slots_of_a_lane < kLeastSlots)
    return Unexpected(fmt::format("{}: {} bytes are too few for {} workers; at least {}", path, size, lanes,
                                  lanes_at(lanes) + lanes * kLeastSlots * kSlotSize));
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0 && errno != ENOENT) return Unexpected(problem(path, "cannot be opened"));
  if (fd >= 0 && locked(fd) && goes_on(fd, wanted)) return map(fd, file_size(wanted), true);
  if (fd >= 0) ::close(fd);
  if (fd >= 0 && std::rename(path.c_str(), (path + ".1").c_str()) != 0)
    return Unexpected(problem(path, "cannot be renamed"));
  return create(path, wanted);
}

// Made under another name, so that nobody meets half a file; its blocks are allocated now, because a write into a
// mapped hole of a full disk would kill the process.
Result<RingFile, std::string> RingFile::create(const std::string& path, const FileHead& head) {
  const std::string fresh = path + ".new";
  const int fd = ::open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return Unexpected(problem(fresh, "cannot be made"));
  const int full = ::posix_fallocate(fd, 0, static_cast<off_t>(file_size(head)));
  const bool made = full == 0 && locked(fd) && ::pwrite(fd, &head, sizeof head, 0) == sizeof head &&
                    std::rename(fresh.c_str(), path.c_str()) == 0;
  if (made) return map(fd, file_size(head), false);
  if (full != 0) errno = full;
  const std::string why = problem(path, "cannot be made");
  ::close(fd);
  ::unlink(fresh.c_str());
  return Unexpected(why);
}

Result<RingFile, std::string> RingFile::map(int fd, uint64_t size, bool continued) {
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory != MAP_FAILED) return RingFile(fd, static_cast<std::byte*>(memory), size, continued);
  const std::string why = fmt::format("cannot be mapped: {}", std::strerror(errno));
  ::close(fd);
  return Unexpected(why);
}

RingFile::RingFile(RingFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      memory_(std::exchange(other.memory_, nullptr)),
      size_(other.size_),
      continued_(other.continued_) {}

RingFile::~RingFile() {
  if (memory_ != nullptr) ::munmap(memory_, size_);
  if (fd_ >= 0) ::close(fd_);
}

std::byte* RingFile::slots(uint32_t lane) noexcept {
  return memory_ + lanes_at(head().lanes) + lane * head().slots_of_a_lane * kSlotSize;
}

std::atomic<uint64_t>& RingFile::written(uint32_t lane) noexcept {
  static_assert(sizeof(std::atomic<uint64_t>) == sizeof(uint64_t) && std::atomic<uint64_t>::is_always_lock_free);
  return *reinterpret_cast<std::atomic<uint64_t>*>(memory_ + kPage + lane * kLine);
}

}  // namespace rhumb::foresight
