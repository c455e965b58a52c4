// SPDX-License-Identifier: Apache-2.0
#include "proxy/commands_verify.h"

#include <fmt/format.h>

#include "foresight/verify_report.h"
#include "proxy/config_file.h"
#include "proxy/terminal.h"

namespace rhumb::proxy {

int verify_file(const std::string& file, bool json) {
  const auto spec = load_good(file);
  if (spec == nullptr) return kBadConfig;
  const foresight::Verified verified = foresight::verify(*spec);
  const auto place = [&](const config::AssertSpec& rule) {
    if (rule.place.line == 0) return std::string();
    return fmt::format("{}:{}:{}", spec->sources->name(rule.place), rule.place.line, rule.place.column);
  };
  const foresight::VerifyReport report{verified, file, spec->hash, place};
  print(json ? verify_json(report) : verify_text(report));
  if (spec->asserts.empty())
    complain(fmt::format("{}: there is no section assert, so only this was checked; rhumb help assert\n", file));
  return verified.holds() ? kOk : kFailure;
}

}  // namespace rhumb::proxy
