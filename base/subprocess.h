// SPDX-License-Identifier: Apache-2.0
// Starts programs without a shell, and waits for them or not: the only place that starts processes. Any thread.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace rhumb::base {

struct Command {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH
  std::string directory;          // where it runs; empty: here
  int pass_fd = -1;               // becomes its descriptor 3
  std::chrono::seconds timeout{300};
};

struct Finished {
  int exit_code = -1;  // -1: ended by `signal`
  int signal = 0;
  bool timed_out = false;
  std::string output;  // the last kMaxOutput bytes of both its outputs
  bool ok() const noexcept { return exit_code == 0 && !timed_out; }
  std::string describe() const;  // "exit code 2", "signal 11", "stopped after its time was over"
};
constexpr size_t kMaxOutput = 16 * 1024;

/// The error: it could not be started. Standard input is /dev/null. Blocking.
Result<Finished, std::string> run_program(const Command& command);

/// A program that goes on by itself, with our outputs, in our process group.
struct Launch {
  std::vector<std::string> argv;         // argv[0] is a path
  std::vector<std::string> environment;  // NAME=value; all of it
  std::vector<int> fds;                  // become its descriptors 3, 4, ...
};
/// Its process id: the caller waits for it, or leaves it to init. The error: it could not be started.
Result<pid_t, std::string> launch(const Launch& launch);

/// Whether PATH has an executable file of this name.
bool program_exists(const std::string& name);

}  // namespace rhumb::base
