// SPDX-License-Identifier: Apache-2.0
#include "proxy/pipes.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace rhumb::proxy {
namespace {

TEST(PipePool, APipeCarriesBytesWithoutBlocking) {
  PipePool pool;
  const auto pipe = pool.take();
  ASSERT_NE(pipe, nullptr);
  EXPECT_GE(pipe->capacity, 4096u);
  char byte = 0;
  EXPECT_EQ(::read(pipe->read.get(), &byte, 1), -1) << "empty: says so at once";
  EXPECT_EQ(::write(pipe->write.get(), "x", 1), 1);
  EXPECT_EQ(::read(pipe->read.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
}

TEST(PipePool, AnEmptyPipeIsUsedAgain) {
  PipePool pool;
  auto pipe = pool.take();
  const int fd = pipe->read.get();
  pool.give(std::move(pipe));
  EXPECT_EQ(pool.take()->read.get(), fd);
}

TEST(PipePool, OneWithBytesInsideNeverComesBack) {
  PipePool pool;
  auto pipe = pool.take();
  ASSERT_EQ(::write(pipe->write.get(), "secret", 6), 6);
  pipe->filled = 6;
  pool.give(std::move(pipe));
  auto next = pool.take();
  EXPECT_EQ(next->filled, 0u);
  char bytes[8];
  EXPECT_EQ(::read(next->read.get(), bytes, sizeof bytes), -1) << "not the bytes of another client";
}

TEST(PipePool, NothingGivenIsNothingKept) {
  PipePool pool;
  pool.give(nullptr);
  EXPECT_NE(pool.take(), nullptr);
}

TEST(PipePool, WithoutDescriptorsThereIsNone) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  PipePool pool;
  const auto pipe = pool.take();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(pipe, nullptr);
}

}  // namespace
}  // namespace rhumb::proxy
