// SPDX-License-Identifier: Apache-2.0
// What reading a head, a chunked body and a field name costs.
#include <benchmark/benchmark.h>

#include <string>

#include "http/h1_parser.h"
#include "http/h1_writer.h"
#include "http/uri.h"

namespace rhumb::http {
namespace {

constexpr std::string_view kSmall = "GET /health HTTP/1.1\r\nHost: shop.example\r\n\r\n";
constexpr std::string_view kBrowser =
    "GET /assets/application-4f2a9c.js?v=20240817 HTTP/1.1\r\n"
    "Host: www.shop.example\r\n"
    "Connection: keep-alive\r\n"
    "Cache-Control: no-cache\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 "
    "Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Referer: https://www.shop.example/catalogue/summer\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n"
    "Cookie: session=3f9c2b7a1d5e4f60a8b9c0d1e2f30415; theme=dark; consent=yes\r\n"
    "X-Request-ID: 5b1f6e0c-6d0e-4f7e-9a39-1f6f0a6f3c11\r\n"
    "\r\n";
constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\n"
    "Date: Sat, 17 Aug 2024 10:00:00 GMT\r\n"
    "Content-Type: application/json; charset=utf-8\r\n"
    "Content-Length: 1234\r\n"
    "Cache-Control: private, max-age=0\r\n"
    "ETag: \"5f3a-61c0\"\r\n"
    "Server: upstream\r\n"
    "Vary: Accept-Encoding\r\n"
    "\r\n";

void parse_request(benchmark::State& state, std::string_view bytes) {
  base::BlockPool pool;
  base::Arena arena(pool);
  RequestParser parser;
  for (auto step : state) {
    RequestHead head;
    benchmark::DoNotOptimize(parser.feed(bytes, arena, head));
    benchmark::DoNotOptimize(head);
    parser.reset();
    arena.reset();
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes.size()));
}
BENCHMARK_CAPTURE(parse_request, small, kSmall);
BENCHMARK_CAPTURE(parse_request, browser, kBrowser);

void parse_request_dripping(benchmark::State& state) {
  base::BlockPool pool;
  base::Arena arena(pool);
  RequestParser parser;
  for (auto step : state) {
    RequestHead head;
    for (size_t size = 1; size <= kBrowser.size(); ++size)
      benchmark::DoNotOptimize(parser.feed(kBrowser.substr(0, size), arena, head));
    parser.reset();
    arena.reset();
  }
}
BENCHMARK(parse_request_dripping);

void parse_response(benchmark::State& state) {
  base::BlockPool pool;
  base::Arena arena(pool);
  ResponseParser parser;
  for (auto step : state) {
    ResponseHead head;
    benchmark::DoNotOptimize(parser.feed(kResponse, Method::get, arena, head));
    benchmark::DoNotOptimize(head);
    parser.reset();
    arena.reset();
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kResponse.size()));
}
BENCHMARK(parse_response);

void write_head(benchmark::State& state) {
  base::BlockPool pool;
  base::Arena arena(pool);
  RequestHead head;
  benchmark::DoNotOptimize(RequestParser().feed(kBrowser, arena, head));
  char room[4096];
  for (auto step : state) {
    Writer out(room, sizeof room);
    out.raw("GET / HTTP/1.1\r\n");
    out.fields(head.fields, kHopByHop);
    out.end_of_head();
    benchmark::DoNotOptimize(out.size());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(write_head);

/// A body of 64 KiB in chunks of the given size.
void decode_chunks(benchmark::State& state) {
  const auto size = static_cast<size_t>(state.range(0));
  std::string body;
  char line[18];
  for (size_t left = 64 * 1024; left > 0; left -= size)
    body.append(line, write_chunk_size(size, line)).append(size, 'x').append("\r\n");
  body += "0\r\n\r\n";
  BodyDecoder decoder;
  for (auto step : state) {
    decoder.start({BodyKind::chunked, 0}, base::FaultKind::bad_request);
    std::string_view rest = body;
    while (!decoder.done()) {
      const auto piece = decoder.next(rest);
      benchmark::DoNotOptimize(piece.data.data());
      rest.remove_prefix(piece.consumed);
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * body.size()));
}
BENCHMARK(decode_chunks)->Arg(64)->Arg(1024)->Arg(16384);

void find_field_id(benchmark::State& state, std::string_view name) {
  for (auto step : state) {
    benchmark::DoNotOptimize(name);
    benchmark::DoNotOptimize(field_id(name));
  }
}
BENCHMARK_CAPTURE(find_field_id, usual, "Accept-Encoding");
BENCHMARK_CAPTURE(find_field_id, lower_case, "accept-encoding");
BENCHMARK_CAPTURE(find_field_id, unknown, "Sec-Fetch-Site");

void canonical(benchmark::State& state, std::string_view path) {
  base::BlockPool pool;
  base::Arena arena(pool);
  for (auto step : state) {
    benchmark::DoNotOptimize(canonical_path(path, arena));
    arena.reset();
  }
}
BENCHMARK_CAPTURE(canonical, already, "/assets/application-4f2a9c.js");
BENCHMARK_CAPTURE(canonical, rewritten, "/assets/./%61pplication%2d4f2a9c.js");

}  // namespace
}  // namespace rhumb::http
