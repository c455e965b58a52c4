// SPDX-License-Identifier: Apache-2.0
#include "proxy/service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "net/fd_store.h"

namespace rhumb::proxy {
namespace {

constexpr size_t kMostAtOnce = 253;  // descriptors of one message, SCM_MAX_FD

int64_t number_of(const char* variable) {
  const char* text = std::getenv(variable);
  int64_t value = 0;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), value);
  return value;
}

int64_t monotonic_us() noexcept {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<base::Micros>(now).count();
}

/// A line end would begin another assignment.
std::string one_line(std::string_view text) {
  std::string out(text.substr(0, 1000));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return out;
}

}  // namespace

Service Service::from_environment() {
  const char* socket = std::getenv("NOTIFY_SOCKET");
  const int64_t pid = number_of("WATCHDOG_PID");
  const bool watched = pid == 0 || pid == ::getpid();
  return {socket != nullptr ? socket : "", base::Micros(watched ? number_of("WATCHDOG_USEC") : 0)};
}

void Service::send(std::string_view message, std::span<const int> fds) noexcept {
  if (!socket_.empty()) net::notify(socket_, message, fds);
}

void Service::ready(std::string_view status) noexcept { send(fmt::format("READY=1\nSTATUS={}", one_line(status))); }

void Service::reloading() noexcept { send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_us())); }

void Service::stopping() noexcept { send("STOPPING=1"); }

void Service::extend(base::Micros time) noexcept { send(fmt::format("EXTEND_TIMEOUT_USEC={}", time.count())); }

void Service::status(std::string_view line) noexcept { send(fmt::format("STATUS={}", one_line(line))); }

void Service::handed_to(pid_t pid) noexcept { send(fmt::format("MAINPID={}", pid)); }

void Service::keep(std::string_view name, std::span<const int> fds) noexcept {
  for (; !fds.empty(); fds = fds.subspan(std::min(fds.size(), kMostAtOnce)))
    send(fmt::format("FDSTORE=1\nFDNAME={}", name), fds.first(std::min(fds.size(), kMostAtOnce)));
}

void Service::forget(std::string_view name) noexcept { send(fmt::format("FDSTOREREMOVE=1\nFDNAME={}", name)); }

void Service::alive() noexcept {
  if (watchdog_.count() == 0) return;
  const int64_t now = monotonic_us();
  int64_t before = fed_us_.load(std::memory_order_relaxed);
  if ((before != 0 && now - before < watchdog_.count() / 2) || !fed_us_.compare_exchange_strong(before, now)) return;
  send("WATCHDOG=1");
}

}  // namespace rhumb::proxy
