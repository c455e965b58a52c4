// SPDX-License-Identifier: Apache-2.0
// For tests: an exchange as a play of a client and a region on the lockstep gateway. Both follow a list of moves, at
// most one a turn, so that every turn is a place to interrupt them.
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <ostream>

#include "http/h1_parser.h"
#include "tests/unit/proxy/lockstep.h"

namespace rhumb::proxy::testing {

struct Move {
  enum class What : uint8_t { say, hear, finish, look_away, look_back, rest };
  What what;
  std::string text;  // to say, or to hear the end of
  int turns = 0;     // to rest
};
inline Move say(std::string text) { return {Move::What::say, std::move(text)}; }
inline Move hear(std::string text) { return {Move::What::hear, std::move(text)}; }
inline Move rest(int turns) { return {Move::What::rest, "", turns}; }
using Moves = std::vector<Move>;

/// One side and how far it is.
class Actor {
 public:
  Actor() = default;
  Actor(Peer of, Moves moves) : peer(std::move(of)), moves_(std::move(moves)) {}

  /// Next come these moves.
  void follow(Moves moves) { moves_ = std::move(moves), at_ = 0; }
  bool done() const noexcept { return at_ == moves_.size(); }
  void fall_silent() noexcept { silent_ = true; }
  bool silent() const noexcept { return silent_; }
  /// True: something moved.
  bool step() {
    const bool moved = peer.move();
    if (silent_ || done() || !peer.open()) return moved;
    Move& move = moves_[at_];
    switch (move.what) {
      case Move::What::say:
        peer.send(move.text);
        break;
      case Move::What::hear: {
        const size_t found = peer.received().find(move.text, heard);
        if (found == std::string::npos) return moved;
        heard = found + move.text.size();
        break;
      }
      case Move::What::finish:
        peer.finish();
        break;
      case Move::What::look_away:
      case Move::What::look_back:
        peer.look_away(move.what == Move::What::look_away);
        break;
      case Move::What::rest:
        if (--move.turns > 0) return true;
        break;
    }
    ++at_;
    return true;
  }

  Peer peer;
  size_t heard = 0;  // of what it received: where the next move begins to listen

 private:
  Moves moves_;
  size_t at_ = 0;
  bool silent_ = false;
};

/// In Play::bodies: the gateway answers this one itself.
inline const std::string kOwnAnswer = "(own)";

struct Play {
  std::string name;
  Moves client;
  std::map<std::string, Moves> region;    // by target: what follows when its head was heard
  std::vector<http::Method> methods;      // of the client's requests
  std::vector<std::string> bodies;        // of the region's answers to them, as the client must get them
  std::string listener, endpoints, more;  // configuration: ", key: value", further endpoints, whole lines
  bool open_ended = false;                // the region's answer ends with its connection: nobody can tell where
};
inline std::ostream& operator<<(std::ostream& out, const Play& play) { return out << play.name; }

/// An answer as the client got it.
struct Answer {
  int status = 0;
  bool forwarded = false;  // a region's; else the gateway's own
  bool whole = false;
  std::string body;
};

/// Reads what came as answers to requests of these methods. `ended`: the connection ended cleanly. Nothing: it is not
/// HTTP.
inline std::optional<std::vector<Answer>> read_answers(std::string_view bytes, const std::vector<http::Method>& methods,
                                                       bool ended) {
  std::vector<Answer> out;
  base::BlockPool blocks(4);
  base::Arena arena(blocks);
  while (!bytes.empty()) {
    http::ResponseHead head;
    const http::Method method = out.size() < methods.size() ? methods[out.size()] : http::Method::get;
    const auto parsed = http::ResponseParser().feed(bytes, method, arena, head);
    if (parsed.status == http::ParseStatus::failed) return std::nullopt;
    if (parsed.status == http::ParseStatus::need_more) return out.push_back({}), out;
    bytes.remove_prefix(parsed.consumed);
    if (head.status < 200 && head.status != 101) continue;
    Answer answer{head.status, head.status == 101 || head.fields.has(http::FieldId::via), head.status == 101, ""};
    if (head.status == 101) answer.body = bytes, bytes = {};
    http::BodyDecoder body;
    body.start(head.framing, base::FaultKind::upstream_malformed);
    while (!bytes.empty() && !body.done()) {
      const auto step = body.next(bytes);
      if (step.failed) return std::nullopt;
      answer.body += step.data;
      bytes.remove_prefix(step.consumed);
    }
    answer.whole = answer.whole || body.done() || (ended && body.finish());
    out.push_back(std::move(answer));
  }
  return out;
}

/// The stage: the gateway, the client, and the region's side of every connection to it.
class Stage {
 public:
  explicit Stage(const Play& play) : play_(play), gateway(config(play, origin_)), client(gateway.dial(), play.client) {}

  /// One move of everybody, then a turn of the gateway's loop. True: something moved.
  bool step() {
    bool moved = client.step();
    for (Peer peer = origin_.accept(); peer.open(); peer = origin_.accept())
      region.emplace_back(std::move(peer), Moves{});
    for (Actor& actor : region) moved = serve(actor) || moved;
    if (!gateway.stopped()) gateway.turn();
    return moved;
  }
  /// Until nothing has moved for some turns.
  void settle() {
    for (int calm = 0, turns = 0; calm < 6 && turns < 2000; ++turns) calm = step() ? 0 : calm + 1;
  }
  /// Its connections say nothing more; true: neither do those that come.
  void region_falls_silent(bool silent) { silent_region_ = silent; }
  /// What reached the region and was no request.
  const std::string& dirt() const noexcept { return dirt_; }

 private:
  static std::string config(const Play& play, const Origin& origin) {
    return "listeners: [{name: web, address: \"127.0.0.1:0\"" + play.listener + "}]\nregions:\n" +
           "  - {name: home, location: {latitude: 50, longitude: 8}, balance: round_robin, endpoints: [" +
           play.endpoints + "\"" + origin.address().to_string() + "\"]}\n" + play.more;
  }
  bool serve(Actor& actor) {
    if (silent_region_) actor.fall_silent();
    bool moved = actor.step();
    if (!actor.done() || actor.silent() || !actor.peer.open()) return moved;
    const std::string_view rest = std::string_view(actor.peer.received()).substr(actor.heard);
    const size_t end = rest.find("\r\n\r\n");
    if (end == std::string_view::npos) return moved;
    const size_t from = rest.find(' ') + 1;
    const std::string target(rest.substr(from, rest.find(' ', from) - from));
    if (from < 4 || target.empty() || target[0] != '/') dirt_ += rest;
    actor.heard += end + 4;
    const auto known = play_.region.find(target);
    // What the play does not know is asked by the test afterwards.
    actor.follow(
        known != play_.region.end()
            ? known->second
            : Moves{say("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(target.size()) + "\r\n\r\n" + target)});
    return true;
  }

  const Play& play_;
  Origin origin_;
  std::string dirt_;
  bool silent_region_ = false;

 public:
  Lockstep gateway;
  Actor client;
  std::deque<Actor> region;  // one a connection, in order
};

}  // namespace rhumb::proxy::testing
