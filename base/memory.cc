// SPDX-License-Identifier: Apache-2.0
#include "base/memory.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace rhumb::base {
namespace {

/// Of the one hierarchy of version 2; empty when there is none.
std::string cgroup_path(const std::string& membership) {
  std::ifstream file(membership);
  std::string line, path;
  while (std::getline(file, line))
    if (line.starts_with("0::")) path = line.substr(3);
  return path;
}

}  // namespace

Strain strain_of(uint64_t used, uint64_t limit) noexcept {
  if (limit == 0) return Strain::none;
  const uint64_t percent = used / (limit / 100 + 1);
  if (percent >= 97) return Strain::connections;
  if (percent >= 94) return Strain::requests;
  return percent >= 80 ? Strain::keep_alive : Strain::none;
}

uint64_t resident_bytes() noexcept {
  std::ifstream file("/proc/self/statm");
  uint64_t all = 0, resident = 0;
  return file >> all >> resident ? resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

uint64_t pinned_bytes() noexcept {
  std::ifstream file("/proc/self/status");
  uint64_t total = 0;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("RssAnon:") || line.starts_with("RssShmem:"))
      total += std::strtoull(line.c_str() + line.find(':') + 1, nullptr, 10) * 1024;
  return total;
}

uint64_t cgroup_socket_bytes(const std::string& root, const std::string& membership) {
  const std::string path = cgroup_path(membership);
  if (path.empty()) return 0;
  std::ifstream file(root + (path == "/" ? "" : path) + "/memory.stat");
  std::string name;
  for (uint64_t value = 0; file >> name >> value;)
    if (name == "sock") return value;
  return 0;
}

uint64_t cgroup_memory_limit(const std::string& root, const std::string& membership) {
  std::string path = cgroup_path(membership);
  uint64_t least = 0;
  for (; !path.empty(); path.resize(path.rfind('/'))) {
    std::ifstream limit(root + (path == "/" ? "" : path) + "/memory.max");
    if (uint64_t bytes = 0; limit >> bytes && (least == 0 || bytes < least)) least = bytes;  // "max" is no number
  }
  return least;
}

}  // namespace rhumb::base
