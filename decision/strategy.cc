// SPDX-License-Identifier: Apache-2.0
#include "decision/strategy.h"

#include <array>

namespace rhumb::decision {
namespace {

constexpr std::array kAll = {
#define RHUMB_STRATEGY(name) &name##_strategy,
#include "config/strategies.def"
#undef RHUMB_STRATEGY
};

}  // namespace

std::span<const StrategyType* const> strategies() noexcept { return kAll; }

const StrategyType* find_strategy(std::string_view name) noexcept {
  for (const StrategyType* strategy : kAll)
    if (strategy->name == name) return strategy;
  return nullptr;
}

}  // namespace rhumb::decision
