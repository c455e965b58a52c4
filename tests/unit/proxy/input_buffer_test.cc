// SPDX-License-Identifier: Apache-2.0
#include "proxy/input_buffer.h"

#include <gtest/gtest.h>

#include <string>

namespace rhumb::proxy {
namespace {

void receive(InputBuffer& buffer, std::string_view bytes) {
  const std::span<char> room = buffer.room();
  ASSERT_GE(room.size(), bytes.size());
  bytes.copy(room.data(), bytes.size());
  buffer.received(bytes.size());
}

TEST(InputBuffer, EmptyItOwnsNothing) {
  base::BlockPool pool;
  InputBuffer buffer(pool);
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.capacity(), 0u);
  EXPECT_EQ(buffer.bytes(), "");
}

TEST(InputBuffer, TakesABlockForTheFirstReceiveAndGivesItBack) {
  base::BlockPool pool;
  {
    InputBuffer buffer(pool);
    EXPECT_EQ(buffer.room().size(), base::BlockPool::kBlock);
    EXPECT_EQ(pool.idle(), 0u);
  }
  EXPECT_EQ(pool.idle(), 1u);
}

TEST(InputBuffer, KeepsBytesInOrderAndGivesThemOutFromTheFront) {
  base::BlockPool pool;
  InputBuffer buffer(pool);
  receive(buffer, "GET / ");
  buffer.append("HTTP/1.1");
  EXPECT_EQ(buffer.bytes(), "GET / HTTP/1.1");
  buffer.consume(4);
  EXPECT_EQ(buffer.bytes(), "/ HTTP/1.1");
  EXPECT_FALSE(buffer.empty());
}

TEST(InputBuffer, WhatIsConsumedStaysInPlaceUntilCompacting) {
  base::BlockPool pool;
  InputBuffer buffer(pool);
  receive(buffer, "head body");
  const std::string_view head = buffer.bytes().substr(0, 5);
  buffer.consume(5);
  receive(buffer, " more");
  EXPECT_EQ(head, "head ") << "views of a parsed head live on";
  EXPECT_EQ(buffer.room().size(), base::BlockPool::kBlock - 14);
  buffer.compact();
  EXPECT_EQ(buffer.bytes(), "body more");
  EXPECT_EQ(buffer.room().size(), base::BlockPool::kBlock - 9);
}

TEST(InputBuffer, CompactingAnEmptyOneGivesItsMemoryBack) {
  base::BlockPool pool;
  InputBuffer buffer(pool);
  receive(buffer, "abc");
  buffer.consume(3);
  buffer.compact();
  EXPECT_EQ(buffer.capacity(), 0u);
  EXPECT_EQ(pool.idle(), 1u);
}

TEST(InputBuffer, GrowsKeepingWhatIsThere) {
  base::BlockPool pool;
  InputBuffer buffer(pool);
  receive(buffer, "gone" + std::string(16'000, 'x'));
  buffer.consume(4);
  buffer.grow(40'000);
  EXPECT_EQ(buffer.capacity(), 40'000u);
  EXPECT_EQ(buffer.bytes(), std::string(16'000, 'x'));
  EXPECT_EQ(buffer.room().size(), 24'000u);
  EXPECT_EQ(pool.idle(), 1u) << "the block went back";
}

TEST(InputBuffer, AGrownOneReleasesItsOwnMemoryNotABlock) {
  base::BlockPool pool;
  InputBuffer buffer(pool);
  buffer.room();
  buffer.grow(40'000);
  buffer.release();
  EXPECT_EQ(pool.idle(), 1u);
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.room().size(), base::BlockPool::kBlock) << "and may be used again";
}

}  // namespace
}  // namespace rhumb::proxy
