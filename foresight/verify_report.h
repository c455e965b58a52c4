// SPDX-License-Identifier: Apache-2.0
// What was proved, for people and as JSON. Allocates; any thread.
#pragma once
#include <functional>
#include <string>

#include "foresight/verify.h"

namespace rhumb::foresight {

struct VerifyReport {
  const Verified& verified;
  std::string_view file, hash;
  /// Where a rule stands: "rhumb.yaml:31:11".
  std::function<std::string(const config::AssertSpec&)> place;
};

std::string verify_text(const VerifyReport& report);
std::string verify_json(const VerifyReport& report);

std::string_view name(config::AssertSpec::Rule rule) noexcept;

}  // namespace rhumb::foresight
