// SPDX-License-Identifier: Apache-2.0
// The text of a path pattern, in RE2's syntax, as a tree. Only characters that a canonical path can hold matter, and
// those are ASCII. No state; the thread that reads the configuration.
#pragma once
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace rhumb::decision {

using PathBytes = std::bitset<128>;

/// Letters, digits and '_': what \w and \b are about.
bool is_word_byte(unsigned byte) noexcept;

struct PatternNode {
  enum class Kind : uint8_t { empty, bytes, sequence, either, repeat, begin, end, word_edge, no_word_edge };
  Kind kind = Kind::empty;
  PathBytes bytes;                 // one of them; none: matches nothing
  int least = 0, most = 0;         // repeat; most < 0: without end
  std::vector<PatternNode> parts;  // of sequence and either; of repeat the one that is repeated
};

/// `pattern` is one that RE2 takes. The error names what of it is not supported here: \p, \pN, \P and groups that are
/// nested more than 64 deep.
base::Result<PatternNode, std::string> parse_pattern(std::string_view pattern);

}  // namespace rhumb::decision
