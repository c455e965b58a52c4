// SPDX-License-Identifier: Apache-2.0
// Wall time for people and for JSON: RFC 3339 in UTC, whose years have four digits: a time outside them becomes the
// nearest one within. Pure; any thread.
#pragma once
#include <string>

#include "base/clock.h"

namespace rhumb::base {

/// "2026-01-02T03:04:05Z"; parts of a second are cut off.
std::string wall_text(WallTime at);
/// The same with them: "2026-01-02T03:04:05.678Z".
std::string wall_text_millis(WallTime at);

}  // namespace rhumb::base
