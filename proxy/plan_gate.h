// SPDX-License-Identifier: Apache-2.0
// What holds a reload to limits of what it may do to the traffic: `rhumb reload --max-moved 2%`. Made on the control
// thread, run where files are read.
#pragma once
#include <string>

#include "proxy/reload.h"
#include "proxy/snapshot.h"

namespace rhumb::proxy {

/// `now` is what is in force; `recorder` the directory of its recording, empty when nothing is recorded. Files that are
/// not good are left to who applies them.
Reloader::Gate plan_gate(const World& now, std::string recorder);

}  // namespace rhumb::proxy
