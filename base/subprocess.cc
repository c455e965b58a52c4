// SPDX-License-Identifier: Apache-2.0
#include "base/subprocess.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

extern char** environ;

namespace rhumb::base {
namespace {

using SteadyClock = std::chrono::steady_clock;

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

/// posix_spawn, not fork: the gateway has threads, and a forked copy of it could wait for their locks for ever.
class Spawn {
 public:
  Spawn() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);  // none of our signal settings
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
  }
  ~Spawn() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;

  int start(const std::vector<std::string>& argv, char** environment, short more_flags, pid_t& pid) {
    posix_spawnattr_setflags(&attributes,
                             static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | more_flags));
    return posix_spawnp(&pid, argv[0].c_str(), &actions, &attributes, pointers(argv).data(), environment);
  }

  posix_spawn_file_actions_t actions;

 private:
  posix_spawnattr_t attributes;
};

int spawn(const Command& command, int output, pid_t& pid) {
  Spawn spawn;
  posix_spawn_file_actions_adddup2(&spawn.actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&spawn.actions, output, STDERR_FILENO);
  if (command.pass_fd >= 0) posix_spawn_file_actions_adddup2(&spawn.actions, command.pass_fd, 3);
  if (!command.directory.empty()) posix_spawn_file_actions_addchdir_np(&spawn.actions, command.directory.c_str());
  // Its own group, so that a time-out also ends what it started.
  return spawn.start(command.argv, environ, POSIX_SPAWN_SETPGROUP, pid);
}

/// Reads until the other end closes; false when the time is over first.
bool collect(int fd, SteadyClock::time_point deadline, std::string& output) {
  char buffer[4096];
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
    if (left <= 0) return false;
    pollfd watched{fd, POLLIN, 0};
    const int ready = poll(&watched, 1, static_cast<int>(std::min<long>(left, 1000)));
    if (ready < 0 && errno != EINTR) return true;
    if (ready <= 0) continue;
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got == 0 || (got < 0 && errno != EINTR)) return true;
    if (got > 0) output.append(buffer, static_cast<size_t>(got));
    if (output.size() > kMaxOutput) output.erase(0, output.size() - kMaxOutput);
  }
}

}  // namespace

std::string Finished::describe() const {
  if (timed_out) return "stopped after its time was over";
  return signal != 0 ? fmt::format("signal {}", signal) : fmt::format("exit code {}", exit_code);
}

Result<Finished, std::string> run_program(const Command& command) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Unexpected(fmt::format("no pipe: {}", std::strerror(errno)));
  pid_t pid = -1;
  const int error = spawn(command, ends[1], pid);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return Unexpected(fmt::format("cannot run {}: {}", command.argv[0], std::strerror(error)));
  }
  Finished finished;
  finished.timed_out = !collect(ends[0], SteadyClock::now() + command.timeout, finished.output);
  close(ends[0]);
  if (finished.timed_out) kill(-pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) finished.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) finished.signal = WTERMSIG(status);
  return finished;
}

Result<pid_t, std::string> launch(const Launch& launch) {
  constexpr int kFirst = 3;
  Spawn spawn;
  // Copies above all the targets, so that none of them is overwritten before it has been put in its place.
  std::vector<int> copies;
  for (size_t i = 0; i < launch.fds.size(); ++i) {
    copies.push_back(fcntl(launch.fds[i], F_DUPFD_CLOEXEC, kFirst + static_cast<int>(launch.fds.size())));
    posix_spawn_file_actions_adddup2(&spawn.actions, copies.back(), kFirst + static_cast<int>(i));
  }
  pid_t pid = -1;
  const int error = spawn.start(launch.argv, pointers(launch.environment).data(), 0, pid);
  for (const int copy : copies) close(copy);
  if (error != 0) return Unexpected(fmt::format("cannot run {}: {}", launch.argv[0], std::strerror(error)));
  return pid;
}

bool program_exists(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/bin:/bin";
  while (!rest.empty()) {
    const size_t colon = rest.find(':');
    const std::string candidate = std::string(rest.substr(0, colon)) + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) return true;
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  return false;
}

}  // namespace rhumb::base
