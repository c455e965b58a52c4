// SPDX-License-Identifier: Apache-2.0
#include "decision/term.h"

#include <array>

#include "decision/decide.h"

namespace rhumb::decision {
namespace {

constexpr std::array<const TermType*, kTerms> kAllTerms = {
#define RHUMB_TERM(name, weight, counts, what) &name##_term,
#include "config/terms.def"
#undef RHUMB_TERM
    &number_terms[0], &number_terms[1], &number_terms[2], &number_terms[3]};
static_assert(kNumbers == 4);

}  // namespace

std::span<const TermType* const> terms() noexcept { return kAllTerms; }

size_t term_count(const Policy& policy) noexcept { return kBuiltInTerms + policy.numbers.size(); }

size_t find_term(const Policy& policy, std::string_view name) noexcept {
  for (size_t t = 0; t < term_count(policy); ++t)
    if (label_of(policy, t).name == name) return t;
  return kTerms;
}

TermLabel label_of(const Policy& policy, size_t term) noexcept {
  if (term < kBuiltInTerms) return {kAllTerms[term]->name, kAllTerms[term]->unit, kAllTerms[term]->lower_wins};
  const NumberTerm& own = policy.numbers[term - kBuiltInTerms];
  return {own.name, own.unit, own.lower_wins};
}

}  // namespace rhumb::decision
