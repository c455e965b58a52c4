// SPDX-License-Identifier: Apache-2.0
#include "base/text_line.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/check.h"
#include "base/json_line.h"

namespace rhumb::base {
namespace {

constexpr bool plain(char c) noexcept { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

}  // namespace

TextLine::TextLine(std::span<char> to) noexcept : begin_(to.data()), at_(to.data()), end_(to.data() + to.size() - 1) {
  RHUMB_ASSERT(to.size() >= 64);
}

void TextLine::literal(std::string_view text) noexcept {
  const size_t size = std::min(text.size(), static_cast<size_t>(end_ - at_));
  if (size != 0) std::memcpy(at_, text.data(), size);
  at_ += size;
}

void TextLine::part(std::string_view text) noexcept {
  constexpr char kHex[] = "0123456789ABCDEF";
  text = text.substr(0, kMaxValue);
  for (size_t i = 0; i < text.size();) {
    size_t stop = i;
    while (stop < text.size() && plain(text[stop])) ++stop;
    literal(text.substr(i, stop - i));
    i = stop;
    if (i == text.size() || end_ - at_ < 4) return;
    const auto byte = static_cast<uint8_t>(text[i++]);
    *at_++ = '\\', *at_++ = 'x', *at_++ = kHex[byte >> 4], *at_++ = kHex[byte & 15];
  }
}

void TextLine::number(uint64_t value) noexcept {
  if (end_ - at_ >= 20) at_ = std::to_chars(at_, end_, value).ptr;
}

void TextLine::decimal(double value) noexcept {
  if (end_ - at_ >= 32) at_ = write_decimal(value, at_);
}

std::string_view TextLine::finish() noexcept {
  *at_++ = '\n';
  return {begin_, static_cast<size_t>(at_ - begin_)};
}

}  // namespace rhumb::base
