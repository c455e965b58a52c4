// SPDX-License-Identifier: Apache-2.0
#include "proxy/commands_control.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "proxy/admin_client.h"
#include "proxy/terminal.h"

namespace rhumb::proxy {
namespace {

constexpr base::Micros kReloadLimit = base::Seconds(120);  // databases of the whole world are read
constexpr base::Micros kUpgradeLimit = base::Seconds(60);

base::Result<AdminAnswer, std::string> post(const AskedGateway& gateway, const std::string& path, base::Micros limit) {
  const auto target = find_gateway(gateway.admin, gateway.token_file);
  if (!target) return base::Unexpected(target.error());
  return AdminClient(*target).request("POST", path, {}, limit);
}

/// A file that is good but would move too much is no bad configuration.
int exit_code(const AdminAnswer& answer) {
  if (answer.ok()) return kOk;
  const nlohmann::json verdict = nlohmann::json::parse(answer.body, nullptr, false);
  return verdict.is_object() && verdict.value("past_limits", false) ? kFailure : kBadConfig;
}

/// For people: what is said of a reload that was waited for.
int tell_verdict(const AdminAnswer& answer) {
  const nlohmann::json verdict = nlohmann::json::parse(answer.body, nullptr, false);
  if (!verdict.is_object()) return fail("the gateway's answer is not understood");
  const auto tell = answer.ok() ? print : complain;
  tell(verdict.value("text", ""));
  const int generation = verdict.value("generation", 0);
  tell(answer.ok() ? fmt::format("reload: applied, generation {}, config {}\n", generation, verdict.value("config", ""))
                   : fmt::format("reload: refused, generation {} stays in force\n", generation));
  return exit_code(answer);
}

}  // namespace

int reload_running(const AskedGateway& gateway, const ReloadOptions& options) {
  const bool wait = options.wait || options.limits.any();
  std::string path = fmt::format("/v1/config:reload?wait={}", wait);
  for (const foresight::PlanLimit& limit : foresight::kPlanLimits)
    if (const auto& share = options.limits.*limit.member)
      path += fmt::format("&{}={}", limit.name, escape_query(fmt::format("{:.12g}%", *share * 100)));
  const auto answer = post(gateway, path, kReloadLimit);
  if (!answer) return fail(answer.error());
  if (!answer->ok() && answer->status != 422) return fail(refusal_text(*answer));
  if (options.json) return print(answer->body), exit_code(*answer);
  if (wait) return tell_verdict(*answer);
  print("reload: begun\n");
  return kOk;
}

int upgrade_running(const AskedGateway& gateway, bool json) {
  const auto answer = post(gateway, "/v1/gateway:upgrade", kUpgradeLimit);
  if (!answer) return fail(answer.error());
  if (!answer->ok()) return fail("upgrade: refused, the running process goes on: " + refusal_text(*answer));
  if (json) return print(answer->body), kOk;
  const nlohmann::json verdict = nlohmann::json::parse(answer->body, nullptr, false);
  print(fmt::format("upgrade: process {} serves now\n", verdict.value("pid", 0)));
  return kOk;
}

}  // namespace rhumb::proxy
