// SPDX-License-Identifier: Apache-2.0
// What the writer of a recording counts. Written by it alone; read by any thread.
#pragma once
#include "base/counters.h"

namespace rhumb::foresight {

struct RecorderCounts {
  base::Cell written;  // decisions that are in the file
  base::Cell errors;   // times the disk did not take something, which is tried again, or somebody cut off the file
};

}  // namespace rhumb::foresight
