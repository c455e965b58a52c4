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

#include "config/diff.h"
#include "config/load.h"
#include "foresight/plan_limits.h"
#include "geo/locator.h"
#include "net/mailbox.h"

namespace rhumb::proxy {

/// What comes from disk: slow (a database of the whole world takes a second), and of no effect yet. Blocking.
struct LoadedFiles {
  explicit LoadedFiles(const std::string& path);
  /// Those that were last in force (last_good.h).
  static LoadedFiles last_good();
  /// Those that nobody can read now.
  static LoadedFiles not_read(const std::string& why);
  std::string bundle;  // the files themselves, to be kept; empty when they could not be read
  config::Loaded config;
  std::shared_ptr<const geo::Locator> geo;
  std::string problem;  // with the databases, or with what they would do
  std::string by;       // who wants them in force: "token deploy, signal of uid 0 pid 7"
  bool past_limits = false;
  bool unread = false;  // nobody could read them: `problem` says why

 private:
  LoadedFiles() = default;
  void open_databases();
};

/// What became of a reload. One that was refused changed nothing.
struct ReloadVerdict {
  bool applied = false;
  std::string text;  // what is different now, or why it was refused, line by line
  std::vector<config::Change> changes;
  uint64_t generation = 0;   // in force after it
  std::string config;        // its hash
  bool past_limits = false;  // why it was refused: the files are good
  bool unread = false;       // why it was refused: nobody could read them, and may later
};

class Reloader {
 public:
  using Apply = std::function<ReloadVerdict(LoadedFiles&)>;
  using Done = std::function<void(const ReloadVerdict&)>;
  /// Where files are read, and so slowly if need be: what they would change.
  using Look = std::function<ReloadVerdict(LoadedFiles&)>;
  /// The same: files that would do more to the traffic than this get a problem.
  using Gate = std::function<void(LoadedFiles&, const foresight::PlanLimits&)>;
  /// `apply` puts files in force or refuses them; `look` and `gate` are asked for, by the control thread, when somebody
  /// wants to know what a load would change, and when it is to be held to limits.
  Reloader(std::string path, net::Mailbox& mailbox, Apply apply, std::function<Look()> look,
           std::function<Gate()> gate = nullptr);
  ~Reloader();  // waits for a load under way

  /// `done` hears of a load that began after this call, and was applied or refused. One load for several askers is
  /// held to the limits of all of them, and is the doing of all of them: `by` is who asks.
  void request(Done done = nullptr, const foresight::PlanLimits& limits = {}, const std::string& by = {});
  /// The same, but nothing is applied: `done` hears what would be. `applied` of its verdict: it would be.
  void preview(Done done) { enter(std::move(done), false, {}); }
  /// What is being read will not be applied, and nothing is read any more.
  void stop() noexcept { stopped_ = true; }

 private:
  /// Who wants to hear of one load, and whether it is to be applied.
  struct Asked {
    std::vector<Done> verdict, preview;
    bool apply = false, any = false;
    foresight::PlanLimits limits;
    std::vector<std::string> by;
  };
  void enter(Done done, bool apply, const foresight::PlanLimits& limits);
  void begin();
  void refuse(const std::string& why);
  /// What was read, to the control thread. Any thread.
  void hand_in(std::shared_ptr<LoadedFiles> files, ReloadVerdict seen);
  /// `files`: null when they were only looked at.
  void finish(LoadedFiles* files, const ReloadVerdict& seen);

  std::string path_;
  net::Mailbox& mailbox_;
  Apply apply_;
  std::function<Look()> look_;
  std::function<Gate()> gate_;
  Asked now_, next_;  // of the load under way, and of the one after it
  bool loading_ = false, stopped_ = false;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  std::thread thread_;
};

}  // namespace rhumb::proxy
