// SPDX-License-Identifier: Apache-2.0
#include "proxy/access_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/thread.h"
#include "net/socket.h"

namespace rhumb::proxy {

using base::log;
using base::LogLevel;

namespace {

constexpr size_t kAtOnce = 256 * 1024;   // bytes out of a ring
constexpr base::Millis kPatience{1000};  // with a reader, before it is said that there is none

}  // namespace

// Opening a device of another kind may do more than open it.
const char* AccessLog::Sink::why_not(unsigned mode) noexcept {
  if (S_ISREG(mode) || S_ISFIFO(mode) || S_ISCHR(mode)) return nullptr;
  return S_ISSOCK(mode) ? "it is a socket" : S_ISDIR(mode) ? "it is a directory" : "it is a block device";
}

base::Result<AccessLog::Sink, std::string> AccessLog::Sink::open(const std::string& path) {
  const auto fail = [&](const char* why) { return base::Unexpected(fmt::format("access log {}: {}", path, why)); };
  Sink sink;
  sink.path_ = path;
  if (path == "off") return sink;
  if (path == "stdout") {
    sink.outlet_ = base::LineOutlet::shared(STDOUT_FILENO);
    return sink;
  }
  // Without O_NONBLOCK opening a FIFO would wait for its reader, and so would each write.
  net::Fd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0640));
  const int error = errno;
  struct stat info {};
  if (!fd && error != ENXIO) return fail(std::strerror(error));
  if ((fd ? ::fstat(fd.get(), &info) : ::stat(path.c_str(), &info)) != 0) return fail(std::strerror(errno));
  if (const char* const why = why_not(info.st_mode); why != nullptr) return fail(why);
  sink.unread_ = !fd && S_ISFIFO(info.st_mode);
  if (!fd && !sink.unread_) return fail(std::strerror(error));
  if (fd) sink.outlet_ = base::LineOutlet::owned(fd.release());
  return sink;
}

AccessLog::AccessLog(Sink sink, unsigned workers, size_t ring_bytes, base::Cell& unwritten)
    : unwritten_(unwritten), sink_(std::move(sink)) {
  for (unsigned i = 0; i < workers; ++i) rings_.push_back(std::make_unique<base::LineRing>(ring_bytes));
  if (const auto started = base::start_thread(thread_, [this] { run(); }); !started) problem_ = started.error();
}

AccessLog::~AccessLog() {
  stopping_.store(true, std::memory_order_release);
  if (thread_.joinable()) thread_.join();
}

void AccessLog::redirect(Sink sink) {
  const std::lock_guard lock(mutex_);
  next_.emplace(std::move(sink));
  redirected_.store(true, std::memory_order_release);
}

// Workers must not pay a system call to wake the writer, so the writer looks every few milliseconds: a little late is
// fine for a log.
void AccessLog::run() {
  std::optional<base::Instant> end;
  for (;;) {
    const bool last = stopping_.load(std::memory_order_acquire);
    if (last && !end) end = clock_.now() + kLastLimit;
    change_sink();
    if (!waits_since_)
      for (auto& ring : rings_) ring->drain(text_, kAtOnce);
    if (text_.empty()) {
      if (last) return;
      std::this_thread::sleep_for(kLook);
      continue;
    }
    const Took took = write_out();
    if (took == Took::all) continue;
    if (last && (took == Took::refused || clock_.now() >= *end)) return give_up();
    took == Took::waits ? sink_.outlet().wait(kLook) : std::this_thread::sleep_for(kLook);
  }
}

/// Between two writes: what has not got through whole goes to the new place, from the beginning of its line.
void AccessLog::change_sink() {
  if (redirected_.exchange(false, std::memory_order_acquire)) {
    std::optional<Sink> next;
    {
      const std::lock_guard lock(mutex_);
      next = std::exchange(next_, std::nullopt);
    }
    if (next) use(std::move(*next));  // else the one before was this one already
    reopen_.store(false, std::memory_order_relaxed);
  }
  if (!reopen_.exchange(false, std::memory_order_acquire) || !sink_.is_file()) return;
  auto again = sink_.again();
  if (!again) return log(LogLevel::error, "{}; lines go on to the file that was open", again.error());
  use(std::move(*again));
  log(LogLevel::info, "access log: {} was opened anew", sink_.path());
}

void AccessLog::use(Sink sink) {
  sink_ = std::move(sink);
  waits_since_.reset();
  trouble_ = Trouble::none;
}

void AccessLog::look_for_reader() {
  if (auto again = sink_.again(); again) sink_ = std::move(*again);
}

AccessLog::Took AccessLog::write_out() {
  if (sink_.unread()) look_for_reader();
  Took took = sink_.unread() ? Took::waits : sink_.outlet().write(text_);
  const int error = errno;
  // The reader of a FIFO has gone: another may come, and is given the line that has begun from its beginning.
  if (took == Took::refused && error == EPIPE && sink_.is_file()) {
    look_for_reader();
    took = Took::waits;
  }
  const auto becomes = [this](Trouble trouble) { return std::exchange(trouble_, trouble) != trouble; };
  if (took == Took::waits) {
    if (!waits_since_) waits_since_ = clock_.now();
    if (clock_.now() - *waits_since_ >= kPatience && becomes(Trouble::waiting))
      log(LogLevel::error, "access log: nobody reads {}; lines wait, and are lost once the buffers are full",
          sink_.path());
    return took;
  }
  waits_since_.reset();
  if (took == Took::all) {
    if (becomes(Trouble::none)) log(LogLevel::info, "access log: lines are written again");
    return took;
  }
  unwritten_.add(sink_.outlet().abandon(text_));
  if (becomes(Trouble::losing)) log(LogLevel::error, "access log: {}; lines are lost", std::strerror(error));
  return took;
}

void AccessLog::give_up() {
  for (auto& ring : rings_)
    while (ring->drain(text_, kAtOnce) != 0) continue;
  const auto left = static_cast<uint64_t>(std::count(text_.begin(), text_.end(), '\n'));
  unwritten_.add(left);
  if (left != 0) log(LogLevel::error, "access log: {} lines are lost at the end: {} takes no more", left, sink_.path());
}

}  // namespace rhumb::proxy
