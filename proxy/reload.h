// SPDX-License-Identifier: Apache-2.0
// Reads the files of a configuration away from the control thread, one load at a time, and hands them to it. What is
// asked for during a load is one more load after it, as the files may have changed again: a storm of reloads is one.
// Control thread, but for the reading.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "config/load.h"
#include "geo/locator.h"
#include "net/mailbox.h"

namespace rhumb::proxy {

/// What comes from disk: slow (a database of the whole world takes a second), and of no effect yet. Blocking.
struct LoadedFiles {
  explicit LoadedFiles(const std::string& path);
  config::Loaded config;
  std::shared_ptr<const geo::Locator> geo;
  std::string problem;  // with the databases
};

/// What became of a reload. One that was refused changed nothing.
struct ReloadVerdict {
  bool applied = false;
  std::string text;         // what is different now, or why it was refused, line by line
  uint64_t generation = 0;  // in force after it
  std::string config;       // its hash
};

class Reloader {
 public:
  using Apply = std::function<ReloadVerdict(LoadedFiles&)>;
  using Done = std::function<void(const ReloadVerdict&)>;
  Reloader(std::string path, net::Mailbox& mailbox, Apply apply);
  ~Reloader();  // waits for a load under way

  /// `done` hears of a load that began after this call.
  void request(Done done = nullptr);
  /// What is being read will not be applied, and nothing is read any more.
  void stop() noexcept { stopped_ = true; }

 private:
  void begin();
  void finish(LoadedFiles& files);

  std::string path_;
  net::Mailbox& mailbox_;
  Apply apply_;
  std::vector<Done> waiting_, next_;  // for the load under way, and for the one after it
  bool loading_ = false, again_ = false, stopped_ = false;
  std::thread thread_;
};

}  // namespace rhumb::proxy
