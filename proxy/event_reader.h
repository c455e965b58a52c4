// SPDX-License-Identifier: Apache-2.0
// Server-sent events (HTML, 9.2.6) out of the bytes of a stream, as our admin listener sends them. Pure; one thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace rhumb::proxy {

struct SentEvent {
  std::string id, kind, data;  // id is the last one sent, with this event or before it
};

class EventReader {
 public:
  /// What has become whole with these bytes.
  std::vector<SentEvent> feed(std::string_view bytes);

 private:
  void line(std::string_view text, std::vector<SentEvent>& out);
  std::string rest_;
  SentEvent next_;
};

}  // namespace rhumb::proxy
