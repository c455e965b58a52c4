// SPDX-License-Identifier: Apache-2.0
// Users and groups of this machine. May read files: not for the request path. Any thread.
#pragma once
#include <sys/types.h>

#include <optional>
#include <string>

namespace rhumb::net {

/// Of a name, or of a number written out; nothing when there is no such name.
std::optional<uid_t> user_id(const std::string& name);
std::optional<gid_t> group_id(const std::string& name);

}  // namespace rhumb::net
