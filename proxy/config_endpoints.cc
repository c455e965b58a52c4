// SPDX-License-Identifier: Apache-2.0
#include "proxy/config_endpoints.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "proxy/config_text.h"
#include "proxy/verdict_text.h"

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

void answer(const Reply& reply, int status, std::shared_ptr<const ReloadVerdict> verdict, std::string members) {
  reply.stream({.status = status}, verdict_source(std::move(verdict), std::move(members)));
}

/// The file is not at fault; the same question may be answered later.
admin::Response not_read(const ReloadVerdict& verdict) {
  return admin::error_response(503, "no_thread", verdict.text.substr(0, verdict.text.find('\n')));
}

/// Refused: what was asked for was understood, and the file is at fault.
void reloaded(const Reply& reply, const ReloadVerdict& verdict) {
  if (verdict.unread) return reply.send(not_read(verdict));
  answer(reply, verdict.applied ? 200 : 422, std::make_shared<const ReloadVerdict>(verdict),
         fmt::format("\"applied\": {}, \"past_limits\": {}, ", verdict.applied, verdict.past_limits));
}

/// Who wants to know what a reload would change. One look at a time, whose verdict all share that asked before it
/// began.
class Previews : public std::enable_shared_from_this<Previews> {
 public:
  explicit Previews(std::function<void(Reloader::Done)> look) : look_(std::move(look)) {}

  void ask(const Reply& reply) {
    next_.push_back(reply);
    if (now_.empty()) begin();
  }

 private:
  void begin() {
    std::erase_if(next_, [](const Reply& reply) { return reply.gone(); });
    now_ = std::exchange(next_, {});
    if (now_.empty()) return;
    look_([self = shared_from_this()](const ReloadVerdict& verdict) { self->tell(verdict); });
  }
  void tell(const ReloadVerdict& verdict) {
    const auto shared = std::make_shared<const ReloadVerdict>(verdict);
    const std::string members = fmt::format("\"good\": {}, ", shared->applied);
    for (const Reply& reply : std::exchange(now_, {}))
      verdict.unread ? reply.send(not_read(verdict)) : answer(reply, 200, shared, members);
    begin();
  }

  std::function<void(Reloader::Done)> look_;
  std::vector<Reply> now_, next_;
};

void show(ConfigTexts& texts, const World& world, const Request& request, const Reply& reply) {
  const config::ShowOptions options{request.parameter("effective") == "true", request.parameter("origin") == "true"};
  const bool yaml = request.parameter("format") == "yaml";
  reply.stream({.content_type = yaml ? "application/yaml" : "application/json"},
               texts.source(world.config->spec, options, yaml ? config::ShowForm::yaml : config::ShowForm::json));
}

void reload(const ConfigControls& controls, const Request& request, const Reply& reply) {
  const auto wait = waits(request);
  if (!wait) return reply.send(bad_wait());
  foresight::PlanLimits limits;
  for (const foresight::PlanLimit& limit : foresight::kPlanLimits)
    if (const std::string text = request.parameter(limit.name);
        !text.empty() && !foresight::take_limit(limit, text, limits))
      return reply.send(admin::error_response(400, "bad_parameter", fmt::format("{} is a share: 2%", limit.name)));
  controls.reload([reply](const ReloadVerdict& verdict) { reloaded(reply, verdict); }, limits, request.caller.name);
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
              [with, texts = std::make_shared<ConfigTexts>()](const Request& request, const Reply& reply) {
                show(*texts, with->world(), request, reply);
              }});
  router.add({Method::get, "/v1/config/diff", Role::operate, "What a reload would change now",
              [previews = std::make_shared<Previews>(with->preview)](const Request&, const Reply& reply) {
                previews->ask(reply);
              }});
  router.add({Method::post, "/v1/config:reload", Role::admin, "Reads the configuration's files again and applies them",
              [with](const Request& request, const Reply& reply) { reload(*with, request, reply); }});
  router.add({Method::post, "/v1/gateway:upgrade", Role::admin,
              "Starts the binary anew, and hands the listening sockets to it once it serves",
              [with](const Request& request, const Reply& reply) { upgrade(*with, request, reply); }});
}

}  // namespace rhumb::proxy
