// SPDX-License-Identifier: Apache-2.0
#include "net/buffer.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/random.h"

namespace rhumb::net {
namespace {

std::string contents(const Buffer& buffer) {
  std::array<iovec, 64> pieces;
  std::string out;
  const size_t used = buffer.pieces(pieces);
  for (size_t i = 0; i < used; ++i) out.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
  return out;
}

TEST(Buffer, EmptyOwnsNothing) {
  base::BlockPool pool;
  Buffer buffer(pool);
  buffer.append("abc");
  buffer.consume(3);
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(pool.idle(), 1u) << "the block went back";
}

TEST(Buffer, KeepsOrderOverManyBlocks) {
  base::BlockPool pool;
  Buffer buffer(pool);
  std::string model;
  base::Random random(3);
  for (int step = 0; step < 500; ++step) {
    const std::string piece(random.below(9000), static_cast<char>('a' + random.below(26)));
    buffer.append(piece);
    model += piece;
    const size_t take = random.below(model.size() + 1);
    buffer.consume(take);
    model.erase(0, take);
    ASSERT_EQ(buffer.size(), model.size());
    const std::string seen = contents(buffer);
    ASSERT_EQ(seen, model.substr(0, seen.size()));
  }
}

TEST(Buffer, ClearGivesEverythingBack) {
  base::BlockPool pool;
  Buffer buffer(pool);
  buffer.append(std::string(100'000, 'x'));
  buffer.clear();
  EXPECT_TRUE(buffer.empty());
  EXPECT_GE(pool.idle(), 6u);
}

}  // namespace
}  // namespace rhumb::net
