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
#include <csignal>
#include <ctime>
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

/// Nobody else uses this one here; the watchdog has SIGRTMIN. A function, as the C library decides at run time.
int cut_short_signal() { return SIGRTMIN + 1; }

bool install_nothing() {
  struct sigaction action {};
  action.sa_handler = [](int) {};  // without SA_RESTART: the write returns
  return ::sigaction(cut_short_signal(), &action, nullptr) == 0;
}

// Who asks first may wait all the same: another process took the room, or a terminal takes a part of what it is given.
// A timer interrupts that, again and again, as the first time may come before the write.
long write_briefly(int fd, std::string_view bytes) noexcept {
  static const bool installed = install_nothing();
  pollfd ready{fd, POLLOUT, 0};
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = cut_short_signal();
  event._sigev_un._tid = ::gettid();
  timer_t timer{};
  if (!installed || ::poll(&ready, 1, 0) <= 0 || ::timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) return 0;
  const itimerspec soon{{0, 20'000'000}, {0, 20'000'000}};
  sigset_t ours, before;
  sigemptyset(&ours);
  sigaddset(&ours, cut_short_signal());
  ::pthread_sigmask(SIG_UNBLOCK, &ours, &before);
  ::timer_settime(timer, 0, &soon, nullptr);
  const long done = ::write(fd, bytes.data(), bytes.size());
  const int error = errno;
  ::timer_delete(timer);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return done;
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
  if (own >= 0) return {own, true, Way::write, S_ISFIFO(info.st_mode) ? PIPE_BUF : kNoLimit};
  return {fd, false, Way::briefly, PIPE_BUF};
}

LineOutlet::~LineOutlet() {
  if (ours_) ::close(fd_);
}

LineOutlet& LineOutlet::operator=(LineOutlet&& other) noexcept {
  if (this == &other) return *this;
  if (ours_) ::close(fd_);
  fd_ = std::exchange(other.fd_, -1);
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
  if (way_ == Way::briefly) return write_briefly(fd_, bytes);
  return ::write(fd_, bytes.data(), bytes.size());
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
