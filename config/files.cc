// SPDX-License-Identifier: Apache-2.0
#include "config/files.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "config/codes.h"
#include "config/source.h"

namespace rhumb::config {
namespace {

std::string identity_of(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  return real ? std::string(real.get()) : path;
}

/// A directory that is not there matches nothing; one that may not be read could hide files.
thread_local int glob_failure = 0;
int on_glob_failure(const char*, int error) noexcept {
  if (error == ENOENT) return 0;
  glob_failure = error;
  return 1;
}

Problem too_long() { return {code::kUnreadable, fmt::format("the path has more than {} bytes", PATH_MAX), {}}; }

}  // namespace

FileText DiskFiles::read(const std::string& path) {
  FileText file{path, path, {}, {}};
  if (path.size() > PATH_MAX) {
    file.path.clear(), file.identity.clear();
    file.problem = too_long();
    return file;
  }
  Diagnostics found;
  std::optional<std::string> text = read_regular(path, kMaxFileBytes, {}, found);
  if (text) {
    file.text = std::move(*text);
    file.identity = identity_of(path);
  } else {
    const Diagnostic why = found.sorted().at(0);
    file.problem = {why.code, why.message, why.hint};
  }
  said_.files.push_back(file);
  return file;
}

Match DiskFiles::glob(const std::string& pattern, size_t limit) {
  Match match{pattern, {}, {}};
  if (pattern.size() > PATH_MAX) {
    match.pattern.clear();
    match.problem = too_long();
    return match;
  }
  glob_t found{};
  glob_failure = 0;
  const int result = ::glob(pattern.c_str(), GLOB_NOSORT, on_glob_failure, &found);
  if (result == 0) match.paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (result != 0 && result != GLOB_NOMATCH) {
    const char* why = glob_failure != 0 ? std::strerror(glob_failure) : "out of memory";
    match.problem = {code::kUnreadable, fmt::format("cannot look for '{}': {}", pattern, why), {}};
  }
  std::sort(match.paths.begin(), match.paths.end());
  if (match.paths.size() > limit) match.paths.resize(limit + 1);
  said_.matches.push_back(match);
  return match;
}

FileText BundleFiles::read(const std::string& path) {
  for (const FileText& file : bundle_.files) {
    if (file.path == path) return file;
  }
  if (path.size() > PATH_MAX) return {{}, {}, {}, too_long()};
  return {path, path, {}, {code::kUnreadable, fmt::format("cannot read '{}': it was not given", path), {}}};
}

Match BundleFiles::glob(const std::string& pattern, size_t limit) {
  for (const Match& known : bundle_.matches) {
    if (known.pattern != pattern) continue;
    Match match = known;
    if (match.paths.size() > limit) match.paths.resize(limit + 1);
    return match;
  }
  if (pattern.size() > PATH_MAX) return {{}, {}, too_long()};
  return {pattern, {}, {}};
}

}  // namespace rhumb::config
