// SPDX-License-Identifier: Apache-2.0
// How much memory the process has and may have, and what follows when it comes near that. Any thread.
#pragma once
#include <cstdint>
#include <string>

namespace rhumb::base {

/// What is given up, one after the other, so that memory lasts for what is served already.
enum class Strain : uint8_t {
  none,
  keep_alive,   // from 80 % of the limit: each answer ends its connection
  requests,     // from 94 %: requests are answered 503
  connections,  // from 97 %: nobody is accepted
};
Strain strain_of(uint64_t used, uint64_t limit) noexcept;  // a limit of 0 is none

/// Resident set of this process; 0 when it cannot be known.
uint64_t resident_bytes() noexcept;
/// Of it what no file on a disk has: the kernel takes the pages of files back by itself when memory runs short.
uint64_t pinned_bytes() noexcept;
/// What the kernel holds for the sockets of the process's cgroup (version 2): `sock` of its memory.stat, sockets of its
/// other processes too. 0 when there is none. Arguments as below.
uint64_t cgroup_socket_bytes(const std::string& root = "/sys/fs/cgroup",
                             const std::string& membership = "/proc/self/cgroup");
/// The least `memory.max` of the process's cgroup (version 2) and those above it; 0: no limit. `root`: where that file
/// system is mounted; `membership`: /proc/self/cgroup.
uint64_t cgroup_memory_limit(const std::string& root = "/sys/fs/cgroup",
                             const std::string& membership = "/proc/self/cgroup");

}  // namespace rhumb::base
