// SPDX-License-Identifier: Apache-2.0
#include "base/log_writer.h"

#include <cxxabi.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <utility>

#include "base/check.h"
#include "base/thread.h"

namespace rhumb::base {
namespace {

constexpr Millis kLook{100};  // how soon the end is noticed while a reader is waited for
constexpr Seconds kPause{1};  // after a refusal

using Deadline = std::chrono::steady_clock::time_point;
Deadline in_time() { return std::chrono::steady_clock::now() + LogWriter::kLastLimit; }

/// Where lines are handed to the writer. The lock is held for a copy, never for a write.
struct Desk {
  std::mutex lock;
  std::condition_variable came, done;
  std::string lines;     // that nobody has taken
  uint64_t dropped = 0;  // behind them
  bool open = false;     // there is a writer
  bool idle = false;     // and it has written all it took
  bool closing = false;  // and it is to end, by:
  Deadline until;
  bool unheard = false;  // the last one ended with lines nobody took: nobody is to wait for them now
  std::thread::id writer;
};

/// Not destroyed: threads may have something to say until the very end.
Desk& desk() {
  static Desk& one = *new Desk;
  return one;
}

std::atomic<uint64_t> g_dropped{0};
std::terminate_handler g_terminate_before = nullptr;

uint64_t count(std::string_view lines) { return static_cast<uint64_t>(std::count(lines.begin(), lines.end(), '\n')); }

void write_now(std::string_view lines) noexcept {
  while (!lines.empty()) {
    const ssize_t done = ::write(2, lines.data(), lines.size());
    if (done < 0 && errno != EINTR) return;
    lines.remove_prefix(static_cast<size_t>(std::max<ssize_t>(done, 0)));
  }
}

// libstdc++'s own handler would write to a standard error that nobody reads, and the process would not end.
[[noreturn]] void on_terminate() noexcept {
  const std::type_info* const type = abi::__cxa_current_exception_type();
  char text[256];
  const auto end =
      fmt::format_to_n(text, sizeof text - 1, "terminate called: {}", type ? type->name() : "no exception");
  *end.out = '\n';
  last_words({text, static_cast<size_t>(end.out + 1 - text)});
  std::abort();
}

}  // namespace

LogWriter::LogWriter(int fd) : outlet_(LineOutlet::shared(fd)) {
  text_.reserve(kRoom);
  open_desk();
  start();
  g_terminate_before = std::set_terminate(on_terminate);
}

void LogWriter::open_desk() {
  Desk& at = desk();
  const std::lock_guard lock(at.lock);
  RHUMB_ASSERT(!at.open);
  at.lines.reserve(kRoom);
  at.open = true;
  at.idle = at.closing = at.unheard = false;
  at.dropped = 0;
}

void LogWriter::start() {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for other threads
  const auto started = start_thread(thread_, [this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (started) return;
  problem_ = started.error();
  const std::lock_guard lock(desk().lock);
  desk().open = false;
}

LogWriter::~LogWriter() {
  Desk& at = desk();
  std::set_terminate(g_terminate_before);
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(at.lock);
    at.until = in_time();
    at.closing = true;
  }
  at.came.notify_one();
  thread_.join();
  const std::lock_guard lock(at.lock);
  const uint64_t left = (telling_ == 0 ? count(text_) : 0) + count(at.lines);
  at.unheard = left + missing_ != 0;
  g_dropped.fetch_add(left, std::memory_order_relaxed);
  at.lines.clear();
  at.open = false;
}

void LogWriter::run() {
  {
    const std::lock_guard lock(desk().lock);
    desk().writer = std::this_thread::get_id();
  }
  while (take() && deliver()) {
  }
}

/// Waits for something to write, once all that was taken is written and what is missing is told. False: the end.
bool LogWriter::take() {
  if (!text_.empty() || missing_ != 0) return true;
  Desk& at = desk();
  std::unique_lock lock(at.lock);
  at.idle = at.lines.empty();
  if (at.idle) at.done.notify_all();
  at.came.wait(lock, [&] { return !at.lines.empty() || at.dropped != 0 || at.closing; });
  at.idle = false;
  text_.swap(at.lines);
  missing_ = std::exchange(at.dropped, 0);
  return !text_.empty() || missing_ != 0;
}

/// Some progress with what was taken, or a pause. False: it is the end, and no more can be done.
bool LogWriter::deliver() {
  if (text_.empty()) {
    telling_ = missing_;
    text_ =
        error_line(LogLevel::warning, fmt::format("error log: {} lines are missing here: nobody took them", missing_));
  }
  const LineOutlet::Took took = outlet_.write(text_);
  if (took == LineOutlet::Took::all) {
    missing_ -= std::exchange(telling_, 0);
    return true;
  }
  if (took == LineOutlet::Took::waits) {
    if (out_of_time()) return false;
    outlet_.wait(kLook);
    return true;
  }
  const uint64_t lost = outlet_.abandon(text_);
  if (telling_ == 0) lose(lost);
  if (text_.empty()) telling_ = 0;
  return pause();
}

void LogWriter::lose(uint64_t lines) {
  missing_ += lines;
  g_dropped.fetch_add(lines, std::memory_order_relaxed);
}

/// After a refusal; false: it is the end.
bool LogWriter::pause() const {
  Desk& at = desk();
  std::unique_lock lock(at.lock);
  return !at.came.wait_for(lock, kPause, [&] { return at.closing; });
}

bool LogWriter::out_of_time() const {
  const std::lock_guard lock(desk().lock);
  return desk().closing && std::chrono::steady_clock::now() >= desk().until;
}

void say(std::string_view lines) noexcept {
  Desk& at = desk();
  {
    const std::lock_guard lock(at.lock);
    if (!at.open && !at.unheard) return write_now(lines);
    if (at.open && at.lines.size() + lines.size() <= LogWriter::kRoom) {
      at.lines += lines;
    } else {
      at.dropped += count(lines);
      g_dropped.fetch_add(count(lines), std::memory_order_relaxed);
    }
    at.idle = false;
  }
  at.came.notify_one();
}

void last_words(std::string_view lines) noexcept {
  Desk& at = desk();
  const Deadline until = in_time();
  std::unique_lock lock(at.lock, std::defer_lock);
  // Who holds it may be us, further down the stack.
  while (!lock.try_lock() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (lock && !at.open && !at.unheard) return write_now(lines);
  if (!lock || !at.open || at.writer == std::this_thread::get_id()) {
    std::string text(lines);
    LineOutlet::shared(2).write(text);
    return;
  }
  at.lines += lines;  // past the limit, if need be: there is nothing after this
  at.idle = false;
  at.came.notify_one();
  at.done.wait_until(lock, until, [&] { return at.idle && at.lines.empty(); });
}

uint64_t dropped_log_lines() noexcept { return g_dropped.load(std::memory_order_relaxed); }

}  // namespace rhumb::base
