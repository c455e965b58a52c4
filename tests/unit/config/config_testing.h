// SPDX-License-Identifier: Apache-2.0
// Shared by the tests of config: the smallest good file, and what its parts turn out wrong.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "config/load.h"

namespace rhumb::config::testing {

inline const std::string kListeners = "listeners:\n  - {name: web, address: \"127.0.0.1:8080\"}\n";
inline const std::string kRegions =
    "regions:\n"
    "  - name: eu-west\n    location: {latitude: 53.3, longitude: -6.2}\n    endpoints: [\"127.0.0.1:9001\"]\n"
    "  - name: us-east\n    location: {latitude: 37.5, longitude: -77.5}\n    endpoints: [\"127.0.0.1:9002\"]\n";

/// The smallest good file with `more` behind it.
inline Loaded load_with(const std::string& more) { return load_text(kListeners + kRegions + more, "test.yaml"); }

/// Those of errors; warnings have their own.
inline std::vector<int> codes(const Diagnostics& diagnostics, Severity severity = Severity::error) {
  std::vector<int> result;
  for (const Diagnostic& d : diagnostics.sorted()) {
    if (d.severity == severity) result.push_back(d.code);
  }
  return result;
}
inline std::vector<int> warnings(const Diagnostics& diagnostics) { return codes(diagnostics, Severity::warning); }
inline std::vector<int> codes_of(const std::string& text) { return codes(load_text(text, "test.yaml").diagnostics); }
inline std::vector<int> codes_with(const std::string& more) { return codes(load_with(more).diagnostics); }

inline std::string rendered(const Loaded& loaded) {
  return render(loaded.diagnostics, loaded.sources, Audience::of_the_files);
}

/// A directory that is gone with its owner.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rhumb-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string path(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return path(name);
  }
  /// A file as `!file` takes it.
  std::string write_secret(const std::string& name, const std::string& bytes) const {
    write(name, bytes);
    std::filesystem::permissions(path_ / name, std::filesystem::perms(0600));
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

/// Sets an environment variable for one test.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Environment() { ::unsetenv(name_); }

 private:
  const char* name_;
};

}  // namespace rhumb::config::testing
