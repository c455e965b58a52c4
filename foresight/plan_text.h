// SPDX-License-Identifier: Apache-2.0
// A plan's report for people and for programs. Allocates; any thread.
#pragma once
#include <string>

#include "foresight/plan.h"

namespace rhumb::foresight {

std::string plan_text(const PlanReport& report);
std::string plan_json(const PlanReport& report);

}  // namespace rhumb::foresight
