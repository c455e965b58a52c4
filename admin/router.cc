// SPDX-License-Identifier: Apache-2.0
#include "admin/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/check.h"
#include "base/log.h"

namespace rhumb::admin {
namespace {

using Captures = std::vector<std::pair<std::string_view, std::string>>;

bool is_capture(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

/// Whether the path is of the pattern; what stood for its names.
std::optional<Captures> match(std::string_view pattern, std::string_view path) {
  Captures captures;
  if (std::count(pattern.begin(), pattern.end(), '/') != std::count(path.begin(), path.end(), '/')) return std::nullopt;
  while (!pattern.empty() || !path.empty()) {
    const std::string_view wanted = base::take_until(pattern, '/'), given = base::take_until(path, '/');
    if (is_capture(wanted) && !given.empty()) {
      captures.emplace_back(wanted.substr(1, wanted.size() - 2), percent_decoded(given, false));
    } else if (wanted != given) {
      return std::nullopt;
    }
  }
  return captures;
}

bool has_captures(const Endpoint& endpoint) { return endpoint.pattern.find('{') != std::string_view::npos; }

http::Method asked_as(http::Method method) { return method == http::Method::head ? http::Method::get : method; }

}  // namespace

std::string_view method_name(http::Method method) noexcept {
  switch (method) {
    case http::Method::get:
    case http::Method::head:
      return "GET";
    case http::Method::post:
      return "POST";
    case http::Method::put:
      return "PUT";
    case http::Method::delete_:
      return "DELETE";
    default:
      return "";
  }
}

void Router::add(Endpoint endpoint) {
  RHUMB_ASSERT(endpoint.pattern.starts_with('/') && endpoint.handle && !method_name(endpoint.method).empty());
  for (const Endpoint& known : endpoints_)
    RHUMB_ASSERT(known.method != endpoint.method || known.pattern != endpoint.pattern);
  const auto at = std::find_if(endpoints_.begin(), endpoints_.end(),
                               [&](const Endpoint& e) { return has_captures(e) && !has_captures(endpoint); });
  endpoints_.insert(at, std::move(endpoint));
}

base::Result<Router::Found, Response> Router::find(const Request& request) const {
  const http::Method method = asked_as(request.method);
  std::string allow;
  for (const Endpoint& endpoint : endpoints_) {
    auto captures = match(endpoint.pattern, request.path);
    if (!captures) continue;
    if (endpoint.method != method) {
      allow += fmt::format("{}{}", allow.empty() ? "" : ", ", method_name(endpoint.method));
      if (endpoint.method == http::Method::get) allow += ", HEAD";
      continue;
    }
    if (request.caller.role < endpoint.role)
      return base::Unexpected(error_response(403, "role",
                                             fmt::format("this needs the role {}, and {} has {}", name(endpoint.role),
                                                         request.caller.name, name(request.caller.role))));
    return Found{&endpoint, std::move(*captures)};
  }
  if (allow.empty()) return base::Unexpected(error_response(404, "not_found", "there is no such path"));
  Response refusal = error_response(405, "method", fmt::format("this path knows {}", allow));
  refusal.headers.emplace_back("Allow", std::move(allow));
  return base::Unexpected(std::move(refusal));
}

void Router::call(const Found& found, const Request& request, const Reply& reply) const {
  Request asked = request;
  asked.captures = found.captures;
  const Endpoint& endpoint = *found.endpoint;
  // The one place where a mistake in an endpoint would otherwise end the gateway.
  try {
    endpoint.handle(asked, reply);
  } catch (const std::exception& error) {
    base::log(base::LogLevel::error, "admin: {} {}: {}", method_name(endpoint.method), endpoint.pattern, error.what());
    reply.send(error_response(500, "internal", "the gateway made a mistake; its log says more"));
  }
}

void Router::handle(const Request& request, const Reply& reply) const {
  auto found = find(request);
  found ? call(*found, request, reply) : reply.send(std::move(found).error());
}

bool Router::urgent(http::Method method, std::string_view path) const {
  return std::any_of(endpoints_.begin(), endpoints_.end(), [&](const Endpoint& endpoint) {
    return endpoint.urgent && endpoint.method == asked_as(method) && endpoint.pattern == path;
  });
}

std::string Router::index() const {
  nlohmann::json all = nlohmann::json::array();
  for (const Endpoint& e : endpoints_)
    all.push_back(
        {{"method", method_name(e.method)}, {"path", e.pattern}, {"role", name(e.role)}, {"summary", e.summary}});
  return nlohmann::json{{"endpoints", all}}.dump(2) + "\n";
}

}  // namespace rhumb::admin
