// SPDX-License-Identifier: Apache-2.0
#include "decision/term.h"

#include <array>

namespace rhumb::decision {
namespace {

constexpr std::array<const TermType*, kTerms> kAllTerms = {
#define RHUMB_TERM(name) &name##_term,
#include "decision/terms/list.def"
#undef RHUMB_TERM
};

}  // namespace

std::span<const TermType* const> terms() noexcept { return kAllTerms; }

const TermType* find_term(std::string_view name, TermIndex& index) noexcept {
  for (size_t i = 0; i < kTerms; ++i) {
    if (kAllTerms[i]->name != name) continue;
    index = static_cast<TermIndex>(i);
    return kAllTerms[i];
  }
  return nullptr;
}

}  // namespace rhumb::decision
