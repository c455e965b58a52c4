// SPDX-License-Identifier: Apache-2.0
// The process, under the names that all Prometheus clients give it.
#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

#include "admin/metrics.h"
#include "base/descriptors.h"
#include "base/memory.h"
#include "base/units.h"

namespace rhumb::admin {
namespace {

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

uint64_t virtual_bytes() {
  unsigned long long pages = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "re"); file != nullptr) {
    if (std::fscanf(file, "%llu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// Counts the entries of /proc/self/fd some at a time: the kernel takes a microsecond or two for each, and there may be
/// a hundred thousand.
class OpenDescriptors {
 public:
  OpenDescriptors() : directory_(::opendir("/proc/self/fd")) {}
  ~OpenDescriptors() {
    if (directory_ != nullptr) ::closedir(directory_);
  }
  OpenDescriptors(const OpenDescriptors&) = delete;
  OpenDescriptors& operator=(const OpenDescriptors&) = delete;

  /// False: all are counted.
  bool count_some() {
    constexpr int kAtOnce = 200;
    for (int i = 0; directory_ != nullptr && i < kAtOnce; ++i) {
      const dirent* const entry = ::readdir(directory_);
      if (entry == nullptr) return false;
      if (entry->d_name[0] != '.') ++count_;
    }
    return directory_ != nullptr;
  }
  uint64_t count() const noexcept { return count_ == 0 ? 0 : count_ - 1; }  // without the directory's own

 private:
  DIR* directory_;
  uint64_t count_ = 0;
};

}  // namespace

void add_process_families(std::vector<Family>& to, std::shared_ptr<const MetricSources> from) {
  const auto fact = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
    to.push_back({name, type, help, [value](Samples& samples, size_t) { return samples.add("", value()), false; }});
  };
  fact("process_cpu_seconds_total", "counter", "Time of CPUs spent, in user and in system mode.", cpu_seconds);
  fact("process_resident_memory_bytes", "gauge", "Resident memory.", base::resident_bytes);
  fact("process_virtual_memory_bytes", "gauge", "Virtual memory.", virtual_bytes);
  fact("process_start_time_seconds", "gauge", "When the process was started.",
       [from] { return base::in_seconds(from->info.started.time_since_epoch()); });
  fact("process_max_fds", "gauge", "File descriptors it may have.", base::descriptor_limit);
  to.push_back({"process_open_fds", "gauge", "File descriptors open.",
                [open = std::make_shared<OpenDescriptors>()](Samples& samples, size_t) {
                  const bool more = open->count_some();
                  more ? samples.end_piece() : samples.add("", open->count());
                  return more;
                }});
}

}  // namespace rhumb::admin
