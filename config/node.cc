// SPDX-License-Identifier: Apache-2.0
#include "config/node.h"

namespace rhumb::config {

const Node* Node::find(std::string_view key) const noexcept {
  for (const Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

}  // namespace rhumb::config
