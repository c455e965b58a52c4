// SPDX-License-Identifier: Apache-2.0
#include "proxy/file_watch.h"

#include <fnmatch.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/log.h"

namespace rhumb::proxy {
namespace {

constexpr int kReadsATurn = 8;
constexpr uint32_t kWhat = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ONLYDIR;
// The link through which all files of a mounted volume are seen, and which is replaced when they change.
constexpr std::string_view kVolumeLink = "..data";

}  // namespace

FileWatch::FileWatch(net::Loop& loop, std::function<void()> changed)
    : loop_(loop),
      changed_(std::move(changed)),
      quiet_(
          [](void* self) noexcept {
            auto& watch = *static_cast<FileWatch*>(self);
            watch.first_ = {};
            watch.changed_();
          },
          this) {}

FileWatch::~FileWatch() { loop_.timers().remove(quiet_); }

void FileWatch::watch(const std::vector<std::string>& files) {
  watch_.stop();
  names_.clear();
  events_.reset();  // and with it all that was watched
  if (files.empty()) return loop_.timers().cancel(quiet_);
  events_.reset(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!events_) return base::log(base::LogLevel::warning, "files cannot be watched: {}", std::strerror(errno));
  for (const std::string& file : files) {
    const std::filesystem::path path(file);
    const std::string directory = path.has_parent_path() ? path.parent_path().string() : ".";
    const int number = ::inotify_add_watch(events_.get(), directory.c_str(), kWhat);
    if (number < 0) {
      base::log(base::LogLevel::warning, "{} cannot be watched: {}", directory, std::strerror(errno));
      continue;
    }
    names_[number].insert(path.filename().string());
  }
  watch_.start_level(loop_, events_.get(), *this);
}

void FileWatch::on_ready(net::Ready) noexcept {
  alignas(inotify_event) char buffer[4096];
  bool seen = false;
  // What is left is announced in the next turn: somebody may be making events as fast as they are read.
  for (int reads = 0; reads < kReadsATurn; ++reads) {
    const ssize_t got = ::read(events_.get(), buffer, sizeof buffer);
    if (got <= 0) break;
    for (ssize_t at = 0; at < got;) {
      inotify_event event{};
      std::memcpy(&event, buffer + at, sizeof event);
      const std::string name(event.len != 0 ? buffer + at + sizeof event : "");
      at += static_cast<ssize_t>(sizeof event + event.len);
      const bool lost = (event.mask & IN_Q_OVERFLOW) != 0;
      seen = seen || lost || wanted(event.wd, name);
    }
  }
  if (seen) noticed();
}

bool FileWatch::wanted(int directory, const std::string& name) const {
  const auto names = names_.find(directory);
  if (names == names_.end()) return false;
  return name == kVolumeLink || std::any_of(names->second.begin(), names->second.end(), [&](const std::string& one) {
           return name == one || ::fnmatch(one.c_str(), name.c_str(), FNM_PERIOD) == 0;
         });
}

void FileWatch::noticed() {
  if (first_ == base::Instant{}) first_ = loop_.now();
  loop_.timers().arm(quiet_, std::min<base::Instant>(loop_.now() + kQuiet, first_ + kLongest));
}

}  // namespace rhumb::proxy
