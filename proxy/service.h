// SPDX-License-Identifier: Apache-2.0
// The process as a service: what it tells its manager (sd_notify(3)), and the descriptors it leaves with it, which come
// back after a crash. Without a manager every call does nothing. Control thread; alive() any thread.
#pragma once
#include <sys/types.h>

#include <atomic>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace rhumb::proxy {

class Service {
 public:
  /// `socket`: where the manager listens; empty: there is none. `watchdog`: it wants to hear from us as often; zero: it
  /// does not watch.
  Service(std::string socket, base::Micros watchdog) : socket_(std::move(socket)), watchdog_(watchdog) {}
  /// By NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID of the environment.
  static Service from_environment();
  Service(Service&& other) noexcept : socket_(std::move(other.socket_)), watchdog_(other.watchdog_) {}

  void ready(std::string_view status) noexcept;
  /// To be ended by ready(), whatever came of it: the protocol has no word for a refusal, so the status says it.
  void reloading() noexcept;
  void stopping() noexcept;
  /// Stopping may take this long from now on.
  void extend(base::Micros time) noexcept;
  /// One line for people.
  void status(std::string_view line) noexcept;
  /// Another process is the service from now on.
  void handed_to(pid_t pid) noexcept;
  /// Keeps sockets for the next process, by name; adds to those that have it already.
  void keep(std::string_view name, std::span<const int> fds) noexcept;
  void forget(std::string_view name) noexcept;
  /// All loops turn. Passed on twice as often as the manager wants it, not more. Any thread.
  void alive() noexcept;

 private:
  void send(std::string_view message, std::span<const int> fds = {}) noexcept;
  std::string socket_;
  base::Micros watchdog_;
  std::atomic<int64_t> fed_us_{0};  // monotonic; zero: never
};

}  // namespace rhumb::proxy
