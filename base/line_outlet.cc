// SPDX-License-Identifier: Apache-2.0
#include "base/line_outlet.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace rhumb::base {
namespace {

constexpr size_t kNoLimit = SIZE_MAX;

std::string name_of(int fd) { return fmt::format("/proc/self/fd/{}", fd); }

bool ends_in_half_line(int fd, int64_t size) {
  if (size == 0) return false;
  const int reader = ::open(name_of(fd).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  char last = '\n';  // of a file that may not be read, nothing better is known
  if (reader >= 0) {
    if (::pread(reader, &last, 1, size - 1) != 1) last = '\n';
    ::close(reader);
  }
  return last != '\n';
}

}  // namespace

LineOutlet LineOutlet::owned(int fd) {
  struct stat info {};
  const bool known = ::fstat(fd, &info) == 0;
  LineOutlet outlet(fd, true, Way::write, known && S_ISFIFO(info.st_mode) ? PIPE_BUF : kNoLimit);
  outlet.ends_in_half_ = known && S_ISREG(info.st_mode) && ends_in_half_line(fd, info.st_size);
  return outlet;
}

// O_NONBLOCK belongs to the description, which is the other processes' as well: they would be surprised.
LineOutlet LineOutlet::shared(int fd) {
  struct stat info {};
  const bool known = ::fstat(fd, &info) == 0;
  if (known && S_ISSOCK(info.st_mode)) return {fd, false, Way::send, kNoLimit};
  if (!known || (!S_ISFIFO(info.st_mode) && !S_ISCHR(info.st_mode))) return {fd, false, Way::write, kNoLimit};
  const int own = ::open(name_of(fd).c_str(), O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (own >= 0) return {own, true, Way::write, PIPE_BUF};
  LineOutlet outlet(fd, false, Way::ask, PIPE_BUF);
  if (S_ISFIFO(info.st_mode) && ::pipe2(outlet.pipe_, O_NONBLOCK | O_CLOEXEC) == 0) outlet.way_ = Way::copy;
  return outlet;
}

LineOutlet::~LineOutlet() { close_all(); }

void LineOutlet::close_all() noexcept {
  if (ours_) ::close(fd_);
  for (const int end : pipe_)
    if (end >= 0) ::close(end);
}

LineOutlet& LineOutlet::operator=(LineOutlet&& other) noexcept {
  if (this == &other) return *this;
  close_all();
  fd_ = std::exchange(other.fd_, -1);
  for (size_t i = 0; i < 2; ++i) pipe_[i] = std::exchange(other.pipe_[i], -1);
  ours_ = std::exchange(other.ours_, false);
  way_ = std::exchange(other.way_, Way::nowhere);
  piece_ = other.piece_;
  ends_in_half_ = other.ends_in_half_;
  begun_ = std::exchange(other.begun_, 0);
  begun_at_ = other.begun_at_;
  return *this;
}

LineOutlet::Took LineOutlet::write(std::string& lines) {
  if (way_ == Way::nowhere) lines.clear();
  // Somebody made the file shorter, or wrote behind the half line: what is there is no beginning of ours any more.
  if (begun_ != 0 && file_size() != begun_at_) begun_ = 0;
  size_t at = begun_;
  int error = 0;
  while (at < lines.size() && error == 0) {
    const std::string_view bytes = ends_in_half_ ? "\n" : next_piece(std::string_view(lines).substr(at));
    const long taken = put(bytes);
    if (taken < 0 && errno == EINTR) continue;
    if (taken <= 0) {
      error = taken < 0 ? errno : EAGAIN;
    } else if (!std::exchange(ends_in_half_, false)) {
      at += static_cast<size_t>(taken);
    }
  }
  const size_t whole = at == 0 ? 0 : lines.rfind('\n', at - 1) + 1;  // npos + 1 is 0
  begun_ = at - whole;
  lines.erase(0, whole);
  if (lines.empty()) return Took::all;
  begun_at_ = file_size();
  errno = error;
  return error == EAGAIN ? Took::waits : Took::refused;
}

/// Whole lines, as far as one write takes some: in a pipe nothing of another process then stands in between.
std::string_view LineOutlet::next_piece(std::string_view rest) const noexcept {
  if (rest.size() <= piece_) return rest;
  const size_t end = rest.rfind('\n', piece_ - 1);
  return rest.substr(0, end == std::string_view::npos ? piece_ : end + 1);
}

long LineOutlet::put(std::string_view bytes) noexcept {
  if (way_ == Way::send) return ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (way_ == Way::copy) return copy(bytes);
  if (pollfd ready{fd_, POLLOUT, 0}; way_ == Way::ask && ::poll(&ready, 1, 0) == 0) return 0;
  return ::write(fd_, bytes.data(), bytes.size());
}

// tee(2) is told for each call not to block. After write(2) into our own pipe it gives the reader the same page, and
// what our pipe still has is taken out again.
long LineOutlet::copy(std::string_view bytes) noexcept {
  char gone[PIPE_BUF];
  const long held = ::write(pipe_[1], bytes.data(), bytes.size());
  if (held <= 0) return held;
  const long taken = ::tee(pipe_[0], fd_, static_cast<size_t>(held), SPLICE_F_NONBLOCK);
  const int error = errno;
  for (long left = held; left > 0;) {
    const long got = ::read(pipe_[0], gone, sizeof gone);
    if (got <= 0 && errno != EINTR) break;
    left -= std::max(got, 0L);
  }
  errno = error;
  return taken;
}

/// Of what is no file: always the same.
int64_t LineOutlet::file_size() const noexcept {
  struct stat info {};
  return ::fstat(fd_, &info) == 0 && S_ISREG(info.st_mode) ? info.st_size : 0;
}

size_t LineOutlet::abandon(std::string& lines) const {
  const size_t kept = begun_ == 0 ? 0 : lines.find('\n') + 1;
  const auto from = lines.begin() + static_cast<std::string::difference_type>(kept);
  const auto count = static_cast<size_t>(std::count(from, lines.end(), '\n'));
  lines.resize(kept);
  return count;
}

void LineOutlet::wait(Millis at_most) const noexcept {
  pollfd ready{fd_, POLLOUT, 0};
  ::poll(&ready, 1, static_cast<int>(at_most.count()));
}

}  // namespace rhumb::base
