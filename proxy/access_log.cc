// SPDX-License-Identifier: Apache-2.0
#include "proxy/access_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace rhumb::proxy {

using base::log;
using base::LogLevel;

base::Result<AccessLog::Sink, std::string> AccessLog::Sink::open(const std::string& path) {
  Sink sink;
  sink.path_ = path;
  if (path == "stdout" || path == "off") return sink;
  sink.file_.reset(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
  if (!sink.file_) return base::Unexpected(fmt::format("access log {}: {}", path, std::strerror(errno)));
  return sink;
}

AccessLog::AccessLog(Sink sink, unsigned workers, size_t ring_bytes, base::Cell& unwritten)
    : unwritten_(unwritten), sink_(std::move(sink)) {
  for (unsigned i = 0; i < workers; ++i) rings_.push_back(std::make_unique<base::LineRing>(ring_bytes));
  thread_ = std::thread([this] { run(); });
}

AccessLog::~AccessLog() {
  stopping_.store(true, std::memory_order_release);
  thread_.join();
}

void AccessLog::redirect(Sink sink) {
  const std::lock_guard lock(mutex_);
  next_.emplace(std::move(sink));
  redirected_.store(true, std::memory_order_release);
}

// Workers must not pay a system call to wake the writer, so the writer looks every few milliseconds: a little late is
// fine for a log.
void AccessLog::run() {
  std::string text;
  for (;;) {
    const bool last = stopping_.load(std::memory_order_acquire);
    change_sink();
    size_t moved = 0;
    for (auto& ring : rings_) moved += ring->drain(text, 256 * 1024);
    if (moved == 0 && last) return;
    if (moved == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    } else {
      write_out(text);
    }
  }
}

/// Between two writes, each of which takes whole lines: none is lost or cut.
void AccessLog::change_sink() {
  if (redirected_.exchange(false, std::memory_order_acquire)) {
    const std::lock_guard lock(mutex_);
    sink_ = std::move(*std::exchange(next_, std::nullopt));
    losing_ = false;
    reopen_.store(false, std::memory_order_relaxed);
  }
  if (!reopen_.exchange(false, std::memory_order_acquire) || !sink_.is_file()) return;
  auto again = sink_.again();
  if (again) {
    sink_ = std::move(*again);
    losing_ = false;
    log(LogLevel::info, "access log: {} was opened anew", sink_.path());
  } else {
    log(LogLevel::error, "{}; lines go on to the file that was open", again.error());
  }
}

void AccessLog::write_out(std::string& text) {
  size_t done = sink_.fd() < 0 ? text.size() : 0;
  while (done < text.size()) {
    const ssize_t n = ::write(sink_.fd(), text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    done += static_cast<size_t>(n);
  }
  if (done < text.size()) {
    lose(std::string_view(text).substr(done), errno);
  } else if (std::exchange(losing_, false)) {
    base::log_line(LogLevel::info, "access log: lines are written again");
  }
  text.clear();
}

/// The sink refuses (disk full, reader gone): these lines are lost, the next may get through.
void AccessLog::lose(std::string_view lines, int error) {
  unwritten_.add(static_cast<uint64_t>(std::count(lines.begin(), lines.end(), '\n')));
  if (!std::exchange(losing_, true)) log(LogLevel::error, "access log: {}; lines are lost", std::strerror(error));
}

}  // namespace rhumb::proxy
