// SPDX-License-Identifier: Apache-2.0
// Bytes waiting to be written: a chain of pooled blocks. Empty it owns nothing. The back-pressure watermarks are the
// owner's: it stops reading the other side while size() is above its high mark. One thread.
#pragma once
#include <sys/uio.h>

#include <cstddef>
#include <span>
#include <string_view>

#include "base/arena.h"

namespace rhumb::net {

class Buffer {
 public:
  explicit Buffer(base::BlockPool& pool) noexcept : pool_(&pool) {}
  ~Buffer() { clear(); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  bool empty() const noexcept { return size_ == 0; }
  size_t size() const noexcept { return size_; }
  void append(std::string_view bytes);
  /// Fills up to pieces.size() vectors with the first bytes; returns how many it used.
  size_t pieces(std::span<iovec> out) const noexcept;
  void consume(size_t bytes) noexcept;
  void clear() noexcept;

 private:
  struct Block {
    Block* next;
    uint32_t begin, end;
    char* data() noexcept { return reinterpret_cast<char*>(this + 1); }
    static constexpr uint32_t kRoom = base::BlockPool::kBlock - 16;
  };
  base::BlockPool* pool_;
  Block* head_ = nullptr;
  Block* tail_ = nullptr;
  size_t size_ = 0;
};

}  // namespace rhumb::net
