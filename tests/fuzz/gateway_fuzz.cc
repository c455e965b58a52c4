// SPDX-License-Identifier: Apache-2.0
// A whole gateway with many clients of several addresses, three regions and a clock, in any order: two bytes of the
// input are one event. The requests are those that cost most to understand, the pieces those that cost most to move.
// Each look at the clock takes time, as work does, so a turn that does too much is seen: none may be longer than 20 ms.
// Memory is bounded, every request is accounted for once, and in the end nothing is left.
#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "tests/fuzz/region_oracle.h"
#include "tests/unit/proxy/lockstep.h"

extern "C" size_t __sanitizer_get_current_allocated_bytes() __attribute__((weak));

namespace {

using namespace rhumb;
using fuzz::require;
using proxy::testing::Origin;
using proxy::testing::Peer;

constexpr size_t kMostClients = 24, kMostEvents = 300;
constexpr size_t kMostMemory = size_t{128} << 20;  // of all that is allocated at any time, the peers of the test too
constexpr base::Micros kWork{20};                  // a look at the clock

std::string repeated(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}
std::string request(const std::string& target, const std::string& fields, const std::string& body = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

/// What clients say. The first half begins requests, the second half are pieces of bodies, and nonsense.
const std::array<std::string, 20>& client_words() {
  static const std::array<std::string, 20> words = {
      request("/", ""),
      request("/nowhere", ""),
      repeated(request("/nowhere", ""), 200),
      repeated(request("/", ""), 20),
      request("/match", "Cookie: " + std::string(30'000, ';') + "\r\n"),
      request("/match?" + std::string(7'900, '&'), ""),
      request("/match", repeated("X-" + std::string(300, 'n') + ": v\r\n", 90)),
      request("/" + repeated("ab", 3'800), ""),
      request("/match", "Forwarded: " + repeated("for=1.2.3.4,", 2'000) + "for=1.2.3.4\r\n"),
      request("/match", "X-Forwarded-For: " + repeated("1.2.3.4,", 3'000) + "1.2.3.4\r\n"),
      request("/away" + std::string(7'000, 'y'), ""),
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n",
      request("/",
              "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
      "GET /slow HTTP/1.1\r\nHost: a\r\n",
      "\r\n",
      repeated("1\r\nx\r\n", 10'000),
      "0\r\n\r\n",
      std::string(150'000, 'b'),
      "x"};
  return words;
}
const std::array<std::string, 14>& region_words() {
  static const std::array<std::string, 14> words = {
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\n",
      repeated("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 15),
      repeated("HTTP/1.1 100 Continue\r\n\r\n", 1'000),
      "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + std::string(300'000, 'b'),
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
      "HTTP/1.1 200 OK\r\n" + repeated("X-" + std::string(300, 'n') + ": v\r\n", 90),
      "HTTP/1.1 20",
      repeated("1\r\nx\r\n", 10'000),
      "0\r\n\r\n",
      std::string(150'000, 'b'),
      "\r\n",
      "x"};
  return words;
}

std::array<Origin, 3>& origins() {
  static std::array<Origin, 3> all;
  return all;
}
std::string configuration() {
  std::string text =
      "listeners: [{name: web, address: \"127.0.0.1:0\"}]\n"
      "geo: {trusted_proxies: [127.0.0.4/32]}\nregions:\n";
  const std::array<std::string_view, 3> names = {"eu", "us", "ap"};
  for (size_t i = 0; i < names.size(); ++i)
    text += "  - {name: " + std::string(names[i]) + ", location: {latitude: 50, longitude: " + std::to_string(i * 90) +
            "}, endpoints: [\"" + origins()[i].address().to_string() + "\"]}\n";
  text += "routes:\n";
  for (const std::string_view kind : {"cookies", "query", "headers"})
    for (int i = 0; i < 12; ++i)
      text += "  - {name: " + std::string(kind) + std::to_string(i) + ", match: {path_prefix: /match, " +
              std::string(kind) + ": {name" + std::to_string(i) + ": v}}}\n";
  for (int i = 0; i < 4; ++i)
    text += "  - {name: split" + std::to_string(i) +
            ", match: {path_prefix: /match}, split: {percent: 1%, key: \"cookie:c" + std::to_string(i) + "\"}}\n";
  return text +
         "  - {name: pattern, match: {path_pattern: \"/(a|b|ab)*x\"}}\n"
         "  - {name: away, match: {path_prefix: /}, split: {percent: 0%}, filters: [{redirect: {to: "
         "\"https://b%{target}\"}}]}\n"
         "  - {name: slow, match: {path: /slow}, filters: [{fault: {delay: 5ms}}]}\n"
         "  - {name: match, match: {path_prefix: /match}, strategy: round_robin, affinity: {key: cookie}}\n"
         "  - {name: root, match: {path: /}, strategy: round_robin}\n";
}

struct Scene {
  explicit Scene(const std::string& text) : gateway(text) {}
  proxy::testing::Lockstep gateway;
  std::deque<Peer> clients, regions;
};

void dial(Scene& scene, uint8_t number) {
  const std::array<std::string_view, 3> from = {"127.0.0.2", "127.0.0.3", "127.0.0.4"};
  if (scene.clients.size() < kMostClients)
    scene.clients.push_back(scene.gateway.dial(*base::IpAddress::parse(from[number % from.size()])));
}

void act(Peer& peer, uint8_t how) {
  switch (how % 4) {
    case 0:
      return peer.finish();
    case 1:
      return peer.reset();
    default:
      return peer.look_away(how & 4);
  }
}

/// One event: `what` says which and of whom, `with` what it is made of.
void happen(Scene& scene, uint8_t what, uint8_t with) {
  if (scene.clients.empty()) dial(scene, 0);
  Peer& client = scene.clients[(what >> 3) % scene.clients.size()];
  Peer* region = scene.regions.empty() ? nullptr : &scene.regions[(what >> 3) % scene.regions.size()];
  switch (what & 7) {
    case 0:
    case 1:
      return client.send(client_words()[with % client_words().size()]);
    case 2:
    case 3:
      return region != nullptr ? region->send(region_words()[with % region_words().size()]) : dial(scene, with);
    case 4:
      return act(client, with);
    case 5:
      return region != nullptr ? act(*region, with) : dial(scene, with);
    case 6:
      return dial(scene, with);
    default:
      if (with < 240) return scene.gateway.pass(base::Millis(int64_t{1} << with % 16));
      return with < 250 ? scene.gateway.reload() : scene.gateway.drain();
  }
}

void turn(Scene& scene) {
  for (Peer& client : scene.clients) client.move();
  for (Origin& origin : origins())
    for (Peer peer = origin.accept(); peer.open(); peer = origin.accept()) scene.regions.push_back(std::move(peer));
  for (Peer& peer : scene.regions) peer.move();
  scene.gateway.turn();
  require(__sanitizer_get_current_allocated_bytes == nullptr ||
          __sanitizer_get_current_allocated_bytes() <= kMostMemory);
}

/// By the upper ends of the histogram's buckets.
bool had_long_turn(Scene& scene) {
  const auto& turns = scene.gateway.cells().turn;
  constexpr size_t kBuckets = base::LatencyHistogram::kBounds.size();
  for (size_t i = 0; i <= kBuckets; ++i)
    if ((i == kBuckets || base::LatencyHistogram::kBounds[i] > 25'000) && turns.bucket(i) != 0) return true;
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  {
    Scene scene(configuration());
    scene.gateway.work_takes(kWork);
    for (size_t i = 0; i + 1 < size && i < 2 * kMostEvents; i += 2) {
      happen(scene, data[i], data[i + 1]);
      turn(scene);
    }
    require(!had_long_turn(scene));
    for (Peer& client : scene.clients) client.reset();
    // The kernel carries a reset from one socket to the other at once, or very soon.
    for (int turns = 0; !scene.gateway.idle(); ++turns) {
      require(turns < 100'000);
      if (turns > 10) scene.gateway.pass(base::Seconds(60));
      turn(scene);
    }
    for (const Peer& peer : scene.regions) fuzz::require_requests(peer.received());
    const std::string& log = scene.gateway.log();
    const auto lines = static_cast<uint64_t>(std::count(log.begin(), log.end(), '\n'));
    require(lines + scene.gateway.cells().log_dropped.get() == scene.gateway.cells().requests.get());
  }
  for (Origin& origin : origins())
    while (origin.accept().open()) continue;
  return 0;
}
