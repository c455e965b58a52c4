// SPDX-License-Identifier: Apache-2.0
// Runs one program without a shell and waits for it: the only place that starts processes. Blocking; any
// thread.
#pragma once
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

/// The error: it could not be started. Standard input is /dev/null.
Result<Finished, std::string> run_program(const Command& command);

/// Whether PATH has an executable file of this name.
bool program_exists(const std::string& name);

}  // namespace rhumb::base
