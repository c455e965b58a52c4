// SPDX-License-Identifier: Apache-2.0
// What a client sent and nobody has taken yet. A request head is parsed in place here and its views stay valid until
// the exchange ends. Empty it owns nothing. One pooled block, or a larger one of its own when a head is allowed to be
// longer. Worker's thread.
#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "base/arena.h"

namespace rhumb::proxy {

class InputBuffer {
 public:
  explicit InputBuffer(base::BlockPool& pool) noexcept : pool_(&pool) {}
  ~InputBuffer() { release(); }
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;

  std::string_view bytes() const noexcept { return {data_ + begin_, end_ - begin_}; }
  bool empty() const noexcept { return begin_ == end_; }
  /// Where the next receive goes; takes a block when there is none.
  std::span<char> room() {
    if (data_ == nullptr) data_ = reinterpret_cast<char*>(pool_->take()), capacity_ = base::BlockPool::kBlock;
    return {data_ + end_, capacity_ - end_};
  }
  void received(size_t bytes) noexcept { end_ += static_cast<uint32_t>(bytes); }
  void consume(size_t bytes) noexcept { begin_ += static_cast<uint32_t>(bytes); }
  void append(std::string_view more) noexcept {
    std::memcpy(room().data(), more.data(), more.size());
    received(more.size());
  }
  /// Moves what is left to the front (views into the buffer die); an empty buffer gives its memory back.
  void compact() noexcept {
    if (empty()) {
      release();
    } else if (begin_ > 0) {
      std::memmove(data_, data_ + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
  }
  /// Room for a head of `limit` bytes, more than a block. Only before anything was parsed from the buffer.
  void grow(size_t limit) {
    auto larger = std::make_unique_for_overwrite<char[]>(limit);
    const uint32_t size = end_ - begin_;
    std::memcpy(larger.get(), data_ + begin_, size);
    release();
    data_ = larger.release(), capacity_ = static_cast<uint32_t>(limit), begin_ = 0, end_ = size;
  }
  size_t capacity() const noexcept { return capacity_; }
  void release() noexcept {
    if (capacity_ == base::BlockPool::kBlock) {
      pool_->give(reinterpret_cast<std::byte*>(data_));
    } else {
      delete[] data_;
    }
    data_ = nullptr;
    capacity_ = begin_ = end_ = 0;
  }

 private:
  base::BlockPool* pool_;
  char* data_ = nullptr;  // a block of the pool when it has the size of one, else its own
  uint32_t capacity_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace rhumb::proxy
