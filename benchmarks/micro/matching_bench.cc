// SPDX-License-Identifier: Apache-2.0
// What the largest legal heads cost on a table of 1,000 routes of one host, each with a condition of its own. Wanted:
// at most a millisecond for any, parsing and matching together.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "base/check.h"
#include "decision/route_table.h"
#include "http/h1_parser.h"

namespace rhumb::decision {
namespace {

constexpr int kRoutes = 1000;
constexpr size_t kHead = 31 * 1024, kTarget = 8100;

std::string filled(std::string_view text, size_t size) {
  std::string all;
  while (all.size() + text.size() <= size) all += text;
  return all;
}

using Condition = void (*)(config::RouteSpec& route, const std::string& number);

void by_cookie(config::RouteSpec& route, const std::string& number) { route.match.cookies = {{"c" + number, "1"}}; }
void by_split(config::RouteSpec& route, const std::string& number) {
  route.split = 0.5, route.split_key = "cookie:c" + number;
}
void by_one_split(config::RouteSpec& route, const std::string&) { route.split = 0, route.split_key = "cookie:c"; }
void by_query(config::RouteSpec& route, const std::string& number) { route.match.query = {{"q" + number, "1"}}; }
void by_field(config::RouteSpec& route, const std::string& number) {
  route.match.headers = {{std::string(300, 'a') + number, "1"}};
}
void by_pattern(config::RouteSpec& route, const std::string& number) { route.match.path_pattern = "/.*x" + number; }
void by_hard_pattern(config::RouteSpec& route, const std::string& number) {
  route.match.path_pattern = "/(a|b)*a(a|b){10}c" + number;
}
void by_prefix(config::RouteSpec& route, const std::string& number) {
  route.match.path_prefix = "/" + std::string(64, 'a') + number;
}

std::string long_names() {
  std::string fields;
  for (int i = 0; i < 97; ++i) fields += std::string(300, 'A') + std::to_string(10'000 + i) + ": 1\r\n";
  return fields;
}

void matching(benchmark::State& state, Condition condition, const std::string& target, const std::string& fields) {
  std::vector<config::RouteSpec> routes(kRoutes);
  for (int i = 0; i < kRoutes; ++i) routes[static_cast<size_t>(i)].name = std::to_string(i);
  // Patterns without a table take long to make, and a few of them are enough to reach the limit.
  for (int i = 0; i < (condition == by_hard_pattern ? 4 : kRoutes); ++i)
    condition(routes[static_cast<size_t>(i)], std::to_string(i));
  const auto table = RouteTable::build(routes);
  RHUMB_ASSERT(table.has_value());
  const std::string text = "GET " + target + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
  base::BlockPool blocks(8);
  for (auto _ : state) {
    base::Arena arena(blocks);
    http::RequestHead head;
    RHUMB_ASSERT(http::RequestParser().feed(text, arena, head).status == http::ParseStatus::done);
    benchmark::DoNotOptimize((*table)->match({head, "h", head.path, {}, {}, arena}));
  }
}

const std::string kSemicolons = "Cookie: " + filled(";", kHead) + "\r\n";
const std::string kCookies = "Cookie: " + filled("a=;", kHead) + "\r\n";
const std::string kLongCookie = "Cookie: c=" + filled("x", kHead) + "\r\n";
BENCHMARK_CAPTURE(matching, plain, by_cookie, "/", "");
BENCHMARK_CAPTURE(matching, cookies_of_semicolons, by_cookie, "/", kSemicolons);
BENCHMARK_CAPTURE(matching, cookies, by_cookie, "/", kCookies);
BENCHMARK_CAPTURE(matching, splits_by_cookies, by_split, "/", kCookies);
BENCHMARK_CAPTURE(matching, splits_by_one_long_cookie, by_one_split, "/", kLongCookie);
BENCHMARK_CAPTURE(matching, query_of_ampersands, by_query, "/?" + filled("&", kTarget), "");
BENCHMARK_CAPTURE(matching, query, by_query, "/?" + filled("a&", kTarget), "");
BENCHMARK_CAPTURE(matching, fields_of_long_names, by_field, "/", long_names());
BENCHMARK_CAPTURE(matching, patterns, by_pattern, "/" + filled("a", kTarget), "");
BENCHMARK_CAPTURE(matching, hard_patterns, by_hard_pattern, "/" + filled("ab", kTarget), "");
BENCHMARK_CAPTURE(matching, prefixes, by_prefix, "/" + filled("a", kTarget), "");

}  // namespace
}  // namespace rhumb::decision
