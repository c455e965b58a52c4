// SPDX-License-Identifier: Apache-2.0
#include "proxy/config_endpoints.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "config/show.h"
#include "filters/registry.h"

namespace rhumb::proxy {
namespace {

using admin::Reply;
using admin::Request;
using admin::Role;
using http::Method;

/// Whether the answer is the verdict; nothing when the parameter is neither.
std::optional<bool> waits(const Request& request) {
  const std::string text = request.parameter("wait");
  if (text.empty() || text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

admin::Response begun() { return {202, "application/json", "{\"begun\": true}\n"}; }

admin::Response bad_wait() { return admin::error_response(400, "bad_parameter", "wait is true or false"); }

nlohmann::json verdict_json(const ReloadVerdict& verdict) {
  return {{"generation", verdict.generation},
          {"config", verdict.config},
          {"text", verdict.text},
          {"changes", nlohmann::json::parse(config::diff_json(verdict.changes))}};
}

admin::Response reloaded(const ReloadVerdict& verdict) {
  nlohmann::json body = verdict_json(verdict);
  body["applied"] = verdict.applied;
  body["past_limits"] = verdict.past_limits;
  // Refused: what was asked for was understood, and the file is at fault.
  return {verdict.applied ? 200 : 422, "application/json", body.dump(2) + "\n"};
}

admin::Response compared(const ReloadVerdict& verdict) {
  nlohmann::json body = verdict_json(verdict);
  body["good"] = verdict.applied;
  return {.body = body.dump(2) + "\n"};
}

admin::Response shown(const World& world, const Request& request) {
  const config::ShowOptions options{request.parameter("effective") == "true", request.parameter("origin") == "true"};
  const bool yaml = request.parameter("format") == "yaml";
  const config::Spec& spec = world.config->spec;
  const auto show = yaml ? config::show_yaml : config::show_json;
  return {200, yaml ? "application/yaml" : "application/json",
          show(*spec.tree, *spec.sources, filters::filter_rows(), options)};
}

void reload(const ConfigControls& controls, const Request& request, const Reply& reply) {
  const auto wait = waits(request);
  if (!wait) return reply.send(bad_wait());
  foresight::PlanLimits limits;
  for (const foresight::PlanLimit& limit : foresight::kPlanLimits)
    if (const std::string text = request.parameter(limit.name);
        !text.empty() && !foresight::take_limit(limit, text, limits))
      return reply.send(admin::error_response(400, "bad_parameter", fmt::format("{} is a share: 2%", limit.name)));
  controls.reload([reply](const ReloadVerdict& verdict) { reply.send(reloaded(verdict)); }, limits);
  if (!*wait) reply.send(begun());
}

void upgrade(const ConfigControls& controls, const Request& request, const Reply& reply) {
  const auto wait = waits(request);
  if (!wait) return reply.send(bad_wait());
  controls.upgrade([reply](const base::Result<pid_t, std::string>& successor) {
    if (!successor) return reply.send(admin::error_response(409, "upgrade_refused", successor.error()));
    reply.send({.body = nlohmann::json({{"pid", *successor}}).dump(2) + "\n"});
  });
  if (!*wait) reply.send(begun());
}

}  // namespace

void add_config_endpoints(admin::Router& router, ConfigControls controls) {
  const auto with = std::make_shared<const ConfigControls>(std::move(controls));
  router.add({Method::get, "/v1/config", Role::read, "The configuration in force, without its secrets",
              [with](const Request& request, const Reply& reply) { reply.send(shown(with->world(), request)); }});
  router.add({Method::get, "/v1/config/diff", Role::read, "What a reload would change now",
              [with](const Request&, const Reply& reply) {
                with->preview([reply](const ReloadVerdict& verdict) { reply.send(compared(verdict)); });
              }});
  router.add({Method::post, "/v1/config:reload", Role::admin, "Reads the configuration's files again and applies them",
              [with](const Request& request, const Reply& reply) { reload(*with, request, reply); }});
  router.add({Method::post, "/v1/gateway:upgrade", Role::admin,
              "Starts the binary anew, and hands the listening sockets to it once it serves",
              [with](const Request& request, const Reply& reply) { upgrade(*with, request, reply); }});
}

}  // namespace rhumb::proxy
