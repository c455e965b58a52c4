// SPDX-License-Identifier: Apache-2.0
#include "base/json_line.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/check.h"
#include "base/log.h"

namespace rhumb::base {
namespace {

constexpr double kLargest = 1e12;  // thousandths of more may not fit their integer

char* write_number(uint64_t value, char* to) noexcept { return std::to_chars(to, to + 20, value).ptr; }

}  // namespace

char* write_decimal(double value, char* to) noexcept {
  if (!std::isfinite(value)) {
    std::memcpy(to, "null", 4);
    return to + 4;
  }
  if (std::abs(value) >= kLargest) return fmt::format_to(to, "{:.3e}", value);
  const auto thousandths = static_cast<int64_t>(value * 1000 + (value < 0 ? -0.5 : 0.5));
  if (thousandths < 0) *to++ = '-';
  const auto size = static_cast<uint64_t>(thousandths < 0 ? -thousandths : thousandths);
  to = write_number(size / 1000, to);
  const auto rest = static_cast<unsigned>(size % 1000);
  to[0] = '.';
  to[1] = static_cast<char>('0' + rest / 100);
  to[2] = static_cast<char>('0' + rest / 10 % 10);
  to[3] = static_cast<char>('0' + rest % 10);
  return to + 4;
}

JsonLine::JsonLine(std::span<char> to) noexcept : begin_(to.data()), at_(to.data()), end_(to.data() + to.size()) {
  RHUMB_ASSERT(to.size() >= 256);
  put("{");
}

bool JsonLine::begin(std::string_view name, size_t room) noexcept {
  if (!fits(name.size() + 1 + room)) return false;
  if (!first_) *at_++ = ',';
  first_ = false;
  *at_++ = '"';
  std::memcpy(at_, name.data(), name.size());
  at_ += name.size();
  put("\":");
  return true;
}

void JsonLine::enter(bool opened) noexcept {
  if (!opened) {
    ++depth_;
    return;
  }
  put("{");
  first_ = true;
}

void JsonLine::close() noexcept {
  if (depth_ != 0) {
    --depth_;
    return;
  }
  put("}");
  first_ = false;
}

void JsonLine::put_text(std::string_view value) noexcept {
  *at_++ = '"';
  at_ = json_escape(value, at_);
  *at_++ = '"';
}

void JsonLine::put_number(uint64_t value) noexcept { at_ = write_number(value, at_); }

std::string_view JsonLine::finish() noexcept {
  put("}\n");
  return {begin_, static_cast<size_t>(at_ - begin_)};
}

}  // namespace rhumb::base
