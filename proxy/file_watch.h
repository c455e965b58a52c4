// SPDX-License-Identifier: Apache-2.0
// Tells when files change on disk: by their directories, so that a file put in place by a rename, and the link that a
// mounted Kubernetes volume turns, are seen too. Calls once things have been quiet for a moment. Control thread.
#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "net/loop.h"
#include "net/socket.h"
#include "net/timer.h"
#include "net/watch.h"

namespace rhumb::proxy {

class FileWatch final : private net::WatchOwner {
 public:
  static constexpr base::Millis kQuiet{300};   // after the last change
  static constexpr base::Seconds kLongest{3};  // after the first one, however much goes on

  FileWatch(net::Loop& loop, std::function<void()> changed);
  ~FileWatch();

  /// Replaces what is watched; empty: nothing. The last part of a path may be a pattern (conf.d/*.yaml). A directory
  /// that is not there (or that cannot be watched) is told in the log and left out.
  void watch(const std::vector<std::string>& files);

 private:
  void on_ready(net::Ready) noexcept override;
  bool wanted(int directory, const std::string& name) const;
  void noticed();

  net::Loop& loop_;
  std::function<void()> changed_;
  net::Fd events_;
  net::Watch watch_;
  net::Timer quiet_;
  base::Instant first_{};                       // of the changes not yet told
  std::map<int, std::set<std::string>> names_;  // by watched directory
};

}  // namespace rhumb::proxy
