// SPDX-License-Identifier: Apache-2.0
// The commands that look at recorded decisions: replay and plan. They block, print, and return the process's exit code.
#pragma once
#include <string>

#include "foresight/plan_limits.h"

namespace rhumb::proxy {

/// Where a gateway that was installed from the package records.
inline constexpr const char* kRecorderDirectory = "/var/lib/rhumb/recorder";

/// 0: all that could be decided again came out the same; 1: something did not, or nothing could be read.
int replay_recording(const std::string& path, bool json);

struct PlanQuestion {
  std::string file;  // the candidate
  std::string recording = kRecorderDirectory;
  std::string before;  // the file in force; empty: only a recording will do
  std::string last;    // a duration before the youngest decision; empty: all
  foresight::PlanLimits limits;
  bool json = false;
};

/// 0: planned, and within its limits; 1: past one, or nothing to plan with; 78: the candidate is no good.
int plan_change(const PlanQuestion& question);

}  // namespace rhumb::proxy
