// SPDX-License-Identifier: Apache-2.0
#include "net/buffer.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace rhumb::net {

void Buffer::append(std::string_view bytes) {
  static_assert(sizeof(Block) == 16);
  size_ += bytes.size();
  while (!bytes.empty()) {
    if (tail_ == nullptr || tail_->end == Block::kRoom) {
      auto* block = reinterpret_cast<Block*>(pool_->take());
      *block = {nullptr, 0, 0};
      (tail_ == nullptr ? head_ : tail_->next) = block;
      tail_ = block;
    }
    const size_t n = std::min<size_t>(bytes.size(), Block::kRoom - tail_->end);
    std::memcpy(tail_->data() + tail_->end, bytes.data(), n);
    tail_->end += static_cast<uint32_t>(n);
    bytes.remove_prefix(n);
  }
}

size_t Buffer::pieces(std::span<iovec> out) const noexcept {
  size_t used = 0;
  for (Block* block = head_; block != nullptr && used < out.size(); block = block->next)
    out[used++] = {block->data() + block->begin, block->end - block->begin};
  return used;
}

void Buffer::consume(size_t bytes) noexcept {
  RHUMB_ASSERT(bytes <= size_);
  size_ -= bytes;
  while (bytes > 0 || (head_ != nullptr && head_->begin == head_->end)) {
    const size_t n = std::min<size_t>(bytes, head_->end - head_->begin);
    head_->begin += static_cast<uint32_t>(n);
    bytes -= n;
    if (head_->begin < head_->end) return;
    Block* next = head_->next;
    pool_->give(reinterpret_cast<std::byte*>(head_));
    head_ = next;
    if (head_ == nullptr) tail_ = nullptr;
  }
}

void Buffer::clear() noexcept { consume(size_); }

}  // namespace rhumb::net
