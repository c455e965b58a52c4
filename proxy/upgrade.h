// SPDX-License-Identifier: Apache-2.0
// An upgrade without losing a connection: the binary's file (by then perhaps a newer one) is started with our listening
// sockets, reads the configuration for itself, and says when it serves; until then, and when it never does, nothing
// changes here. Both processes share the sockets meanwhile, so nobody who waits to be accepted is lost.
// Control thread.
#pragma once
#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/fd_store.h"
#include "net/loop.h"
#include "net/socket.h"
#include "net/timer.h"
#include "net/watch.h"

namespace rhumb::proxy {

/// The side that goes.
class Upgrade final : private net::WatchOwner {
 public:
  static constexpr base::Seconds kLimit{30};  // for the new process to serve
  using Named = std::vector<std::pair<std::string, int>>;
  /// The id of the process that serves now, or why there is none. Called once, from the loop; it must not destroy this
  /// at once.
  using Done = std::function<void(base::Result<pid_t, std::string>)>;

  Upgrade(net::Loop& loop, Done done);
  /// Ends a process that has not said it serves.
  ~Upgrade();

  /// Starts `argv` with the sockets. The error: it could not be started, and `done` will not be called.
  base::Result<pid_t, std::string> start(std::vector<std::string> argv, const Named& sockets,
                                         base::Micros limit = kLimit);

 private:
  void on_ready(net::Ready) noexcept override;
  void too_late();
  void finish(base::Result<pid_t, std::string> result);
  std::string end_child();

  net::Loop& loop_;
  Done done_;
  net::Fd told_;   // one byte: it serves
  net::Fd lives_;  // readable: it has ended
  net::Watch told_watch_, lives_watch_;
  net::Timer timer_;
  pid_t child_ = -1;
};

/// The side that comes.
class Successor {
 public:
  /// By RHUMB_UPGRADE_FD of the environment, which is removed. Before any thread. From now on, until it serves, this
  /// process is killed when the one that started it dies: it would hold the sockets, and be nobody's.
  static Successor from_environment();
  /// Whether that one had died before.
  bool orphaned() const noexcept;
  /// Whether this process was started by one it takes over from.
  bool active() const noexcept { return static_cast<bool>(tell_); }
  /// Tells it, once, that it may go.
  void serves() noexcept;

 private:
  net::Fd tell_;
};

/// A text as a descriptor that can be passed with the sockets, and out of what was passed (it is taken from there;
/// empty when there is none of that name).
net::Fd passed_text(std::string_view text);
std::string take_text(std::vector<net::Inherited>& from, std::string_view name);

/// The file this process was started from, also when another one has taken its name since.
std::string own_binary();

}  // namespace rhumb::proxy
