// SPDX-License-Identifier: Apache-2.0
#include "proxy/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "base/ip.h"
#include "decision/explain.h"
#include "filters/refusal.h"
#include "http/cookie.h"
#include "http/h1_parser.h"
#include "http/uri.h"
#include "sessions/affinity.h"

namespace rhumb::proxy {
namespace {

using filters::Phase;
using filters::Verdict;
using Problem = std::optional<std::string>;

/// One described request on its way, as an exchange would carry it.
struct Described {
  base::BlockPool blocks{4};
  base::Arena arena{blocks};
  std::string text;
  http::RequestHead head;
  std::unique_ptr<geo::Cache> places;
  filters::ExchangeView view;
  const RouteState* route = nullptr;
  std::string tenant;
  std::string_view denied_by;
  int denied_status = 0;
};

std::string or_else(const std::string& text, const char* other) { return text.empty() ? other : text; }

Problem bad_cookie(const ExplainQuestion& question) {
  for (const std::string& cookie : question.cookies) {
    const size_t equals = cookie.find('=');
    const std::string_view name = std::string_view(cookie).substr(0, equals);
    if (equals == std::string::npos || !http::valid_cookie(name, std::string_view(cookie).substr(equals + 1), {}))
      return fmt::format("not a cookie: '{}'; 'name=value' is wanted", config::shown(cookie));
  }
  return {};
}

/// How much there is to be looked through for each route, which may be thousands: an explanation is asked of the thread
/// that does all else, and no client sends so much.
Problem too_much(const http::RequestHead& head) {
  constexpr std::ptrdiff_t kMostPairs = 64, kMostItems = 256;
  const auto count = [](std::string_view text, char c) { return std::count(text.begin(), text.end(), c); };
  std::ptrdiff_t cookies = 0, items = 0;
  for (const http::Field& field : head.fields.all()) {
    if (field.id == http::FieldId::cookie) cookies += count(field.value, ';') + 1;
    items += count(field.value, ';') + count(field.value, ',') + 1;
  }
  if (cookies > kMostPairs) return fmt::format("a request of more than {} cookies is not explained", kMostPairs);
  if (count(head.query, '&') >= kMostPairs)
    return fmt::format("a request of more than {} parameters is not explained", kMostPairs);
  if (items > kMostItems)
    return fmt::format("a request whose fields list more than {} things is not explained", kMostItems);
  return {};
}

/// The question becomes a request head and goes through the real parser: what could not arrive cannot be explained
/// either.
Problem parse(const ExplainQuestion& question, Described& to) {
  const std::string method = or_else(question.method, "GET");
  if (!http::valid_name(method)) return fmt::format("not a method: '{}'", config::shown(method));
  if (Problem bad = bad_cookie(question)) return bad;
  to.text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", method, or_else(question.path, "/"),
                        or_else(question.host, "localhost"));
  for (const auto& [name, value] : question.headers) to.text += fmt::format("{}: {}\r\n", name, value);
  if (!question.cookies.empty()) to.text += fmt::format("Cookie: {}\r\n", fmt::join(question.cookies, "; "));
  to.text += "\r\n";
  const size_t lines = 3 + question.headers.size() + (question.cookies.empty() ? 0 : 1);
  const http::ParseResult parsed = http::RequestParser().feed(to.text, to.arena, to.head);
  if (parsed.status == http::ParseStatus::failed)
    return fmt::format("not a request that could arrive: {}", parsed.fault.detail);
  if (parsed.status != http::ParseStatus::done || parsed.consumed != to.text.size() ||
      static_cast<size_t>(std::count(to.text.begin(), to.text.end(), '\n')) != lines)
    return "not a request that could arrive: bad characters";
  if (Problem much = too_much(to.head)) return much;
  const auto host = http::canonical_host(to.head.authority, to.arena);
  const auto path = http::canonical_path(to.head.path, to.arena);
  if (!host || !path) return "the host or path would be refused";
  to.view.arena = &to.arena;
  to.view.request = &to.head;
  to.view.host = host->host;
  to.view.path = *path;
  return {};
}

/// Who comes from there, and on whose behalf: the gateway's own filters.
Problem identify(const World& world, const ExplainQuestion& question, const base::IpAddress& ip, Described& to) {
  if (world.geo != nullptr) to.places = std::make_unique<geo::Cache>(*world.geo);
  to.view.places = to.places.get();
  to.view.peer = to.view.facts.client = ip;
  filters::ChainCursor cursor;
  cursor.start(*world.config->gateway_chain, to.view);
  filters::FilterContext context(to.view, {}, nullptr);
  const Verdict verdict = cursor.run_request(context, Phase::identify, Phase::identify);
  if (verdict.kind() == Verdict::Kind::fail)
    return fmt::format("{} would refuse it with {}: {}", cursor.stopped_by().name, filters::status_of(verdict),
                       verdict.fault().detail);
  to.tenant = question.tenant.empty() ? to.view.tenant : question.tenant;
  to.view.facts.tenant = decision::tenant_key(to.tenant);
  return {};
}

Problem find_route(const World& world, Described& to) {
  const ConfigSnapshot& config = *world.config;
  const filters::ExchangeView& view = to.view;
  const uint32_t index = config.table->match({to.head, view.host, view.path, view.facts.client, "", to.arena});
  if (index == decision::RouteTable::kTooLong) return "the path is too long for the patterns of its host";
  if (index == decision::RouteTable::kNone)
    return fmt::format("no route matches {} {}{}", to.head.method_text, view.host, view.path);
  to.route = &config.routes[index];
  to.view.route = to.route->name;
  to.view.policy = &to.route->policy;
  return {};
}

/// Whether the route's filters would let it pass.
void guard(const World& world, Described& to) {
  const config::Spec& spec = world.config->spec;
  const config::RouteSpec& route = spec.routes[static_cast<size_t>(to.route - world.config->routes.data())];
  const auto chain = filters::some_of(spec, route, [](std::string_view name) { return name != "fault"; });
  if (chain == nullptr) return;
  if (const auto refused = filters::refusal(*chain, to.view))
    to.denied_by = refused->by, to.denied_status = refused->status;
}

/// What its token says, opened with the keys of this configuration.
void open_token(const ConfigSnapshot& config, Described& to) {
  const config::SessionsSpec& sessions = config.spec.sessions;
  const sessions::TokenCodec codec(sessions.keys, sessions::scope_of(sessions), nullptr);
  to.view.facts.preference = sessions::read_preference(to.head.fields, sessions.cookie, to.tenant, codec,
                                                       config.token_regions, base::SystemClock().wall())
                                 .preference;
}

Problem bind(const World& world, const ExplainQuestion& question, Described& to) {
  if (question.bound.empty()) {
    if (to.route->affinity) open_token(*world.config, to);
    return {};
  }
  if (!to.route->affinity)
    return fmt::format("route '{}' keeps no client at its region: it looks at no token", to.route->name);
  const decision::Regions& regions = *world.config->regions;
  const auto region =
      std::find_if(regions.begin(), regions.end(), [&](const auto& r) { return r.name == question.bound; });
  if (region == regions.end()) return fmt::format("there is no region '{}'", config::shown(question.bound));
  to.view.facts.preference = {.region = static_cast<decision::RegionIndex>(region - regions.begin()),
                              .verdict = decision::Affinity::kept};
  return {};
}

}  // namespace

bool add_header(ExplainQuestion& question, std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  question.headers.emplace_back(text.substr(0, colon), base::trim(text.substr(colon + 1)));
  return true;
}

base::Result<std::string, std::string> explain_request(const World& world, const ExplainQuestion& question) {
  const auto ip = base::IpAddress::parse(question.ip);
  if (!ip) return base::Unexpected(fmt::format("not an address: '{}'", question.ip));
  Described asked;
  Problem problem = parse(question, asked);
  if (!problem) problem = identify(world, question, *ip, asked);
  if (!problem) problem = find_route(world, asked);
  if (!problem) problem = bind(world, question, asked);
  if (problem) return base::Unexpected(*problem);
  guard(world, asked);
  const decision::RequestFacts& facts = asked.view.facts;
  const decision::Policy& policy = asked.route->policy;
  std::vector<decision::Candidate> rows(policy.regions->size());
  const decision::Decision decision = decision::decide(policy, *world.states, facts, 0, rows);
  const decision::ExplainInput input{
      policy,          *world.states,   facts,        decision,        asked.route->name,
      asked.view.host, asked.view.path, asked.tenant, asked.denied_by, asked.denied_status};
  return question.json ? decision::explain_json(input) : decision::explain_text(input);
}

}  // namespace rhumb::proxy
