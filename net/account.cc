// SPDX-License-Identifier: Apache-2.0
#include "net/account.h"

#include <grp.h>
#include <pwd.h>

#include <vector>

#include "base/bytes.h"

namespace rhumb::net {
namespace {

constexpr size_t kRoom = 256 * 1024;  // a group may have very many members

}  // namespace

std::optional<uid_t> user_id(const std::string& name) {
  if (const auto number = base::parse_digits<uid_t>(name)) return number;
  std::vector<char> buffer(kRoom);
  struct passwd entry {};
  struct passwd* found = nullptr;
  if (::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  return found->pw_uid;
}

std::optional<gid_t> group_id(const std::string& name) {
  if (const auto number = base::parse_digits<gid_t>(name)) return number;
  std::vector<char> buffer(kRoom);
  struct group entry {};
  struct group* found = nullptr;
  if (::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  return found->gr_gid;
}

}  // namespace rhumb::net
