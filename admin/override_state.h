// SPDX-License-Identifier: Apache-2.0
// Overrides as a text that another process understands: an upgrade must not end what an operator has set. Control
// thread.
#pragma once
#include <string>
#include <string_view>

#include "upstream/board.h"

namespace rhumb::admin {

/// All that are in force, each with the time it has left.
std::string saved_overrides(const upstream::Overrides& overrides);
/// Sets those of regions that `board` has, with their owner, reason, beginning and end; returns how many. What is not
/// understood is left out.
size_t restore_overrides(std::string_view saved, upstream::Board& board);

}  // namespace rhumb::admin
