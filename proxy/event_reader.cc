// SPDX-License-Identifier: Apache-2.0
#include "proxy/event_reader.h"

#include <algorithm>

namespace rhumb::proxy {

std::optional<SentEvent> EventReader::take(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) {
    std::optional<SentEvent> whole;
    if (!next_.data.empty()) whole = next_;
    next_.kind.clear();
    next_.data.clear();
    too_long_ = false;
    return whole;
  }
  const size_t colon = std::min(line.find(':'), line.size());
  const std::string_view name = line.substr(0, colon);
  std::string_view value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "id") next_.id = value;
  if (name == "event") next_.kind = value;
  if (name == "data" && next_.data.size() + value.size() > kMaxData) too_long_ = true;
  if (too_long_) next_.data.clear();
  if (name == "data" && !too_long_) next_.data.append(next_.data.empty() ? "" : "\n").append(value);
  return std::nullopt;
}

}  // namespace rhumb::proxy
