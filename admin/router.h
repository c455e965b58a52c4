// SPDX-License-Identifier: Apache-2.0
// Finds the endpoint a request of the admin API means. Filled once, before the server starts; control thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "admin/api.h"
#include "base/result.h"

namespace rhumb::admin {

/// "GET", "DELETE"; HEAD is asked as GET.
std::string_view method_name(http::Method method) noexcept;

class Router {
 public:
  /// The pattern's segments are compared to the byte; one in braces stands for any that is not empty. No two endpoints
  /// have the same method and pattern, and one without captures goes before one with.
  void add(Endpoint endpoint);
  /// An endpoint, and what stood for the names in its pattern.
  struct Found {
    const Endpoint* endpoint = nullptr;
    std::vector<std::pair<std::string_view, std::string>> captures{};
  };
  /// The endpoint that is meant, or the refusal: 404, 405 with Allow, or 403 when the caller's role is not enough. The
  /// body is not looked at.
  base::Result<Found, Response> find(const Request& request) const;
  /// What an endpoint throws becomes a 500.
  void call(const Found& found, const Request& request, const Reply& reply) const;
  /// find() and call().
  void handle(const Request& request, const Reply& reply) const;
  /// Whether it is an urgent endpoint's, whoever asks.
  bool urgent(http::Method method, std::string_view path) const;
  const std::vector<Endpoint>& endpoints() const noexcept { return endpoints_; }
  /// All endpoints as JSON: GET /v1.
  std::string index() const;

 private:
  std::vector<Endpoint> endpoints_;
};

}  // namespace rhumb::admin
