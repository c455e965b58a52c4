// SPDX-License-Identifier: Apache-2.0
#include "proxy/watchdog.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <fmt/format.h>
#include <semaphore.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>

#include "base/log.h"
#include "base/log_writer.h"
#include "base/thread.h"

namespace rhumb::proxy {
namespace {

/// Of the real-time signals: nobody else uses them here. A function, as the C library decides at run time.
int ask_signal() { return SIGRTMIN; }

/// What the signal handler fills. Static: a thread that answers late must find it.
struct Answer {
  std::array<void*, 48> frames{};
  int count = 0;
  sem_t given{};
  std::atomic<bool> wanted{false};
  Answer() { sem_init(&given, 0, 0); }
};
Answer& answer() {
  static Answer one;
  return one;
}

// On the stuck thread, in the middle of whatever it does: nothing here may lock or allocate. backtrace() does neither
// once it has run (sem_post(3) is safe by signal-safety(7)).
void on_asked(int) {
  const int kept = errno;
  Answer& to = answer();
  if (to.wanted.exchange(false, std::memory_order_acquire)) {
    to.count = ::backtrace(to.frames.data(), static_cast<int>(to.frames.size()));
    sem_post(&to.given);
  }
  errno = kept;
}

void install_handler() {
  answer();
  void* once[4];
  ::backtrace(once, 4);  // loads the unwinder now: that allocates
  struct sigaction action {};
  action.sa_handler = on_asked;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  ::sigaction(ask_signal(), &action, nullptr);
}

bool answered_in_time(sem_t& given) {
  timespec until{};
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 1;
  while (sem_timedwait(&given, &until) != 0)
    if (errno != EINTR) return false;
  return true;
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string describe(const void* frame) {
  Dl_info info{};
  const auto at = reinterpret_cast<uintptr_t>(frame);
  if (::dladdr(frame, &info) == 0 || info.dli_fname == nullptr) return fmt::format("{:#x}", at);
  const std::string_view module = base_name(info.dli_fname);
  if (info.dli_sname != nullptr)
    return fmt::format("{}({}+{:#x})", module, info.dli_sname, at - reinterpret_cast<uintptr_t>(info.dli_saddr));
  // The return address lies behind the call, perhaps on the next line of the source: one before it is inside.
  return fmt::format("{}+{:#x}", module, at - 1 - reinterpret_cast<uintptr_t>(info.dli_fbase));
}

}  // namespace

std::string where_stands(pthread_t thread) {
  Answer& from = answer();
  while (sem_trywait(&from.given) == 0) continue;  // an answer that came too late the last time
  from.wanted.store(true, std::memory_order_release);
  ::pthread_kill(thread, ask_signal());
  if (!answered_in_time(from.given)) {
    if (from.wanted.exchange(false, std::memory_order_acquire)) return "a place where it takes no signal";
    sem_wait(&from.given);  // it is answering just now
  }
  std::string out;
  for (int i = 0; i < from.count; ++i) {
    if (!out.empty()) out += ' ';
    out += describe(from.frames[static_cast<size_t>(i)]);
  }
  return out;
}

Watchdog::Acts Watchdog::in_earnest(std::function<void()> all_well) {
  return {[](const std::string& record) { base::log(base::LogLevel::error, "{}", record); },
          [] {
            base::last_words({});
            std::abort();
          },
          std::move(all_well)};
}

Watchdog::Watchdog(Acts acts) : acts_(std::move(acts)) { install_handler(); }

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  bell_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::watch(std::string name, const net::Loop& loop, pthread_t thread, base::Cell& stalls,
                     std::function<std::string()> under_way) {
  watched_.push_back({std::move(name), &loop, thread, &stalls, std::move(under_way)});
}

base::Result<void, std::string> Watchdog::start() {
  return base::start_thread(thread_, [this] { run(); });
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!bell_.wait_for(lock, kPeriod, [this] { return stopping_; })) look();
}

void Watchdog::look() {
  since_report_ += kPeriod;
  bool well = true;
  for (Watched& one : watched_) {
    const int64_t turn = one.loop->turn_under_way();
    if (turn == 0 || turn != one.turn) {
      one.turn = turn;
      one.lasts = base::Millis(0);
      continue;
    }
    const base::Millis before = one.lasts;
    one.lasts += kPeriod;
    well = well && one.lasts < kStall;
    if (before < kStall && one.lasts >= kStall) {
      one.stalls->add();
      since_report_ >= kReportEach ? report(one) : void(++unreported_);
    }
    if (one.lasts < kGiveUp) continue;
    report(one);
    acts_.give_up();
  }
  if (well) acts_.all_well();
}

void Watchdog::report(const Watched& one) {
  std::string record = fmt::format("{}: stalled for {} ms", one.name, one.lasts.count());
  if (one.lasts >= kGiveUp) record += ", given up: the process ends";
  if (const std::string busy = one.under_way ? one.under_way() : ""; !busy.empty())
    record += fmt::format("; under way: {}", busy);
  record += fmt::format("; it stands at {}", where_stands(one.thread));
  if (unreported_ != 0) record += fmt::format(" ({} more stalls since the last report)", unreported_);
  unreported_ = 0;
  since_report_ = base::Millis(0);
  acts_.report(record);
}

}  // namespace rhumb::proxy
