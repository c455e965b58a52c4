// SPDX-License-Identifier: Apache-2.0
// Any bytes on a connection of the admin listener, by any caller, in any pieces, with all endpoints behind it: there is
// at most one answer, whole and of a documented kind; nothing is changed without a request, a method and a role that
// may change it, and no change goes past the audit; in the end nothing is left.
//
// The first byte says who asks and what becomes of the connection, the second how long the pieces are (0: all at once),
// the rest is what is sent.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "admin/events_api.h"
#include "admin/metrics.h"
#include "admin/regions_api.h"
#include "admin/session.h"
#include "config/load.h"
#include "proxy/admin_endpoints.h"
#include "proxy/compile.h"
#include "proxy/config_endpoints.h"
#include "proxy/explain.h"

namespace {

using namespace rhumb;
using admin::Role;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

constexpr std::string_view kConfiguration =
    "listeners: [{name: web, address: \"127.0.0.1:0\"}]\n"
    "regions:\n"
    "  - {name: eu, location: {latitude: 50.1, longitude: 8.7, country: DE}, endpoints: [\"127.0.0.1:9001\"]}\n"
    "  - {name: us, location: {latitude: 37.5, longitude: -77.5, country: US}, endpoints: [\"127.0.0.1:9002\"]}\n"
    "routes: [{name: api, match: {host: [a.example], path_prefix: /v1/}}, {name: rest}]\n";
constexpr std::array<std::string_view, 3> kSecrets = {"read-read-read-read-read-read-read-1",
                                                      "operate-operate-operate-operate-op-2",
                                                      "admin-admin-admin-admin-admin-admin3"};
// docs/admin.md, and what single endpoints answer besides.
constexpr std::array kNoRequest = {400, 414, 417, 431, 501, 505};
constexpr std::array kKnown = {200, 202, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 503, 504};

template <size_t N>
bool is_one_of(const std::array<int, N>& all, int status) {
  return std::find(all.begin(), all.end(), status) != all.end();
}

/// Bits of the first byte above the caller.
constexpr uint8_t kLeavesEarly = 0x08, kSaysNoMore = 0x10, kThrottled = 0x20;

/// Who asks, and the most he may do without a token.
struct Asker {
  net::Peer peer;
  bool tokens = false;  // the listener knows some
  int most = -1;        // of Role; -1: nothing
};

Asker asker_of(uint8_t kind) {
  Asker asker;
  asker.peer.local = kind < 4 || kind > 5;
  asker.peer.address = *base::SocketAddress::parse("127.0.0.1:1000");
  asker.peer.pid = 7;
  asker.tokens = kind > 4;
  const auto be = [&](uid_t uid, Role role) { asker.peer.uid = uid, asker.most = static_cast<int>(role); };
  if (kind == 0 || kind == 6) be(0, Role::admin);
  if (kind == 1) be(54321, Role::operate);
  if (kind == 2) be(54322, Role::read);
  if (kind == 3) asker.peer.uid = 54323;
  if (kind == 4) asker.most = static_cast<int>(Role::read);
  if (kind == 7) be(54323, Role::operate), asker.peer.groups = {64321};
  return asker;
}

admin::AccessRules rules_of(const Asker& asker) {
  admin::AccessRules rules;
  rules.hosts = {"rhumb.internal"};
  rules.members = {{false, 54321, Role::operate}, {false, 54322, Role::read}, {true, 64321, Role::operate}};
  for (size_t i = 0; asker.tokens && i < kSecrets.size(); ++i)
    rules.tokens.push_back({"t" + std::to_string(i), static_cast<Role>(i), std::string(kSecrets[i])});
  return rules;
}

const proxy::World& world() {
  static const proxy::World one = [] {
    config::Loaded loaded = config::load_text(std::string(kConfiguration), "fuzz.yaml");
    loaded.spec.sources = std::make_shared<const config::SourceList>(loaded.sources);
    proxy::World made;
    made.config = proxy::compile(std::move(loaded.spec), 1, nullptr, nullptr, loaded.diagnostics);
    made.states = std::make_shared<const decision::RegionStates>(decision::unmeasured(*made.config->regions));
    return made;
  }();
  return one;
}

/// Every endpoint of the gateway; those that reach beyond the admin's own count how often they are asked to.
class Gateway {
 public:
  explicit Gateway(const Asker& asker) : desk(std::make_shared<admin::Desk>(loop, rules(asker), router, &audit)) {
    std::vector<upstream::BoardRegion> regions(2);
    regions[0].name = "eu", regions[1].name = "us";
    for (auto& region : regions) {
      region.endpoints = {*base::SocketAddress::parse("127.0.0.1:9001")};
      region.health.enabled = false;
    }
    board.configure(std::move(regions), {});
    upstream::Override drained;
    drained.kind = upstream::OverrideKind::drain, drained.region = "us";
    require(board.overrides().set(drained, base::Seconds(3600)));
    untouched_ = overrides();
    const auto ask = [this](int& count) {
      return [this, &count](proxy::Reloader::Done done, auto...) { ++count, owed_.push_back([done] { done({}); }); };
    };
    static int looks = 0;  // changes nothing
    proxy::add_admin_endpoints(router, {world, [this] { return proxy::why_not_ready(board); },
                                        [this] {
                                          return admin::metrics_source({registry(), meters(), board.report(), {}});
                                        }});
    proxy::add_config_endpoints(router, {world, ask(reloads), ask(looks), [this](const proxy::UpgradeDone& done) {
                                           ++upgrades;
                                           owed_.push_back([done] { done(pid_t{7}); });
                                         }});
    admin::add_regions_api(router, board);
    admin::add_events_api(router, events, loop);
  }
  ~Gateway() {
    desk->sessions.for_each([](admin::Session& session) { session.close(); });
    loop.turn(base::Micros(0));
  }

  void turn() { loop.turn(base::Micros(0)); }
  /// Those who wait for a verdict hear it.
  void answer_owed() {
    for (const auto& one : std::exchange(owed_, {})) one();
  }
  bool regions_changed() const { return overrides() != untouched_; }
  uint64_t audited() const {
    uint64_t all = 0;
    for (size_t i = 0; i < static_cast<size_t>(admin::AuditOutcome::kCount); ++i)
      all += audit.count(static_cast<admin::AuditOutcome>(i));
    return all;
  }

  base::ManualClock clock;
  net::Loop loop{clock};
  admin::Events events{clock};
  admin::Audit audit{events};
  upstream::Board board{loop, 1, [](const auto&) {}, {}};
  admin::Router router;
  std::shared_ptr<admin::Desk> desk;
  int reloads = 0, upgrades = 0;

 private:
  static admin::Access rules(const Asker& asker) { return admin::Access(rules_of(asker)); }
  static const admin::Registry& registry() {
    static const admin::Registry one(1);
    return one;
  }
  static const upstream::Meters& meters() {
    static const upstream::Meters one(1);
    return one;
  }
  std::string overrides() const {
    std::string all;
    for (const auto& region : board.report())
      for (const auto& o : region.overrides) all += region.name + o.endpoint + upstream::effect(o) + o.reason + ";";
    return all;
  }
  std::string untouched_;
  std::vector<std::function<void()>> owed_;
};

/// The other end of the connection.
class Client {
 public:
  Client(Gateway& gateway, const Asker& asker, bool throttled) : gateway_(gateway) {
    int ends[2];
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    fd_.reset(ends[0]);
    new admin::Session(*gateway.desk, net::Fd(ends[1]), asker.peer, {.throttled = throttled});
  }
  void send(std::string_view bytes) {
    while (!bytes.empty() && fd_) {
      const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0 && errno != EAGAIN) return;
      bytes.remove_prefix(n < 0 ? 0 : static_cast<size_t>(n));
      turn();
    }
  }
  void turn() {
    gateway_.turn();
    char buffer[65536];
    for (ssize_t n; fd_ && (n = ::recv(fd_.get(), buffer, sizeof buffer, 0)) >= 0;) {
      if (n == 0) return void(ended = true);
      received.append(buffer, static_cast<size_t>(n));
    }
  }
  void pass(base::Micros time) {
    gateway_.clock.advance(time);
    for (int i = 0; i < 8; ++i) turn();
  }
  void finish() { ::shutdown(fd_.get(), SHUT_WR); }
  void leave() { fd_.reset(); }

  std::string received;
  bool ended = false;

 private:
  Gateway& gateway_;
  net::Fd fd_;
};

void require_json(std::string_view body, bool refusal) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  require(!json.is_discarded());
  if (!refusal) return;
  require(json.contains("error") && json["error"].size() == 2);
  require(json["error"]["code"].is_string() && json["error"]["message"].is_string());
}

/// What came is one answer, after a "100 Continue" perhaps: whole when the connection has ended, else the beginning of
/// a stream. Its status, or 0 when nothing came.
int require_answer(const Client& client, bool is_head, bool may_be_cut) {
  std::string_view bytes = client.received;
  base::BlockPool blocks(4);
  base::Arena arena(blocks);
  http::ResponseHead head;
  for (;;) {
    if (bytes.empty()) return 0;
    const auto parsed =
        http::ResponseParser().feed(bytes, is_head ? http::Method::head : http::Method::get, arena, head);
    require(parsed.status == http::ParseStatus::done);
    bytes.remove_prefix(parsed.consumed);
    if (head.status != 100) break;
    head = {};
  }
  require(is_one_of(kKnown, head.status) || is_one_of(kNoRequest, head.status));
  require(head.fields.get(http::FieldId::cache_control) == "no-store");
  require(head.fields.get("X-Content-Type-Options") == "nosniff");
  const std::string_view type = head.fields.get(http::FieldId::content_type);
  require(!type.empty());
  http::BodyDecoder decoder;
  decoder.start(head.framing, base::FaultKind::upstream_malformed);
  std::string body;
  while (!bytes.empty()) {
    require(!decoder.done());  // nothing comes behind the answer
    const auto step = decoder.next(bytes);
    require(!step.failed);
    body += step.data;
    bytes.remove_prefix(step.consumed);
  }
  const bool whole = decoder.done() || decoder.finish();
  require(whole || !client.ended || (may_be_cut && head.framing.kind == http::BodyKind::chunked));
  if (type == "application/json" && client.ended && !is_head)
    require_json(body, head.status >= 400 && head.status != 422);
  return head.status;
}

/// Whether the request, if it is one, may change anything in the eyes of who reads the API's description.
Role require_right_to_change(std::string_view bytes, const Asker& asker) {
  base::BlockPool blocks(4);
  base::Arena arena(blocks);
  http::RequestHead head;
  require(http::RequestParser().feed(bytes, arena, head).status == http::ParseStatus::done);
  require(!http::is_safe(head.method));
  const http::Field* site = head.fields.find("Sec-Fetch-Site");
  require(!head.fields.has(http::FieldId::origin));
  require(site == nullptr || site->value == "none" || site->value == "same-origin");
  int most = head.fields.has(http::FieldId::authorization) ? -1 : asker.most;
  for (size_t i = 0; asker.tokens && i < kSecrets.size(); ++i)
    if (head.fields.get(http::FieldId::authorization).find(kSecrets[i]) != std::string_view::npos)
      most = static_cast<int>(i);
  require(most >= static_cast<int>(Role::operate));
  return static_cast<Role>(most);
}

bool asks_for_head(std::string_view bytes) {
  bytes.remove_prefix(std::min(bytes.find_first_not_of("\r\n"), bytes.size()));
  return bytes.starts_with("HEAD ");
}

/// Such a request may be answered however many come.
bool asks_for_health(std::string_view bytes) {
  return bytes.find("/healthz") != std::string_view::npos || bytes.find("/readyz") != std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const uint8_t flags = data[0];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const size_t piece = std::max<size_t>(data[1] % 64 == 0 ? bytes.size() : data[1] % 64, bytes.size() / 256 + 1);
  const Asker asker = asker_of(flags & 7);
  Gateway gateway(asker);
  Client client(gateway, asker, (flags & kThrottled) != 0);
  for (size_t at = 0; at < bytes.size(); at += piece) client.send(bytes.substr(at, piece));
  if ((flags & kSaysNoMore) != 0) client.finish();
  client.pass({});
  const bool regions_changed = gateway.regions_changed();  // before what was set ends by itself
  if ((flags & kLeavesEarly) != 0) client.leave();
  gateway.answer_owed();
  // A head has 5 s, a body 10 s, an answer 5 minutes, and the end 2 s.
  for (const int seconds : {6, 11, 301, 3}) client.pass(base::Seconds(seconds));
  // A head that was refused may have been refused before it was known to be one.
  const int status =
      require_answer(client, asks_for_head(bytes) && client.received.ends_with("\r\n\r\n"), (flags & kSaysNoMore) != 0);
  const bool controlled = gateway.reloads + gateway.upgrades != 0;
  if (regions_changed || controlled) {
    require((flags & kThrottled) == 0);
    const Role most = require_right_to_change(bytes, asker);
    require(!controlled || most == Role::admin);
    require(!(regions_changed && controlled) && gateway.reloads + gateway.upgrades <= 1);
    require(gateway.audited() == 1);
  }
  if ((flags & kThrottled) != 0 && !asks_for_health(bytes))
    require(status == 0 || status == 429 || is_one_of(kNoRequest, status));
  client.leave();
  client.pass(base::Seconds(31));
  require(gateway.desk->count == 0 && gateway.desk->pending_in_all == 0);
  return 0;
}
