// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "base/random.h"

namespace rhumb::base {
namespace {

struct Point {
  int x, y;
};

TEST(Arena, MakesObjectsAndArrays) {
  BlockPool pool;
  Arena arena(pool);
  const Point* point = arena.make<Point>(3, 4);
  EXPECT_EQ(point->x, 3);
  EXPECT_EQ(point->y, 4);
  const std::span<uint64_t> zeros = arena.make_array<uint64_t>(100);
  ASSERT_EQ(zeros.size(), 100u);
  for (const uint64_t zero : zeros) EXPECT_EQ(zero, 0u);
}

TEST(Arena, CopiesTextThatOutlivesItsSource) {
  BlockPool pool;
  Arena arena(pool);
  std::string source = "region";
  const std::string_view copy = arena.copy(source);
  source = "xxxxxx";
  EXPECT_EQ(copy, "region");
  EXPECT_TRUE(arena.copy({}).empty());
}

TEST(Arena, AlignsAsAsked) {
  BlockPool pool;
  Arena arena(pool);
  for (const size_t align : {1, 2, 4, 8, 16}) {
    arena.allocate_chars(1);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(arena.allocate(3, align)) % align, 0u);
  }
}

TEST(Arena, HandsOutMemoryThatNeverOverlaps) {
  BlockPool pool;
  Arena arena(pool);
  Random random(3);
  std::vector<std::pair<char*, size_t>> given;
  for (int i = 0; i < 500; ++i) {
    const size_t size = random.below(20) == 0 ? random.below(3 * BlockPool::kBlock) : random.below(600);
    char* at = arena.allocate_chars(size);
    std::memset(at, i % 251, size);
    given.emplace_back(at, size);
  }
  for (size_t i = 0; i < given.size(); ++i)
    for (size_t k = 0; k < given[i].second; ++k) ASSERT_EQ(given[i].first[k], static_cast<char>(i % 251));
}

TEST(Arena, FillsABlockToItsLastByteAndServesMoreThanABlock) {
  BlockPool pool;
  Arena arena(pool);
  const size_t most = BlockPool::kBlock - 16;
  std::memset(arena.allocate_chars(most), 1, most);
  std::memset(arena.allocate_chars(most + 1), 2, most + 1);
  std::memset(arena.allocate_chars(1), 3, 1);
  arena.reset();
  EXPECT_EQ(pool.idle(), 2u);  // the large one was never the pool's
}

TEST(Arena, GivesItsBlocksBackAndTakesThemAgain) {
  BlockPool pool;
  {
    Arena arena(pool);
    for (int i = 0; i < 5; ++i) arena.allocate(BlockPool::kBlock / 2 + 1);
    EXPECT_EQ(pool.idle(), 0u);
    arena.reset();
    EXPECT_EQ(pool.idle(), 5u);
    arena.allocate(8);
    EXPECT_EQ(pool.idle(), 4u);
  }
  EXPECT_EQ(pool.idle(), 5u);
}

TEST(BlockPool, KeepsNoMoreThanItWasTold) {
  BlockPool pool(2);
  std::byte* blocks[] = {pool.take(), pool.take(), pool.take()};
  for (std::byte* block : blocks) pool.give(block);
  EXPECT_EQ(pool.idle(), 2u);
}

TEST(ArenaDeathTest, DiesOnSizesThatCannotBe) {
  BlockPool pool;
  Arena arena(pool);
  arena.allocate(1);
  EXPECT_DEATH(arena.allocate(SIZE_MAX), "assertion failed");
  EXPECT_DEATH(arena.make_array<uint64_t>(SIZE_MAX / 4), "assertion failed");
}

#ifdef RHUMB_POISON_ARENA
TEST(ArenaDeathTest, ReportsAUseAfterReset) {
  BlockPool pool;
  Arena arena(pool);
  Point* point = arena.make<Point>(1, 2);
  arena.reset();
  EXPECT_DEATH(*static_cast<volatile int*>(&point->x) = 3, "use-after-poison");
}
#endif

}  // namespace
}  // namespace rhumb::base
