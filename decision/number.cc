// SPDX-License-Identifier: Apache-2.0
#include "decision/number.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "decision/decide.h"

namespace rhumb::decision {
namespace {

/// What the region announces, else what the file says.
template <size_t kSlot>
double raw_number(const TermInput& in) noexcept {
  const float announced = in.state.numbers[kSlot];
  return std::isfinite(announced) ? double{announced} : in.region.numbers[kSlot];
}

template <size_t kSlot>
double number_value(const TermInput& in) noexcept {
  return normalised(in.policy.numbers[kSlot], raw_number<kSlot>(in));
}

template <size_t kSlot>
double number_for(const TermInput& in, double value) noexcept {
  return number_of(in.policy.numbers[kSlot], value);
}

template <size_t kSlot>
void assume_number(Region& region, RegionState& state, const RequestFacts&, double number) noexcept {
  region.numbers[kSlot] = number;
  state.numbers[kSlot] = static_cast<float>(kUnknown);
}

template <size_t... kSlots>
constexpr std::array<TermType, kNumbers> types(std::index_sequence<kSlots...>) noexcept {
  return {TermType{.raw = raw_number<kSlots>,
                   .value = number_value<kSlots>,
                   .raw_for = number_for<kSlots>,
                   .assume = assume_number<kSlots>}...};
}

}  // namespace

double normalised(const NumberTerm& term, double number) noexcept {
  if (!std::isfinite(number)) return kNeutral;
  const double x = std::max(number, 0.0);
  const double low =
      term.normaliser == Normaliser::half ? term.scale / (term.scale + x) : std::max(0.0, 1 - x / term.scale);
  return term.lower_wins ? low : 1 - low;
}

double number_of(const NumberTerm& term, double value) noexcept {
  const double low = term.lower_wins ? value : 1 - value;
  if (!(low >= 0 && low <= 1)) return kUnknown;
  if (term.normaliser == Normaliser::max) return (1 - low) * term.scale;
  return low > 0 ? term.scale / low - term.scale : kUnknown;
}

const std::array<TermType, kNumbers> number_terms = types(std::make_index_sequence<kNumbers>());

}  // namespace rhumb::decision
