// SPDX-License-Identifier: Apache-2.0
#include "proxy/reload.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/base/no_threads.h"

namespace rhumb::proxy {
namespace {

constexpr char kGood[] =
    "listeners: [{name: web, address: \"127.0.0.1:0\"}]\nregions: [{name: eu, endpoints: [\"127.0.0.1:1\"]}]\n"
    "routes: [{name: all, strategy: priority}]\n";

/// A loop and what was applied on it. The binary of the unit tests is no gateway, so every file is refused for that
/// reason; how loads follow each other is what is looked at here.
class ReloaderTest : public ::testing::Test {
 protected:
  ReloaderTest()
      : loop(clock),
        mailbox(loop),
        path(::testing::TempDir() + "/reload_test." + std::to_string(::getpid()) + ".yaml") {
    std::ofstream(path) << kGood;
  }
  ~ReloaderTest() override { std::filesystem::remove(path); }
  Reloader make() {
    return {path, mailbox,
            [this](LoadedFiles& files) {
              by = files.by;
              ++applied;
              return ReloadVerdict{applied % 2 == 1, std::to_string(applied)};
            },
            [this]() -> Reloader::Look {
              const auto here = std::this_thread::get_id();
              return [this, here](LoadedFiles&) {
                looked_elsewhere = std::this_thread::get_id() != here;
                return ReloadVerdict{true, "would"};
              };
            }};
  }
  void turn_until(const std::function<bool()>& done) {
    for (int i = 0; i < 1000 && !done(); ++i) loop.turn(base::Millis(20));
    EXPECT_TRUE(done());
  }
  base::SystemClock clock;
  net::Loop loop;
  net::Mailbox mailbox;
  std::string path;
  int applied = 0;
  std::string by;
  bool looked_elsewhere = false;
  std::vector<std::string> heard;
};

TEST_F(ReloaderTest, ALoadIsTheDoingOfAllWhoAskedForIt) {
  Reloader reloader = make();
  bool done = false;
  reloader.request(nullptr, {}, "uid 0 pid 7");
  reloader.request(nullptr, {}, "token deploy");  // of the next load
  reloader.request(nullptr, {}, "signal of uid 0 pid 1");
  reloader.request([&](const ReloadVerdict&) { done = true; }, {}, "token deploy");
  turn_until([&] { return applied == 1; });
  EXPECT_EQ(by, "uid 0 pid 7");
  turn_until([&] { return done; });
  EXPECT_EQ(by, "token deploy, signal of uid 0 pid 1");
}

TEST_F(ReloaderTest, EveryoneHearsOfALoadThatBeganAfterHeAsked) {
  Reloader reloader = make();
  const auto hear = [&](const std::string& who) {
    return [this, who](const ReloadVerdict& verdict) {
      heard.push_back(who + verdict.text + (verdict.applied ? " applied" : " refused"));
    };
  };
  reloader.request(hear("a"));
  reloader.request(hear("b"));  // the first load is under way
  reloader.request(hear("c"));
  turn_until([&] { return heard.size() == 3; });
  EXPECT_EQ(heard, (std::vector<std::string>{"a1 applied", "b2 refused", "c2 refused"}));
  EXPECT_EQ(applied, 2);
}

TEST_F(ReloaderTest, ALoadThatEndsAfterItsOwnerHasNoEffect) {
  {
    Reloader reloader = make();
    reloader.request([this](const ReloadVerdict&) { heard.emplace_back("too late"); });
  }  // waits for the thread, whose letter lies in the mailbox now
  for (int i = 0; i < 10; ++i) loop.turn(base::Micros(0));
  EXPECT_EQ(applied, 0);
  EXPECT_TRUE(heard.empty());
}

TEST_F(ReloaderTest, OneLoadIsHeldToTheLimitsOfAllThatAskedForIt) {
  std::vector<double> shares;  // of the thread that reads, which is over before anybody hears
  Reloader reloader(
      path, mailbox,
      [](LoadedFiles& files) {
        return ReloadVerdict{files.problem == "too much\n", files.problem};
      },
      [] { return Reloader::Look(); },
      [&]() -> Reloader::Gate {
        return [&](LoadedFiles& files, const foresight::PlanLimits& limits) {
          shares.push_back(limits.moved.value_or(9)), shares.push_back(limits.lost.value_or(9));
          files.problem = "too much\n";
        };
      });
  const auto hear = [this](const ReloadVerdict& verdict) { heard.push_back(verdict.text); };
  reloader.request(hear);
  reloader.request(hear, {.moved = 0.5}), reloader.request(hear, {.moved = 0.02, .lost = 0}),
      reloader.request(hear);  // of the next load
  turn_until([&] { return heard.size() == 4; });
  EXPECT_EQ(shares, (std::vector<double>{0.02, 0})) << "the first load was held to none";
  EXPECT_EQ(heard, (std::vector<std::string>{"", "too much\n", "too much\n", "too much\n"}));
}

TEST_F(ReloaderTest, WithoutRoomForAThreadALoadIsRefusedAndTheNextIsRead) {
  std::vector<std::string> problems;
  Reloader reloader(
      path, mailbox,
      [&](LoadedFiles& files) {
        problems.push_back(files.unread ? files.problem : "read");
        return ReloadVerdict{!files.unread, files.unread ? "refused" : "applied"};
      },
      [] { return [](LoadedFiles&) {
             return ReloadVerdict{true, "would"};
           }; });
  const auto hear = [this](const ReloadVerdict& verdict) { heard.push_back(verdict.text); };
  base::without_threads([&] { reloader.request(hear), reloader.preview(hear); });
  turn_until([&] { return heard.size() == 2; });  // the look is of the load after the first
  reloader.request(hear);
  turn_until([&] { return heard.size() == 3; });
  base::without_threads([&] { reloader.preview(hear); });
  turn_until([&] { return heard.size() == 4; });
  const std::string why = "cannot start a thread: Resource temporarily unavailable\n";
  EXPECT_EQ(heard, (std::vector<std::string>{"refused", "would", "applied", why}));
  EXPECT_EQ(problems, (std::vector<std::string>{why, "read"}));
}

TEST_F(ReloaderTest, AStormIsTwoLoads) {
  Reloader reloader = make();
  bool done = false;
  for (int i = 0; i < 1000; ++i) reloader.request();
  reloader.request([&](const ReloadVerdict&) { done = true; });
  turn_until([&] { return done; });
  EXPECT_EQ(applied, 2);
}

TEST_F(ReloaderTest, WhoAsksFromTheAnswerGetsALoadOfHisOwn) {
  Reloader reloader = make();
  reloader.request([&](const ReloadVerdict&) {
    reloader.request([&](const ReloadVerdict& second) { heard.push_back(second.text); });
  });
  turn_until([&] { return !heard.empty(); });
  EXPECT_EQ(heard[0], "2");
}

TEST_F(ReloaderTest, APreviewAppliesNothing) {
  Reloader reloader = make();
  const auto hear = [this](const ReloadVerdict& verdict) { heard.push_back(verdict.text); };
  reloader.preview(hear);
  turn_until([&] { return heard.size() == 1; });
  EXPECT_EQ(heard[0], "would");
  EXPECT_EQ(applied, 0);
  EXPECT_TRUE(looked_elsewhere) << "to compare thousands of routes takes its time";
  reloader.request(hear);
  reloader.preview(hear);  // of the load after it
  turn_until([&] { return heard.size() == 3; });
  EXPECT_EQ(heard[1], "1");
  EXPECT_EQ(heard[2], "would");
  EXPECT_EQ(applied, 1);
}

TEST_F(ReloaderTest, AfterTheStopNothingIsAppliedAndEveryoneIsTold) {
  Reloader reloader = make();
  const auto hear = [this](const ReloadVerdict& verdict) { heard.push_back(verdict.text); };
  reloader.request(hear);
  reloader.preview(hear);
  reloader.stop();
  turn_until([&] { return heard.size() == 2; });
  reloader.request(hear);
  EXPECT_EQ(heard, std::vector<std::string>(3, "the gateway is stopping\n"));
  EXPECT_EQ(applied, 0);
}

TEST(LoadedFiles, SayWhatIsWrongWithAFileThatIsNotThere) {
  const LoadedFiles files("/nowhere/rhumb.yaml");
  EXPECT_FALSE(files.config.ok());
}

}  // namespace
}  // namespace rhumb::proxy
