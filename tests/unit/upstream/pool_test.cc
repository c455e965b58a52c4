// SPDX-License-Identifier: Apache-2.0
#include "upstream/pool.h"

#include <gtest/gtest.h>

#include "net/mailbox.h"
#include "tests/unit/upstream/scripted_endpoint.h"

namespace rhumb::upstream {
namespace {

using testing::ScriptedEndpoint;

struct Client final : Borrower {
  void on_upstream() noexcept override { ++events; }
  int events = 0;
};

class PoolTest : public ::testing::Test {
 protected:
  template <class Condition>
  bool turn_until(Condition condition) {
    for (int i = 0; i < 1000 && !condition(); ++i) loop_.turn(base::Millis(10));
    return condition();
  }
  Connection& opened(Pool& pool) {
    Connection& c = pool.borrow_fresh(client_);
    EXPECT_TRUE(turn_until([&] { return c.state() != Connection::State::connecting; }));
    return c;
  }

  base::SystemClock clock_;
  base::BlockPool blocks_;
  net::Loop loop_{clock_};
  ScriptedEndpoint endpoint_{loop_, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
  Pool pool_{loop_, blocks_, endpoint_.address()};
  Client client_;
};

TEST_F(PoolTest, AConnectionThatCameBackIsLentAgainNewestFirst) {
  Connection& first = opened(pool_);
  Connection& second = opened(pool_);
  EXPECT_FALSE(first.reused());
  pool_.give_back(first);
  pool_.give_back(second);
  EXPECT_EQ(pool_.idle(), 2u);
  Connection& again = pool_.borrow(client_, base::Micros::max());
  EXPECT_EQ(&again, &second);
  EXPECT_TRUE(again.reused());
  EXPECT_EQ(pool_.lent(), 1u);
  pool_.discard(again);
}

TEST_F(PoolTest, AnEndWhileIdleClosesIt) {
  pool_.give_back(opened(pool_));
  endpoint_.hang_up();
  EXPECT_TRUE(turn_until([&] { return pool_.idle() == 0; }));
}

TEST_F(PoolTest, BytesNobodyAskedForCloseIt) {
  pool_.give_back(opened(pool_));
  endpoint_.blurt("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(turn_until([&] { return pool_.idle() == 0; }));
}

TEST_F(PoolTest, NoMoreThanTheLimitAreKept) {
  pool_.set_limits({.idle = 1});
  Connection& a = opened(pool_);
  Connection& b = opened(pool_);
  pool_.give_back(a);
  pool_.give_back(b);
  EXPECT_EQ(pool_.idle(), 1u);
}

TEST_F(PoolTest, AWornConnectionIsNotKept) {
  pool_.set_limits({.max_requests = 2});
  Connection& c = opened(pool_);
  pool_.give_back(c);
  pool_.give_back(pool_.borrow(client_, base::Micros::max()));
  EXPECT_EQ(pool_.idle(), 0u);
}

TEST_F(PoolTest, AConnectionThatNobodyListensToIsNotKept) {
  Connection& deaf = opened(pool_);
  deaf.stream().pause();
  pool_.give_back(deaf);
  EXPECT_EQ(pool_.idle(), 0u);
  Connection& unread = opened(pool_);
  ASSERT_TRUE(unread.stream().write("GET / HTTP/1.1\r\n\r\n"));
  ASSERT_TRUE(turn_until([&] { return unread.stream().readable(); }));
  char some[2];
  ASSERT_EQ(unread.stream().read(some).bytes, 2u);
  pool_.give_back(unread);
  EXPECT_EQ(pool_.idle(), 0u) << "the rest would be taken for the next answer";
}

TEST_F(PoolTest, ATooOldConnectionIsNotLentToWhoCannotRepeat) {
  pool_.give_back(opened(pool_));
  Connection& c = pool_.borrow(client_, base::Micros(-1));
  EXPECT_FALSE(c.reused());
  pool_.discard(c);
}

TEST_F(PoolTest, IdleConnectionsEndAfterTheirTime) {
  pool_.set_limits({.idle_timeout = base::Millis(30)});
  pool_.give_back(opened(pool_));
  EXPECT_EQ(pool_.idle(), 1u);
  EXPECT_TRUE(turn_until([&] { return pool_.idle() == 0; }));
}

TEST_F(PoolTest, PreconnectedOnesAreReadyBeforeTheFirstRequest) {
  pool_.set_limits({.preconnect = 3});
  EXPECT_TRUE(turn_until([&] { return endpoint_.accepted() == 3; }));
  EXPECT_EQ(pool_.idle(), 3u);
  Connection& c = pool_.borrow(client_, base::Micros::max());
  EXPECT_EQ(c.state(), Connection::State::open);
  EXPECT_EQ(endpoint_.accepted(), 3);
  pool_.discard(c);
}

TEST_F(PoolTest, ARefusedConnectFails) {
  base::SocketAddress nobody = endpoint_.address();
  {
    auto gone = net::listen_tcp({nobody.ip, 0}, 1);
    nobody = net::local_address(gone->get());
  }
  Pool pool(loop_, blocks_, nobody);
  Connection& c = opened(pool);
  EXPECT_EQ(c.state(), Connection::State::failed);
  EXPECT_EQ(c.error(), ECONNREFUSED);
  pool.discard(c);
}

TEST_F(PoolTest, ARetiredPoolKeepsNothing) {
  Connection& lent = opened(pool_);
  pool_.give_back(opened(pool_));
  pool_.retire();
  EXPECT_EQ(pool_.idle(), 0u);
  EXPECT_FALSE(pool_.idle_and_retired());
  pool_.give_back(lent);
  EXPECT_TRUE(pool_.idle_and_retired());
}

TEST_F(PoolTest, PreconnectedOnesAreReplacedWhenTheyGrowOld) {
  pool_.set_limits({.idle_timeout = base::Millis(20), .preconnect = 2});
  EXPECT_TRUE(turn_until([&] { return endpoint_.accepted() >= 6; }));
  EXPECT_EQ(pool_.idle(), 2u);
}

TEST_F(PoolTest, PreconnectedOnesComeBackAfterTheEndpointHungUp) {
  pool_.set_limits({.preconnect = 2});
  EXPECT_TRUE(turn_until([&] { return endpoint_.accepted() == 2; }));
  endpoint_.hang_up();
  EXPECT_TRUE(turn_until([&] { return endpoint_.accepted() == 4; }));
  EXPECT_EQ(pool_.idle(), 2u);
}

// A reload that drops the endpoint, or its hanging up, may come in the turn in which the idle time is over, too.
TEST(PoolClock, AnIdleConnectionIsClosedOnceThoughItsTimeIsUpInTheSameTurn) {
  base::ManualClock clock;
  base::BlockPool blocks;
  net::Loop loop(clock);
  net::Mailbox mail(loop);
  ScriptedEndpoint endpoint(loop, "");
  Pool pool(loop, blocks, endpoint.address());
  pool.set_limits({.idle_timeout = base::Seconds(1)});
  Client client;
  Connection* lent[] = {&pool.borrow_fresh(client), &pool.borrow_fresh(client)};
  for (Connection* one : lent)
    for (int i = 0; i < 1000 && one->state() == Connection::State::connecting; ++i) loop.turn(base::Millis(10));
  for (Connection* one : lent) pool.give_back(*one);
  ASSERT_EQ(pool.idle(), 2u);
  clock.advance(base::Seconds(2));
  mail.post([&] { pool.retire(); });
  loop.turn(base::Micros(0));  // the mail, then the timers
  EXPECT_EQ(pool.idle(), 0u);
}

}  // namespace
}  // namespace rhumb::upstream
