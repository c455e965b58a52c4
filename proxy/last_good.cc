// SPDX-License-Identifier: Apache-2.0
#include "proxy/last_good.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/crypto.h"
#include "config/bundle.h"
#include "config/codes.h"
#include "net/socket.h"
#include "proxy/config_file.h"

namespace rhumb::proxy {
namespace {

// The first line, then the path of the configuration and the digest of the bundle, a line each, then the bundle.
constexpr std::string_view kFirst = "rhumb last good configuration 1\n";

std::string digest(std::string_view bytes) {
  std::string out;
  for (const uint8_t byte : base::sha256(bytes)) out += fmt::format("{:02x}", byte);
  return out;
}

std::string_view take_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

config::Loaded nothing(const std::string& path, const std::string& why) {
  config::Loaded loaded;
  loaded.sources.add(path, {});
  loaded.diagnostics.error(config::code::kUnreadable, {}, why);
  return loaded;
}

}  // namespace

std::string last_good_path() {
  const char* directories = std::getenv("STATE_DIRECTORY");
  if (directories == nullptr || *directories == '\0') return {};
  const std::string_view all = directories;
  return std::string(all.substr(0, all.find(':'))) + "/last-good";
}

base::Result<void, std::string> keep_last_good(const std::string& path, const std::string& config_path,
                                               std::string_view bundle) {
  const std::string fresh = path + ".new";
  const auto failed = [&] {
    std::string why = fmt::format("{}: {}", fresh, std::strerror(errno));
    ::unlink(fresh.c_str());  // half of it would stay on a disk that is full
    return base::Unexpected(std::move(why));
  };
  std::string text(kFirst);
  text += config_path + "\n" + digest(bundle) + "\n";
  text += bundle;
  ::unlink(fresh.c_str());
  const net::Fd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return failed();
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t done = ::write(fd.get(), rest.data(), rest.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return failed();
    rest.remove_prefix(static_cast<size_t>(done));
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return failed();
  return {};
}

config::Loaded load_last_good(const std::string& path, std::string& bundle) {
  if (path.empty()) return nothing("last-good", "there is no STATE_DIRECTORY, so none was kept");
  config::Diagnostics found;
  const auto bytes = config::read_regular(path, config::kMaxBundleBytes, {}, found);
  if (!bytes) return nothing(path, found.sorted().front().message);
  std::string_view rest = *bytes;
  if (!rest.starts_with(kFirst)) return nothing(path, "it is no kept configuration");
  rest.remove_prefix(kFirst.size());
  const std::string config_path(take_line(rest));
  const std::string_view kept = take_line(rest);
  if (kept != digest(rest)) return nothing(path, "it was changed since it was kept");
  bundle = rest;
  return load_kept(bundle, config_path, path);
}

}  // namespace rhumb::proxy
