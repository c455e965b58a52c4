// SPDX-License-Identifier: Apache-2.0
// What `rhumb help TOPIC` says of a key of the configuration, a filter or a diagnostic code. Pure; any thread.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/field.h"

namespace rhumb::config {

/// A topic is a code (E0103), the path of a key (regions.health.interval, as it stands in messages too:
/// regions[1].health.interval) or the end of one (interval, health.interval, ip_acl.allow). A whole path wins over
/// ends; of several ends all are listed. The error says what was meant, perhaps.
base::Result<std::string, std::string> help_topic(std::string_view topic, std::span<const Field> filters);

/// All that help_topic() knows, keys without their []: for completions.
std::vector<std::string> help_topics(std::span<const Field> filters);

}  // namespace rhumb::config
