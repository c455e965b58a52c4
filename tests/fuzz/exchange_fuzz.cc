// SPDX-License-Identifier: Apache-2.0
// Any order of events on a gateway with its client and its region on one thread: each byte is one of them. What the
// region is sent are whole requests as long as its connection is in step, every request is accounted for once, and in
// the end nothing is left.
#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "tests/fuzz/region_oracle.h"
#include "tests/unit/proxy/lockstep.h"

namespace {

using namespace rhumb;
using proxy::testing::Peer;

using fuzz::require;

constexpr std::array<std::string_view, 15> kClientSays = {
    "GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
    "HEAD /b HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
    "POST /d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    "PUT /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    "GET /slow HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
    "GET /f HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    "GET /g HTT",
    "P/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "hello",
    "he",
    "5\r\nhello\r\n",
    "0\r\n\r\n",
    "\r\n",
    "x"};
constexpr std::array<std::string_view, 15> kRegionSays = {
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\n\r\n",
    "HTTP/1.1 503 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    "HTTP/1.1 20",
    "0 OK\r\nContent-Length: 2\r\n\r\nok",
    "hello",
    "5\r\nhello\r\n",
    "0\r\n\r\n",
    "\r\n",
    "x"};

struct Scene {
  explicit Scene(const std::string& text) : gateway(text) {}
  proxy::testing::Lockstep gateway;
  std::deque<Peer> clients, region;
};

proxy::testing::Origin& origin() {
  static proxy::testing::Origin one;
  return one;
}
std::string configuration() {
  return "listeners: [{name: web, address: \"127.0.0.1:0\"}]\nregions:\n"
         "  - {name: home, location: {latitude: 50, longitude: 8}, endpoints: [\"" +
         origin().address().to_string() +
         "\"]}\nroutes:\n"
         "  - {name: slow, match: {path_prefix: /slow}, filters: [{fault: {delay: 5ms}}]}\n"
         "  - {name: rest, timeouts: {tunnel: 60s}}\n";
}

/// One event. The upper four bits say which, the lower four what with.
void happen(Scene& scene, uint8_t event) {
  const size_t with = event & 15;
  if (scene.clients.empty()) scene.clients.push_back(scene.gateway.dial());
  Peer& client = scene.clients[scene.clients.size() - 1 - (event >> 7 & 1) % scene.clients.size()];
  Peer* region = scene.region.empty() ? nullptr : &scene.region.back();
  switch (event >> 4 & 7) {
    case 0:
    case 1:
      if (with < kClientSays.size()) return client.send(kClientSays[with]);
      return client.send(std::string(300'000, 'b'));
    case 2:
    case 3:
      if (region == nullptr) return;
      if (with < kRegionSays.size()) return region->send(kRegionSays[with]);
      return region->send("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + std::string(300'000, 'b'));
    case 4:
      return with < 4    ? client.finish()
             : with < 8  ? client.reset()
             : with < 12 ? client.close()
                         : client.look_away(with & 1);
    case 5:
      if (region == nullptr) return;
      return with < 4    ? region->finish()
             : with < 8  ? region->reset()
             : with < 12 ? region->close()
                         : region->look_away(with & 1);
    case 6:
      if (scene.clients.size() < 4) scene.clients.push_back(scene.gateway.dial());
      return;
    default:
      if (with < 10) return scene.gateway.pass(base::Millis(int64_t{1} << 2 * with));
      if (with < 13) return scene.gateway.reload();
      if (with == 13) scene.gateway.drain();
  }
}

void turn(Scene& scene) {
  for (Peer& client : scene.clients) client.move();
  for (Peer peer = origin().accept(); peer.open(); peer = origin().accept()) scene.region.push_back(std::move(peer));
  for (Peer& peer : scene.region) peer.move();
  scene.gateway.turn();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Scene scene(configuration());
  for (size_t i = 0; i < size && i < 200; ++i) {
    happen(scene, data[i]);
    turn(scene);
  }
  for (Peer& client : scene.clients) client.reset();
  // The kernel carries a reset from one socket to the other at once, or very soon.
  for (int turns = 0; !scene.gateway.idle(); ++turns) {
    require(turns < 100'000);
    if (turns > 10) scene.gateway.pass(base::Seconds(60));
    turn(scene);
  }
  for (const Peer& peer : scene.region) fuzz::require_requests(peer.received());
  const std::string& log = scene.gateway.log();
  require(static_cast<uint64_t>(std::count(log.begin(), log.end(), '\n')) == scene.gateway.cells().requests.get());
  while (origin().accept().open()) continue;
  return 0;
}
