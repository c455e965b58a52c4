// SPDX-License-Identifier: Apache-2.0
#include "proxy/event_reader.h"

namespace rhumb::proxy {

std::vector<SentEvent> EventReader::feed(std::string_view bytes) {
  std::vector<SentEvent> out;
  rest_ += bytes;
  size_t from = 0;
  for (size_t end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', from)) {
    std::string_view text = std::string_view(rest_).substr(from, end - from);
    if (text.ends_with('\r')) text.remove_suffix(1);
    line(text, out);
    from = end + 1;
  }
  rest_.erase(0, from);
  return out;
}

void EventReader::line(std::string_view text, std::vector<SentEvent>& out) {
  if (text.empty()) {
    if (!next_.data.empty()) out.push_back(next_);
    next_.kind.clear();
    next_.data.clear();
    return;
  }
  const size_t colon = std::min(text.find(':'), text.size());
  const std::string_view name = text.substr(0, colon);
  std::string_view value = text.substr(std::min(colon + 1, text.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "id") next_.id = value;
  if (name == "event") next_.kind = value;
  if (name == "data") next_.data += (next_.data.empty() ? "" : "\n") + std::string(value);
}

}  // namespace rhumb::proxy
