// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin_endpoints.h"

#include <algorithm>
#include <memory>

#include "proxy/explain.h"

namespace rhumb::proxy {
namespace {

using admin::Reply;
using admin::Request;
using admin::Role;
using http::Method;

constexpr std::string_view kHeaderWanted = "header is 'Name: value'";

admin::Response explained(const World& world, const Request& request) {
  ExplainQuestion question;
  question.ip = request.parameter("ip");
  question.host = request.parameter("host");
  question.path = request.parameter("path");
  question.method = request.parameter("method");
  question.tenant = request.parameter("tenant");
  question.bound = request.parameter("bound");
  question.cookies = request.parameters("cookie");
  for (const std::string& header : request.parameters("header"))
    if (!add_header(question, header)) return admin::error_response(400, "bad_question", kHeaderWanted);
  question.json = request.parameter("format") != "text";
  const auto answer = explain_request(world, question);
  if (!answer) return admin::error_response(400, "bad_question", answer.error());
  return {200, question.json ? "application/json" : "text/plain; charset=utf-8", *answer};
}

}  // namespace

std::string why_not_ready(const upstream::Board& board) {
  const auto states = board.states();
  if (states == nullptr || !board.all_checked()) return "not every endpoint has been checked yet";
  const bool any = std::any_of(states->of.begin(), states->of.end(), [](const auto& state) { return state.healthy; });
  return any ? "" : "no healthy region";
}

void add_admin_endpoints(admin::Router& router, AdminSources sources) {
  const auto from = std::make_shared<const AdminSources>(std::move(sources));
  router.add({Method::get, "/healthz", Role::read, "Whether the process serves at all",
              [](const Request&, const Reply& reply) {
                reply.send({200, "text/plain", "ok\n"});
              },
              true});
  router.add({Method::get, "/readyz", Role::read, "Whether traffic should come here",
              [from](const Request&, const Reply& reply) {
                const std::string why = from->not_ready();
                reply.send({why.empty() ? 200 : 503, "text/plain", why.empty() ? "ready\n" : why + "\n"});
              },
              true});
  router.add({Method::get, "/metrics", Role::read, "All metrics as Prometheus text",
              [from](const Request&, const Reply& reply) {
                reply.stream({.content_type = "text/plain; version=0.0.4; charset=utf-8"}, from->metrics());
              }});
  router.add({Method::get, "/v1", Role::read, "All endpoints of this API",
              [&router](const Request&, const Reply& reply) { reply.send({.body = router.index()}); }});
  router.add({Method::get, "/v1/explain", Role::read, "Which region a described request would reach, and why",
              [from](const Request& request, const Reply& reply) { reply.send(explained(from->world(), request)); }});
}

}  // namespace rhumb::proxy
