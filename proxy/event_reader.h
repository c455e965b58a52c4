// SPDX-License-Identifier: Apache-2.0
// Server-sent events (HTML, 9.2.6) out of the lines of a stream, as our admin listener sends them. Pure; one thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace rhumb::proxy {

struct SentEvent {
  std::string id, kind, data;  // id is the last one sent, with this event or before it
};

class EventReader {
 public:
  static constexpr size_t kMaxData = 1 << 20;
  /// A line without its end. The event that became whole with it, if any did; one of more than kMaxData is left out.
  std::optional<SentEvent> take(std::string_view line);

 private:
  SentEvent next_;
  bool too_long_ = false;  // the next one
};

}  // namespace rhumb::proxy
