// SPDX-License-Identifier: Apache-2.0
// Memory for what nobody else may read: keys and tokens. It lies on pages of its own, which no core dump holds, which
// are not swapped out where RLIMIT_MEMLOCK allows, and which are zeroed when they are given back: OpenSSL's secure heap
// of 4 MiB. What does not fit lies on the ordinary heap, and is zeroed as well. Any thread.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rhumb::base {

void* secret_allocate(size_t size);
void secret_free(void* at, size_t size) noexcept;

template <class T>
struct SecretAllocator {
  using value_type = T;
  T* allocate(size_t n) { return static_cast<T*>(secret_allocate(n * sizeof(T))); }
  void deallocate(T* at, size_t n) noexcept { secret_free(at, n * sizeof(T)); }
  bool operator==(const SecretAllocator&) const noexcept { return true; }
};

/// A text or bytes that are secret. A value; what is made from view() is as secret as this.
class Secret {
 public:
  Secret() = default;
  /// From any text, without a word; back only by view().
  template <std::convertible_to<std::string_view> Text>
  Secret(const Text& text) {
    const std::string_view view = text;
    bytes_.assign(view.begin(), view.end());
  }
  /// Takes it over: zeros are left behind, and then nothing.
  static Secret taken_from(std::string& text);

  std::string_view view() const noexcept { return {bytes_.data(), bytes_.size()}; }
  size_t size() const noexcept { return bytes_.size(); }
  bool empty() const noexcept { return bytes_.empty(); }
  bool operator==(const Secret& other) const noexcept;  // tells nothing by its time but a difference of lengths

 private:
  std::vector<char, SecretAllocator<char>> bytes_;
};

/// While one lives, all that OpenSSL allocates in this thread is such memory: a key's schedule, a digest's state.
class SecretScope {
 public:
  SecretScope() noexcept;
  ~SecretScope();
  SecretScope(const SecretScope&) = delete;
  SecretScope& operator=(const SecretScope&) = delete;
};

/// Zeroes, also where a compiler thinks nobody will look again. The text is empty then.
void wipe(std::span<uint8_t> bytes) noexcept;
void wipe(std::string& text) noexcept;

/// Whether the kernel may write a core dump of this process, and others of its user may look into it: ptrace, gcore,
/// /proc/PID/mem and environ (prctl(2), PR_SET_DUMPABLE). A program that is started begins with true.
void set_dumpable(bool allowed) noexcept;

}  // namespace rhumb::base
