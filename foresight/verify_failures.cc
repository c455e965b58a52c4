// SPDX-License-Identifier: Apache-2.0
#include "foresight/verify_failures.h"

#include <algorithm>

namespace rhumb::foresight {

Failures::Failures(size_t regions, unsigned most) {
  most = static_cast<unsigned>(std::min<size_t>(most, regions));
  for (unsigned down = 0; down <= most; ++down) {
    add(0, 0, regions, down);
    ends_.push_back(sets_.size());
  }
  for (size_t i = 0; i < sets_.size(); ++i) index_.emplace(sets_[i], i);
}

void Failures::add(uint64_t begun, size_t from, size_t regions, unsigned more) {
  if (more == 0) return sets_.push_back(begun);
  for (size_t r = from; r < regions; ++r) add(begun | uint64_t{1} << r, r + 1, regions, more - 1);
}

std::span<const uint64_t> Failures::sets_of(unsigned down) const noexcept {
  if (down >= ends_.size()) return {};
  const size_t begin = down == 0 ? 0 : ends_[down - 1];
  return std::span(sets_).subspan(begin, ends_[down] - begin);
}

}  // namespace rhumb::foresight
