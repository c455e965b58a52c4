// SPDX-License-Identifier: Apache-2.0
// Bump memory of one exchange: everything per request lives here and goes away in one step. The blocks come from a
// BlockPool of the worker and go back to it, so a steady state allocates nothing. One thread. All pointers into an
// arena are invalid after reset().
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"

// In sanitized builds the memory of idle blocks is poisoned, so that a use after reset() is reported.
#if defined(__SANITIZE_ADDRESS__)
#define RHUMB_POISON_ARENA 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RHUMB_POISON_ARENA 1
#endif
#endif
#ifdef RHUMB_POISON_ARENA
#include <sanitizer/asan_interface.h>
#endif

namespace rhumb::base {

/// Free list of equal blocks, one per worker. Blocks beyond `keep` are freed.
class BlockPool {
 public:
  static constexpr size_t kBlock = 16 * 1024;
  explicit BlockPool(size_t keep = 1024) : keep_(keep) { free_.reserve(keep); }
  ~BlockPool() {
    for (std::byte* block : free_) ::operator delete(block);
  }
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  std::byte* take() {
    if (free_.empty()) return static_cast<std::byte*>(::operator new(kBlock));
    std::byte* block = free_.back();
    free_.pop_back();
#ifdef RHUMB_POISON_ARENA
    ASAN_UNPOISON_MEMORY_REGION(block, kBlock);
#endif
    return block;
  }
  void give(std::byte* block) noexcept {
    if (free_.size() < keep_) {
      free_.push_back(block);
#ifdef RHUMB_POISON_ARENA
      ASAN_POISON_MEMORY_REGION(block, kBlock);
#endif
    } else {
      ::operator delete(block);
    }
  }
  size_t idle() const noexcept { return free_.size(); }

 private:
  std::vector<std::byte*> free_;
  size_t keep_;
};

class Arena {
 public:
  explicit Arena(BlockPool& pool) noexcept : pool_(&pool) {}
  ~Arena() { reset(); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Uninitialised memory; alignment a power of two up to 16.
  void* allocate(size_t bytes, size_t align = alignof(std::max_align_t)) {
    size_t at = (used_ + align - 1) & ~(align - 1);
    if (head_ == nullptr || bytes > BlockPool::kBlock - at) {
      if (bytes > BlockPool::kBlock - sizeof(Header)) return allocate_large(bytes);
      grow();
      at = (used_ + align - 1) & ~(align - 1);
    }
    used_ = at + bytes;
    return reinterpret_cast<std::byte*>(head_) + at;
  }

  /// A trivially destructible object; its destructor never runs.
  template <class T, class... Args>
  T* make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>, "arena memory goes away without destructors");
    static_assert(alignof(T) <= alignof(std::max_align_t));
    return new (allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  }

  template <class T>
  std::span<T> make_array(size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= alignof(std::max_align_t));
    RHUMB_ASSERT(count <= PTRDIFF_MAX / sizeof(T));
    T* first = static_cast<T*>(allocate(sizeof(T) * count, alignof(T)));
    for (size_t i = 0; i < count; ++i) new (first + i) T{};
    return {first, count};
  }

  char* allocate_chars(size_t count) { return static_cast<char*>(allocate(count, 1)); }

  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* to = allocate_chars(text.size());
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }

  /// Gives all blocks back. Everything handed out is invalid.
  void reset() noexcept {
    while (head_ != nullptr) {
      Header* next = head_->next;
      pool_->give(reinterpret_cast<std::byte*>(head_));
      head_ = next;
    }
    while (large_ != nullptr) {
      Header* next = large_->next;
      ::operator delete(large_);
      large_ = next;
    }
    used_ = 0;
  }

 private:
  struct alignas(16) Header {
    Header* next;
  };
  void grow() {
    auto* block = reinterpret_cast<Header*>(pool_->take());
    block->next = head_;
    head_ = block;
    used_ = sizeof(Header);
  }
  void* allocate_large(size_t bytes) {
    RHUMB_ASSERT(bytes <= PTRDIFF_MAX);
    auto* block = static_cast<Header*>(::operator new(sizeof(Header) + bytes));
    block->next = large_;
    large_ = block;
    return block + 1;
  }

  BlockPool* pool_;
  Header* head_ = nullptr;
  Header* large_ = nullptr;
  size_t used_ = 0;
};

}  // namespace rhumb::base
