// SPDX-License-Identifier: Apache-2.0
// `rhumb check`. Returns the process's exit code: 0, or 78 when some file would be refused.
#pragma once
#include <string>
#include <vector>

namespace rhumb::proxy {

struct CheckOptions {
  bool json = false;    // one document on standard output
  bool strict = false;  // warnings are fatal too
  bool deep = false;    // see deep_check.h
};

int check_files(const std::vector<std::string>& files, const CheckOptions& options);

}  // namespace rhumb::proxy
