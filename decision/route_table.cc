// SPDX-License-Identifier: Apache-2.0
#include "decision/route_table.h"

#include <unordered_map>

#include "base/hash.h"
#include "decision/route_rule.h"

namespace rhumb::decision {
namespace {

/// Looks up by view, so that matching makes no string.
struct HostHash {
  using is_transparent = void;
  size_t operator()(std::string_view host) const noexcept { return base::hash64(host, 0); }
};
using Routes = std::vector<uint32_t>;  // ascending
using HostMap = std::unordered_map<std::string, Routes, HostHash, std::equal_to<>>;

}  // namespace

struct RouteTable::Impl {
  RuleParts parts;
  std::vector<RouteRule> rules;
  HostMap exact, below;  // below: by the suffix after "*."
  Routes any;

  void add_hosts(uint32_t route, const std::vector<std::string>& hosts);
  /// Visits the lists of routes that serve the host.
  template <class F>
  void for_each_list(std::string_view host, F&& f) const noexcept;
};

void RouteTable::Impl::add_hosts(uint32_t route, const std::vector<std::string>& hosts) {
  const auto add = [&](Routes& list) {
    if (list.empty() || list.back() != route) list.push_back(route);
  };
  if (hosts.empty()) add(any);
  for (const std::string& host : hosts) {
    const bool wildcard = host.starts_with("*.");
    add(wildcard ? below[host.substr(2)] : exact[host]);
  }
}

template <class F>
void RouteTable::Impl::for_each_list(std::string_view host, F&& f) const noexcept {
  f(any);
  if (const auto found = exact.find(host); found != exact.end()) f(found->second);
  if (below.empty()) return;
  for (size_t dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.', dot + 1)) {
    if (dot == 0) continue;  // no label in front of it
    const auto found = below.find(host.substr(dot + 1));
    if (found != below.end()) f(found->second);
  }
}

RouteTable::RouteTable(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RouteTable::~RouteTable() = default;

base::Result<std::shared_ptr<const RouteTable>, RouteTable::Error> RouteTable::build(
    const std::vector<config::RouteSpec>& routes) {
  auto impl = std::make_unique<Impl>();
  impl->rules.reserve(routes.size());
  for (const config::RouteSpec& route : routes) {
    auto rule = RouteRule::compile(route, impl->parts);
    if (!rule) return base::Unexpected(Error{impl->rules.size(), std::move(rule).error()});
    impl->add_hosts(static_cast<uint32_t>(impl->rules.size()), route.match.hosts);
    impl->rules.push_back(*std::move(rule));
  }
  return std::shared_ptr<const RouteTable>(new RouteTable(std::move(impl)));
}

uint32_t RouteTable::match(const RouteQuery& query) const noexcept {
  uint32_t first = kNone;
  RuleAnswers answers(impl_->parts, query);
  impl_->for_each_list(query.host, [&](const Routes& list) {
    for (const uint32_t route : list) {
      if (route >= first || answers.too_long()) return;
      if (!impl_->rules[route].matches(query, answers)) continue;
      first = route;
      return;
    }
  });
  return answers.too_long() ? kTooLong : first;
}

bool RouteTable::knows_host(std::string_view host) const noexcept {
  bool known = false;
  impl_->for_each_list(host, [&](const Routes& list) { known = known || !list.empty(); });
  return known;
}

}  // namespace rhumb::decision
