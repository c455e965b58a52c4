// SPDX-License-Identifier: Apache-2.0
// One line of a configuration without what may be a secret in it: keys and structure stay, and so do the values that a
// table knows to be harmless; each run of anything else is "***", comments are left out. A line of which nothing is
// known, as the file cannot be parsed, keeps its beginning as far as that is made of keys of the tables. Pure; any
// thread.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"

namespace rhumb::config {

struct Masked {
  std::string text;
  size_t column = 0, length = 1;  // what `place` underlined, in characters of `text` from 0
};

/// `open`: what may be shown of the line, by column. `line` is the line of `place`.
Masked masked_line(const Place& place, std::string_view line, const std::vector<Place>& open);

}  // namespace rhumb::config
