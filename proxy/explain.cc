// SPDX-License-Identifier: Apache-2.0
#include "proxy/explain.h"

#include <fmt/format.h>

#include "base/ip.h"
#include "decision/explain.h"
#include "http/h1_parser.h"
#include "http/h1_writer.h"
#include "http/uri.h"

namespace rhumb::proxy {

base::Result<std::string, std::string> explain_request(const World& world, const ExplainQuestion& question) {
  const auto ip = base::IpAddress::parse(question.ip);
  if (!ip) return base::Unexpected(fmt::format("not an address: '{}'", question.ip));
  // The question becomes a request head and goes through the real parser: what could not arrive cannot be explained
  // either.
  const std::string method = question.method.empty() ? "GET" : question.method;
  if (!http::valid_name(method)) return base::Unexpected(fmt::format("not a method: '{}'", config::shown(method)));
  const std::string path = question.path.empty() ? "/" : question.path;
  const std::string host = question.host.empty() ? "localhost" : question.host;
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", method, path, host);
  for (const auto& [name, value] : question.headers) text += fmt::format("{}: {}\r\n", name, value);
  text += "\r\n";
  base::BlockPool blocks(4);
  base::Arena arena(blocks);
  http::RequestHead head;
  const http::ParseResult parsed = http::RequestParser().feed(text, arena, head);
  if (parsed.status != http::ParseStatus::done || parsed.consumed != text.size())
    return base::Unexpected(
        fmt::format("not a request that could arrive: {}",
                    parsed.status == http::ParseStatus::failed ? parsed.fault.detail : "bad characters"));
  const auto canonical_host = http::canonical_host(head.authority, arena);
  const auto canonical_path = http::canonical_path(head.path, arena);
  if (!canonical_host || !canonical_path) return base::Unexpected(std::string("the host or path would be refused"));
  const uint32_t index = world.config->table->match({head, canonical_host->host, *canonical_path, *ip, ""});
  if (index == decision::RouteTable::kNone)
    return base::Unexpected(fmt::format("no route matches {} {}{}", method, host, path));
  const RouteState& route = world.config->routes[index];
  decision::RequestFacts facts;
  facts.client = *ip;
  if (world.geo != nullptr) facts.where = world.geo->locate(*ip);
  std::vector<decision::Candidate> rows(world.config->regions->size());
  const decision::Decision decision = decision::decide(route.policy, *world.states, facts, 0, rows);
  const decision::ExplainInput input{route.policy, *world.states,        facts,          decision,
                                     route.name,   canonical_host->host, *canonical_path};
  return question.json ? decision::explain_json(input) : decision::explain_text(input);
}

}  // namespace rhumb::proxy
