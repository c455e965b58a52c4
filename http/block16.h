// SPDX-License-Identifier: Apache-2.0
// Sixteen bytes of a head at a time: which of them end a line, a name or a value. With SSE2, which every x86-64 has;
// elsewhere the same by loops. Constants and pure functions; any thread.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace rhumb::http {

/// Masks have bit i set when byte i is meant.
class Block16 {
 public:
  static constexpr int kSize = 16;
  /// Reads 16 bytes from `at`; alignment does not matter.
  explicit Block16(const char* at) noexcept;
  uint32_t equal(char c) const noexcept;
  /// All but letters, digits and '-': the colon is the first behind a usual field name.
  uint32_t no_plain_name() const noexcept;
  /// Below SP, tab included, or DEL.
  uint32_t controls() const noexcept;
  /// All but SP and visible ASCII.
  uint32_t no_line() const noexcept;

 private:
#ifdef __SSE2__
  __m128i bytes_;
#else
  template <class Test>
  uint32_t mask(Test test) const noexcept {
    uint32_t out = 0;
    for (int i = 0; i < kSize; ++i) out |= static_cast<uint32_t>(test(bytes_[i])) << i;
    return out;
  }
  uint8_t bytes_[kSize];
#endif
};

#ifdef __SSE2__

namespace block16_detail {
inline uint32_t mask(__m128i bytes) noexcept { return static_cast<uint32_t>(_mm_movemask_epi8(bytes)); }
/// 0xff where first <= byte <= first + span, unsigned.
inline __m128i within(__m128i bytes, char first, char span) noexcept {
  const __m128i from = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
  return _mm_cmpeq_epi8(_mm_min_epu8(from, _mm_set1_epi8(span)), from);
}
}  // namespace block16_detail

inline Block16::Block16(const char* at) noexcept { std::memcpy(&bytes_, at, sizeof bytes_); }

inline uint32_t Block16::equal(char c) const noexcept {
  return block16_detail::mask(_mm_cmpeq_epi8(bytes_, _mm_set1_epi8(c)));
}

inline uint32_t Block16::no_plain_name() const noexcept {
  const __m128i letters = block16_detail::within(_mm_or_si128(bytes_, _mm_set1_epi8(0x20)), 'a', 25);
  const __m128i digits = block16_detail::within(bytes_, '0', 9);
  const __m128i dashes = _mm_cmpeq_epi8(bytes_, _mm_set1_epi8('-'));
  return ~block16_detail::mask(_mm_or_si128(_mm_or_si128(letters, digits), dashes)) & 0xffff;
}

inline uint32_t Block16::controls() const noexcept {
  const __m128i below = block16_detail::within(bytes_, 0, 0x1f);
  return block16_detail::mask(_mm_or_si128(below, _mm_cmpeq_epi8(bytes_, _mm_set1_epi8(0x7f))));
}

inline uint32_t Block16::no_line() const noexcept {
  return ~block16_detail::mask(block16_detail::within(bytes_, ' ', '~' - ' ')) & 0xffff;
}

#else

inline Block16::Block16(const char* at) noexcept { std::memcpy(bytes_, at, sizeof bytes_); }

inline uint32_t Block16::equal(char c) const noexcept {
  return mask([c](uint8_t byte) { return byte == static_cast<uint8_t>(c); });
}

inline uint32_t Block16::no_plain_name() const noexcept {
  return mask([](uint8_t byte) {
    const bool letter = static_cast<uint8_t>((byte | 0x20) - 'a') <= 25, digit = static_cast<uint8_t>(byte - '0') <= 9;
    return !letter && !digit && byte != '-';
  });
}

inline uint32_t Block16::controls() const noexcept {
  return mask([](uint8_t byte) { return byte < 0x20 || byte == 0x7f; });
}

inline uint32_t Block16::no_line() const noexcept {
  return mask([](uint8_t byte) { return byte < 0x20 || byte >= 0x7f; });
}

#endif

}  // namespace rhumb::http
