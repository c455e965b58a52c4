// SPDX-License-Identifier: Apache-2.0
// Plays of a client and a region, interrupted at every turn of the loop in every way there is. Whatever happens when:
// nothing crashes or leaks, the client is told the truth, every request is accounted for once, the gauges return to
// zero, and who comes next gets the answer to what they asked.
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "tests/unit/proxy/play.h"
#include "tests/unit/proxy/plays.h"

namespace rhumb::proxy {
namespace {

using testing::Actor;
using testing::Answer;
using testing::Play;
using testing::Stage;

enum class Blow : uint8_t {
  none,
  client_closes,
  client_resets,
  client_half_closes,
  client_falls_silent,
  region_closes,
  region_resets,
  region_half_closes,
  region_falls_silent,
  an_hour_passes,
  reload,
  drain,
  stop
};
constexpr const char* kBlows[] = {"none",          "client closes",  "client resets", "client half-closes",
                                  "client silent", "region closes",  "region resets", "region half-closes",
                                  "region silent", "an hour passes", "reload",        "drain",
                                  "stop"};

void strike(Stage& stage, Blow blow) {
  const auto each_of_the_region = [&](auto&& act) {
    for (Actor& actor : stage.region) act(actor.peer);
  };
  switch (blow) {
    case Blow::none:
      return;
    case Blow::client_closes:
      return stage.client.peer.close();
    case Blow::client_resets:
      return stage.client.peer.reset();
    case Blow::client_half_closes:
      return stage.client.peer.finish();
    case Blow::client_falls_silent:
      return stage.client.fall_silent();
    case Blow::region_closes:
      return each_of_the_region([](auto& peer) { peer.close(); });
    case Blow::region_resets:
      return each_of_the_region([](auto& peer) { peer.reset(); });
    case Blow::region_half_closes:
      return each_of_the_region([](auto& peer) { peer.finish(); });
    case Blow::region_falls_silent:
      return stage.region_falls_silent(true);
    case Blow::an_hour_passes:
      return stage.gateway.pass(base::Seconds(3600));
    case Blow::reload:
      return stage.gateway.reload();
    case Blow::drain:
      return stage.gateway.drain();
    case Blow::stop:
      return stage.gateway.stop();
  }
}

/// Turns until it comes true. The kernel may take its time to carry a byte from one socket to the other.
template <class Condition>
bool comes_true(Stage& stage, Condition&& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    stage.step();
  }
  return true;
}

/// What the client got: the region's answers as far as they go, or an honest word of the gateway's own.
void expect_the_truth(const Play& play, const Stage& stage, Blow blow) {
  const auto& peer = stage.client.peer;
  const auto answers = testing::read_answers(peer.received(), play.methods, peer.over() && !peer.broken());
  ASSERT_TRUE(answers) << peer.received().substr(0, 2000);
  for (size_t i = play.bodies.size(); i < answers->size(); ++i)
    EXPECT_FALSE((*answers)[i].forwarded) << "more answers than questions";
  for (size_t i = 0; i < answers->size(); ++i) {
    const Answer& answer = (*answers)[i];
    if (answer.forwarded && (answer.status == 101 || play.open_ended)) {
      EXPECT_EQ(answer.body, play.bodies[i].substr(0, answer.body.size()));
    } else if (answer.forwarded && answer.whole && i < play.bodies.size()) {
      EXPECT_TRUE(answer.body == play.bodies[i])
          << "answer " << i << " is not the region's: " << answer.body.substr(0, 200);
    } else if (answer.whole) {
      EXPECT_GE(answer.status, 400);
    } else {
      EXPECT_EQ(i + 1, answers->size()) << "something behind a cut answer";
      EXPECT_TRUE(peer.over() || !peer.open()) << "a cut answer, and the connection goes on";
    }
    if (blow == Blow::none || blow == Blow::reload) {
      EXPECT_TRUE(answer.whole && answer.forwarded == (play.bodies[i] != testing::kOwnAnswer))
          << answer.status << " " << answer.body;
    }
    if (blow == Blow::drain) {
      EXPECT_TRUE(answer.whole) << "a drain cut an answer";
    }
  }
  if (blow == Blow::none || blow == Blow::reload) {
    EXPECT_EQ(answers->size(), play.bodies.size());
  }
}

/// One line a request; each says how it ended.
void expect_the_books_to_balance(Stage& stage) {
  uint64_t lines = 0, explained = 0;
  const std::string& log = stage.gateway.log();
  for (size_t at = 0, end; (end = log.find('\n', at)) != std::string::npos; at = end + 1, ++lines) {
    const auto line = nlohmann::json::parse(log.substr(at, end - at), nullptr, false);
    ASSERT_TRUE(line.is_object()) << log.substr(at, end - at);
    const bool answered = line["status"] != 0, faulty = line.contains("flags") && line["flags"].contains("fault");
    if (answered || faulty) ++explained;
  }
  EXPECT_EQ(lines, stage.gateway.cells().requests.get());
  EXPECT_EQ(lines, explained) << log;
}

/// The pool holds nothing that could answer for somebody else.
void expect_the_next_to_be_served(Stage& stage) {
  for (const std::string target : {"/after-1", "/after-2", "/after-3"}) {
    testing::Peer next = stage.gateway.dial();
    next.send("GET " + target + " HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
    ASSERT_TRUE(comes_true(stage, [&] { return next.move(), next.over(); })) << target;
    const auto answers = testing::read_answers(next.received(), {}, true);
    ASSERT_TRUE(answers && answers->size() == 1 && answers->front().whole) << next.received();
    EXPECT_EQ(answers->front().body, target) << next.received();
  }
  EXPECT_EQ(stage.dirt(), "");
}

/// Plays it; at the turn, the blow falls. How many turns the play took.
int run(const Play& play, Blow blow, int at) {
  SCOPED_TRACE(play.name + ": " + kBlows[static_cast<size_t>(blow)] + " at turn " + std::to_string(at));
  Stage stage(play);
  int turn = 0;
  for (int calm = 0; calm < 6 && turn < 2000; ++turn) {
    if (turn == at) strike(stage, blow);
    calm = stage.step() || turn < at ? 0 : calm + 1;
    if (blow == Blow::none && stage.client.done()) break;
  }
  if (blow == Blow::none) {
    EXPECT_TRUE(stage.client.done()) << stage.client.peer.received().substr(0, 1000) << "\nand the region: "
                                     << (stage.region.empty() ? ""
                                                              : stage.region.front().peer.received().substr(0, 1000));
  }
  const bool serves = blow != Blow::drain && blow != Blow::stop;
  if (serves && blow != Blow::region_falls_silent) expect_the_next_to_be_served(stage);  // by what is pooled now
  for (int hours = 0; hours < 3 && !stage.gateway.stopped(); ++hours) {
    if (blow != Blow::none) stage.gateway.pass(base::Seconds(3600));
    stage.settle();
  }
  stage.client.peer.move();
  expect_the_truth(play, stage, blow);
  stage.client.peer.reset();
  EXPECT_TRUE(comes_true(stage, [&] { return stage.gateway.idle(); })) << "something is left";
  if (blow == Blow::drain) {
    EXPECT_TRUE(comes_true(stage, [&] { return stage.gateway.drained(); }));
  }
  stage.region_falls_silent(false);
  if (serves) expect_the_next_to_be_served(stage);
  EXPECT_TRUE(comes_true(stage, [&] { return stage.gateway.idle(); })) << "something is left";
  expect_the_books_to_balance(stage);
  return turn;
}

class EveryStep : public ::testing::TestWithParam<Play> {};

TEST_P(EveryStep, EveryBlow) {
  const Play& play = GetParam();
  const int turns = run(play, Blow::none, -1);
  ASSERT_GT(turns, 3);
  const int stride = 1 + turns / 20;  // in a long play most turns are alike
  for (int blow = 1; blow <= static_cast<int>(Blow::stop); ++blow)
    for (int turn = 0; turn <= turns + 1; turn += stride) {
      run(play, static_cast<Blow>(blow), turn);
      if (::testing::Test::HasFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(Plays, EveryStep, ::testing::ValuesIn(testing::plays()),
                         [](const auto& play) { return play.param.name; });

}  // namespace
}  // namespace rhumb::proxy
