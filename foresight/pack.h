// SPDX-License-Identifier: Apache-2.0
// Values into bytes and back, little-endian, doubles bit by bit: what recordings are written with. A reader past the
// end reads zeros and remembers it: the caller asks once, when all is read. Values; any thread.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace rhumb::foresight {

static_assert(std::endian::native == std::endian::little);

class Packer {
 public:
  template <class T>
  void put(T value) {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    const size_t at = bytes_.size();
    bytes_.resize(at + sizeof value);
    std::memcpy(&bytes_[at], &value, sizeof value);
  }
  /// At most 65,535 bytes of it.
  void text(std::string_view text) {
    text = text.substr(0, 0xffff);
    put(static_cast<uint16_t>(text.size()));
    bytes_ += text;
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) noexcept : rest_(bytes) {}
  template <class T>
  T get() noexcept {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    T value{};
    const std::string_view bytes = take(sizeof value);
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string_view text() noexcept { return take(get<uint16_t>()); }
  /// A count of items of at least `size` bytes each; zero when so many cannot follow.
  uint32_t count(size_t size) noexcept {
    const auto count = get<uint32_t>();
    if (count <= rest_.size() / size) return count;
    ok_ = false;
    return 0;
  }
  /// Nothing was missing so far.
  bool ok() const noexcept { return ok_; }
  bool done() const noexcept { return ok_ && rest_.empty(); }

 private:
  std::string_view take(size_t size) noexcept {
    if (size > rest_.size()) {
      ok_ = false, rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace rhumb::foresight
