// SPDX-License-Identifier: Apache-2.0
#include "admin/desk.h"

#include "admin/session.h"
#include "tests/unit/admin/serving.h"

namespace rhumb::admin {
namespace {

/// What the bodies of the test have been asked for, by name, in order.
using Asked = std::vector<std::string>;

/// A body of many long pieces.
class Long final : public BodySource {
 public:
  Long(std::string name, std::shared_ptr<Asked> asked) : name_(std::move(name)), asked_(std::move(asked)) {}
  State next(std::string& to) override {
    asked_->push_back(name_);
    to.append(60 << 10, name_[0]);
    return ++said_ < 100 ? State::more : State::done;
  }

 private:
  std::string name_;
  std::shared_ptr<Asked> asked_;
  int said_ = 0;
};

class AdminDesk : public testing::Serving {
 protected:
  AdminDesk() {
    add(http::Method::get, "/long", [this](const Request& q, const Reply& r) {
      asked_->push_back("call " + q.parameter("name"));
      r.stream({200, "text/plain", ""}, std::make_unique<Long>(q.parameter("name"), asked_));
    });
    add(http::Method::get, "/later", [this](const Request&, const Reply& r) { kept_.push_back(r); });
    add(http::Method::get, "/hello", [](const Request&, const Reply& r) { r.send({200, "text/plain", "hello"}); });
    add(
        http::Method::get, "/healthz",
        [](const Request&, const Reply& r) {
          r.send({200, "text/plain", "ok"});
        },
        Role::read, true);
  }
  /// A desk of its own, and sessions on pairs of sockets: what they do is seen turn by turn.
  struct Client {
    net::Fd fd;
    Session* session;
  };
  Client connect(uint32_t uid, Session::Welcome welcome = {}) {
    int ends[2];
    RHUMB_ASSERT(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    net::Peer peer;
    peer.local = true, peer.uid = uid;
    return {net::Fd(ends[0]), new Session(*desk_, net::Fd(ends[1]), peer, welcome)};
  }
  Client asks(uint32_t uid, const std::string& target, Session::Welcome welcome = {}) {
    Client client = connect(uid, welcome);
    say(client.fd, get(target));
    return client;
  }
  std::string answer_of(const net::Fd& fd) {
    for (int i = 0; i < 10; ++i) loop_.turn(base::Micros(0));
    char buffer[512];
    const ssize_t n = ::recv(fd.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    return n <= 0 ? "" : std::string(buffer, static_cast<size_t>(n));
  }
  static AccessRules rules() {
    AccessRules rules;
    for (uint32_t uid = 100; uid < 200; ++uid) rules.members.push_back({false, uid, Role::read});
    for (uint32_t uid = 200; uid < 300; ++uid) rules.members.push_back({false, uid, Role::operate});
    return rules;
  }
  ~AdminDesk() override {
    desk_->sessions.for_each([](Session& session) { session.close(); });
    loop_.turn(base::Micros(0));
  }

  std::shared_ptr<Asked> asked_ = std::make_shared<Asked>();
  std::vector<Reply> kept_;
  std::shared_ptr<Desk> desk_ = std::make_shared<Desk>(loop_, Access(rules()), router_, &audit_);
};

TEST_F(AdminDesk, OneSessionWorksInATurnEachInItsOrder) {
  const Client a = asks(100, "/long?name=a"), b = asks(101, "/long?name=b"), c = asks(200, "/long?name=c");
  loop_.turn(base::Micros(0));
  size_t before = asked_->size();
  for (int i = 0; i < 8; ++i) {
    loop_.turn(base::Micros(0));
    EXPECT_LE(asked_->size() - before, 1u) << "a call or a piece a turn";
    before = asked_->size();
  }
  ASSERT_GE(asked_->size(), 6u);
  for (const char* name : {"a", "b", "c"}) {
    EXPECT_EQ(std::count(asked_->begin(), asked_->begin() + 3, std::string("call ") + name), 1) << name;
    EXPECT_EQ(std::count(asked_->begin() + 3, asked_->begin() + 6, name), 1) << name;
  }
}

TEST_F(AdminDesk, AnUrgentQuestionIsAnsweredInTheTurnItComesIn) {
  std::vector<Client> heavy;
  for (uint32_t i = 0; i < 8; ++i) heavy.push_back(asks(100 + i, "/long?name=x"));
  for (int i = 0; i < 4; ++i) loop_.turn(base::Micros(0));
  const Client urgent = asks(150, "/healthz");
  loop_.turn(base::Micros(0));
  char buffer[512];
  EXPECT_GT(::recv(urgent.fd.get(), buffer, sizeof buffer, MSG_DONTWAIT), 0);
}

TEST_F(AdminDesk, WhatNobodyReadsIsBoundedForEachAndForAll) {
  std::vector<Client> lazy;
  for (uint32_t i = 0; i < 32; ++i) lazy.push_back(asks(i < 16 ? 100 + i : 200 + i, "/long?name=x"));
  size_t most = 0;
  for (int i = 0; i < 2000; ++i) {
    loop_.turn(base::Micros(0));
    most = std::max(most, desk_->pending_in_all);
  }
  EXPECT_GT(most, 1u << 20);
  EXPECT_LE(most, Desk::kMaxPendingInAll + 32 * (64 << 10));
  for (Client& one : lazy) one.session->close();
  EXPECT_EQ(desk_->pending_in_all, 0u);
}

TEST_F(AdminDesk, ARoleAndACallerHaveSoManyAnswers) {
  std::vector<Client> busy;
  for (uint32_t i = 0; i < Desk::kAnswersOfRole; ++i) busy.push_back(asks(100 + i / 4, "/later"));
  for (int i = 0; i < 40; ++i) loop_.turn(base::Micros(0));
  ASSERT_EQ(kept_.size(), Desk::kAnswersOfRole);
  const Client refused = asks(150, "/hello");
  const std::string answer = answer_of(refused.fd);
  EXPECT_EQ(status(answer), "429") << answer;
  EXPECT_TRUE(has(answer, "too_many_answers"));
  EXPECT_TRUE(has(answer, "Retry-After: 1"));
  EXPECT_EQ(desk_->counts.busy, 1u);
  EXPECT_EQ(status(answer_of(asks(150, "/healthz").fd)), "200") << "health takes no place";
  EXPECT_EQ(status(answer_of(asks(200, "/hello").fd)), "200") << "another role has its own";
  for (uint32_t i = 0; i < Desk::kAnswersOfCaller; ++i) busy.push_back(asks(200, "/later"));
  EXPECT_EQ(status(answer_of(asks(200, "/hello").fd)), "429");
  EXPECT_EQ(status(answer_of(asks(201, "/hello").fd)), "200") << "another caller of that role";
  kept_[0].send({});
  loop_.turn(base::Micros(0));
  EXPECT_EQ(status(answer_of(asks(150, "/hello").fd)), "200") << "a place that is free again";
}

TEST_F(AdminDesk, WhoTakesNothingGivesWay) {
  std::vector<Client> lazy;
  for (uint32_t i = 0; i < Desk::kAnswersOfCaller; ++i) lazy.push_back(asks(100, "/long?name=x"));
  for (int i = 0; i < 400; ++i) loop_.turn(base::Micros(0));
  EXPECT_EQ(status(answer_of(asks(100, "/hello").fd)), "429") << "it may be slow only";
  clock_.advance(Desk::kGivesWay + base::Millis(1));
  EXPECT_EQ(status(answer_of(asks(100, "/hello").fd)), "200");
  size_t left = 0;
  desk_->sessions.for_each([&](const Session& one) { left += one.streams() ? 1 : 0; });
  EXPECT_EQ(left, Desk::kAnswersOfCaller - 1) << "one of them was cut";
}

TEST_F(AdminDesk, ASpareSessionIsForHealthAlone) {
  EXPECT_EQ(status(answer_of(asks(100, "/healthz", {.spare = true}).fd)), "200");
  const std::string refused = answer_of(asks(100, "/hello", {.spare = true}).fd);
  EXPECT_EQ(status(refused), "503");
  EXPECT_TRUE(has(refused, "too_many_connections"));
  EXPECT_EQ(status(answer_of(asks(100, "/healthz", {.throttled = true}).fd)), "200");
  EXPECT_EQ(status(answer_of(asks(100, "/hello", {.throttled = true}).fd)), "429");
}

TEST_F(AdminDesk, RoomIsMadeByWhoSaidAllAndThenByTheOldestSilentOne) {
  const Client first = connect(100), second = connect(100), busy = asks(100, "/later"), done = asks(100, "/hello");
  EXPECT_EQ(status(answer_of(done.fd)), "200");
  EXPECT_EQ(desk_->count, 4u);
  const auto ended = [](const Client& client) {
    char byte;
    return ::recv(client.fd.get(), &byte, 1, MSG_DONTWAIT) == 0;
  };
  EXPECT_TRUE(desk_->make_room());
  EXPECT_EQ(desk_->count, 3u);
  EXPECT_FALSE(ended(first)) << "who has his answer goes first";
  EXPECT_TRUE(desk_->make_room());
  EXPECT_TRUE(ended(first));
  EXPECT_FALSE(ended(second));
  EXPECT_TRUE(desk_->make_room());
  EXPECT_FALSE(desk_->make_room()) << "who waits for an answer stays";
  EXPECT_EQ(desk_->count, 1u);
}

}  // namespace
}  // namespace rhumb::admin
