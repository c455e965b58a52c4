// SPDX-License-Identifier: Apache-2.0
#include "base/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>

namespace rhumb::base {
namespace {

constexpr uint64_t kReserve = 32;
std::atomic<uint64_t> first_reserved{UINT64_MAX};

}  // namespace

void open_standard_descriptors() noexcept {
  for (int fd = 0; fd <= 2; ++fd)  // ascending: the lowest free number is the one that is missing
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY);
}

uint64_t descriptor_limit() noexcept {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 1024;
}

uint64_t raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  return descriptor_limit();
}

void reserve_descriptors(uint64_t limit) noexcept {
  first_reserved.store(limit - std::min(kReserve, limit / 8), std::memory_order_relaxed);
}

bool reserved_descriptor(int fd) noexcept {
  return fd >= 0 && static_cast<uint64_t>(fd) >= first_reserved.load(std::memory_order_relaxed);
}

}  // namespace rhumb::base
