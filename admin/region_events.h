// SPDX-License-Identifier: Apache-2.0
// What the board tells of regions, passed on to the error log and to the events. Control thread.
#pragma once
#include "admin/events.h"
#include "upstream/board.h"

namespace rhumb::admin {

void tell(Events& events, const upstream::BoardEvent& event);

}  // namespace rhumb::admin
