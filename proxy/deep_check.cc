// SPDX-License-Identifier: Apache-2.0
#include "proxy/deep_check.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "config/codes.h"
#include "geo/locator.h"
#include "geo/validate.h"
#include "net/socket.h"
#include "proxy/access_log.h"

namespace rhumb::proxy {
namespace {

namespace code = config::code;
using config::Node;
using config::Place;

/// The value of SECTION.KEY, or no place when the file does not say it.
const Node* value_of(const config::Spec& spec, std::string_view section, std::string_view key) {
  const Node* mapping = spec.tree != nullptr ? spec.tree->find(section) : nullptr;
  return mapping != nullptr ? mapping->find(key) : nullptr;
}

Place place_of(const Node* value) { return value != nullptr ? value->place : Place{}; }

Place item_place(const Node* list, size_t index) {
  if (list != nullptr && index < list->items.size()) return list->items[index].place;
  return place_of(list);
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

void check_geo(const config::Spec& spec, std::string_view key, const std::vector<std::string>& files,
               config::Diagnostics& diagnostics) {
  for (size_t i = 0; i < files.size(); ++i) {
    const auto opened = geo::Locator::open({{files[i], false}}, geo::validate_in_child);
    if (opened) continue;
    const Place place = item_place(value_of(spec, "geo", key), i);
    diagnostics.error(code::kGeoFile, place,
                      fmt::format("geo.{}: {}", key, diagnostics.without(opened.error(), files[i], place)));
  }
}

/// What is there must be of that kind and be writable; else the directory it would be made in.
void check_writable(const config::Spec& spec, std::string_view section, std::string_view key, const std::string& path,
                    bool is_directory, config::Diagnostics& diagnostics) {
  struct stat info {};
  const bool exists = ::stat(path.c_str(), &info) == 0;
  const std::string target = exists ? path : folder_of(path);
  const int wanted = exists && !is_directory ? W_OK : W_OK | X_OK;
  const bool other = exists && S_ISDIR(info.st_mode) != is_directory;
  if (!other && ::faccessat(AT_FDCWD, target.c_str(), wanted, AT_EACCESS) == 0) return;
  const char* const why = !other ? std::strerror(errno) : is_directory ? "it is no directory" : "it is a directory";
  const Place place = place_of(value_of(spec, section, key));
  diagnostics.error(code::kNotWritable, place,
                    fmt::format("{}.{}: {} cannot be written: {}", section, key, diagnostics.said(target, place), why));
}

void check_log(const config::Spec& spec, const std::string& path, config::Diagnostics& diagnostics) {
  struct stat info {};
  const char* const why = ::stat(path.c_str(), &info) == 0 ? AccessLog::Sink::why_not(info.st_mode) : nullptr;
  if (why == nullptr) return check_writable(spec, "access_log", "path", path, false, diagnostics);
  diagnostics.error(code::kNotWritable, place_of(value_of(spec, "access_log", "path")),
                    fmt::format("access_log.path: {}; a file, a FIFO or a character device is wanted", why));
}

void check_outputs(const config::Spec& spec, config::Diagnostics& diagnostics) {
  const std::string& log = spec.access_log.path;
  if (log != "stdout" && log != "off") check_log(spec, log, diagnostics);
  const std::string& recorder = spec.recorder.directory;
  if (!recorder.empty()) check_writable(spec, "recorder", "directory", recorder, true, diagnostics);
}

void check_address(const base::SocketAddress& address, const std::string& path, Place place,
                   config::Diagnostics& diagnostics) {
  const int foreign = net::bind_error({address.ip, 0});
  if (foreign == EADDRNOTAVAIL || foreign == EAFNOSUPPORT) {
    diagnostics.error(code::kForeignAddress, place,
                      fmt::format("{}: {} is no address of this machine", path, address.ip.to_string()),
                      address.ip.is_v4() ? "0.0.0.0 stands for all it has" : "[::] stands for all it has");
  } else if (address.port != 0 && net::bind_error(address) == EADDRINUSE) {
    diagnostics.warning(code::kAddressInUse, place,
                        fmt::format("{}: somebody listens on {} now", path, address.to_string()));
  }
}

void check_admin(const config::Spec& spec, config::Diagnostics& diagnostics) {
  const Place place = place_of(value_of(spec, "admin", "address"));
  if (spec.admin.address) return check_address(*spec.admin.address, "admin.address", place, diagnostics);
  if (spec.admin.unix_path.empty()) return;
  struct stat info {};
  const std::string folder = folder_of(spec.admin.unix_path);
  if (::stat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return;
  diagnostics.error(code::kSocketDirectory, place,
                    fmt::format("admin.address: there is no directory{}", diagnostics.named(folder, place)),
                    "make it, or let systemd: RuntimeDirectory=rhumb");
}

}  // namespace

void check_deep(const config::Spec& spec, config::Diagnostics& diagnostics) {
  check_geo(spec, "databases", spec.geo.databases, diagnostics);
  check_geo(spec, "overlays", spec.geo.overlays, diagnostics);
  check_outputs(spec, diagnostics);
  check_admin(spec, diagnostics);
  const Node* listeners = spec.tree != nullptr ? spec.tree->find("listeners") : nullptr;
  for (size_t i = 0; i < spec.listeners.size(); ++i) {
    const Node* listener = listeners != nullptr && i < listeners->items.size() ? &listeners->items[i] : nullptr;
    check_address(spec.listeners[i].address, fmt::format("listeners[{}].address", i),
                  place_of(listener != nullptr ? listener->find("address") : nullptr), diagnostics);
  }
}

}  // namespace rhumb::proxy
