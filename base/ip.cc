// SPDX-License-Identifier: Apache-2.0
#include "base/ip.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/check.h"

namespace rhumb::base {
namespace {

using Bytes = std::array<uint8_t, 16>;
constexpr Bytes kMappedFirst{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
constexpr Bytes kMappedLast{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
constexpr Bytes kBeforeMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff};
constexpr Bytes kAfterMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};

/// Digits without a leading zero: "010" is eight to some readers.
template <class T>
std::optional<T> parse_plain(std::string_view text) noexcept {
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  return parse_digits<T>(text);
}

std::optional<uint32_t> parse_v4(std::string_view text) noexcept {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const size_t dot = i < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos || dot == 0 || dot > 3) return std::nullopt;
    const std::string_view part = text.substr(0, dot);
    const auto number = parse_plain<uint32_t>(part);
    if (!number || *number > 255) return std::nullopt;
    value = value << 8 | *number;
    text.remove_prefix(i < 3 ? dot + 1 : dot);
  }
  return value;
}

size_t write_v4(uint32_t value, char* to) noexcept {
  char* at = to;
  for (int shift = 24; shift >= 0; shift -= 8) {
    at = std::to_chars(at, at + 3, value >> shift & 0xff).ptr;
    if (shift > 0) *at++ = '.';
  }
  return static_cast<size_t>(at - to);
}

/// RFC 5952: lower-case, no leading zeros, the longest run of two or more zero groups (the first of equals) as "::".
size_t write_v6(const std::array<uint8_t, 16>& bytes, char* to) noexcept {
  uint16_t group[8];
  for (int i = 0; i < 8; ++i) group[i] = static_cast<uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  int best = -1, best_size = 1;
  for (int i = 0; i < 8;) {
    int n = 0;
    while (i + n < 8 && group[i + n] == 0) ++n;
    if (n > best_size) best = i, best_size = n;
    i += n > 0 ? n : 1;
  }
  char* at = to;
  for (int i = 0; i < 8; ++i) {
    if (i == best) {
      *at++ = ':', *at++ = ':';
      i += best_size - 1;
      continue;
    }
    if (i > 0 && at[-1] != ':') *at++ = ':';
    at = std::to_chars(at, at + 4, group[i], 16).ptr;
  }
  return static_cast<size_t>(at - to);
}

std::array<uint8_t, 16> keep_bits(std::array<uint8_t, 16> bytes, unsigned bits, bool fill_ones) noexcept {
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned kept = bits >= 8 * (i + 1) ? 8 : bits > 8 * i ? bits - 8 * i : 0;
    const auto mask = static_cast<uint8_t>(0xff00 >> kept);
    bytes[i] = fill_ones ? bytes[i] | static_cast<uint8_t>(~mask) : bytes[i] & mask;
  }
  return bytes;
}

}  // namespace

IpAddress IpAddress::v4(uint32_t host_order) noexcept {
  IpAddress a;
  for (int i = 0; i < 4; ++i) a.bytes_[12 + i] = static_cast<uint8_t>(host_order >> (24 - 8 * i));
  return a;
}

IpAddress IpAddress::v6(const std::array<uint8_t, 16>& bytes) noexcept {
  IpAddress a;
  a.bytes_ = bytes;
  a.v4_ = std::memcmp(bytes.data(), kMappedFirst.data(), 12) == 0;
  return a;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) noexcept {
  if (text.find(':') == std::string_view::npos) {
    const auto value = parse_v4(text);
    if (!value) return std::nullopt;
    return v4(*value);
  }
  char copy[INET6_ADDRSTRLEN + 1];
  if (text.size() >= sizeof copy) return std::nullopt;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  // inet_pton is strict about v6 but lenient about leading zeros in an embedded v4 tail.
  const size_t tail = text.rfind(':') + 1;
  if (text.find('.') != std::string_view::npos && !parse_v4(text.substr(tail))) return std::nullopt;
  std::array<uint8_t, 16> bytes;
  if (std::memchr(text.data(), 0, text.size()) != nullptr || ::inet_pton(AF_INET6, copy, bytes.data()) != 1)
    return std::nullopt;
  return v6(bytes);
}

IpAddress IpAddress::from(const sockaddr* address) noexcept {
  if (address->sa_family == AF_INET) return v4(ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr));
  if (address->sa_family != AF_INET6) return {};
  std::array<uint8_t, 16> bytes;
  std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, 16);
  return v6(bytes);
}

uint32_t IpAddress::v4_value() const noexcept {
  RHUMB_ASSERT(v4_);
  return static_cast<uint32_t>(bytes_[12]) << 24 | static_cast<uint32_t>(bytes_[13]) << 16 |
         static_cast<uint32_t>(bytes_[14]) << 8 | bytes_[15];
}

bool IpAddress::is_loopback() const noexcept {
  if (v4_) return bytes_[12] == 127;
  static constexpr std::array<uint8_t, 16> kOne{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return bytes_ == kOne;
}

bool IpAddress::is_unspecified() const noexcept {
  return std::all_of(bytes_.begin() + (v4_ ? 12 : 0), bytes_.end(), [](uint8_t b) { return b == 0; });
}

IpAddress IpAddress::masked(unsigned bits) const noexcept {
  IpAddress a = *this;
  a.bytes_ = keep_bits(bytes_, v4_ ? std::min(bits, 32u) + 96 : std::min(bits, 128u), false);
  return a;
}

size_t IpAddress::write(char* to) const noexcept { return v4_ ? write_v4(v4_value(), to) : write_v6(bytes_, to); }

std::string IpAddress::to_string() const {
  char text[46];
  return std::string(text, write(text));
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view text) noexcept {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  const auto port = parse_plain<uint16_t>(port_text);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto ip = IpAddress::parse(host);
  if (!port || !ip || bracketed != (host.find(':') != std::string_view::npos)) return std::nullopt;
  return SocketAddress{*ip, *port};
}

SocketAddress SocketAddress::from(const sockaddr* address) noexcept {
  const uint16_t port = address->sa_family == AF_INET    ? reinterpret_cast<const sockaddr_in*>(address)->sin_port
                        : address->sa_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(address)->sin6_port
                                                         : uint16_t{0};
  return {IpAddress::from(address), ntohs(port)};
}

socklen_t SocketAddress::fill(sockaddr_storage& to) const noexcept {
  to = {};
  if (ip.is_v4()) {
    auto& in = reinterpret_cast<sockaddr_in&>(to);
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    in.sin_addr.s_addr = htonl(ip.v4_value());
    return sizeof in;
  }
  auto& in6 = reinterpret_cast<sockaddr_in6&>(to);
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons(port);
  std::memcpy(&in6.sin6_addr, ip.bytes().data(), 16);
  return sizeof in6;
}

std::string SocketAddress::to_string() const {
  return ip.is_v4() ? fmt::format("{}:{}", ip.to_string(), port) : fmt::format("[{}]:{}", ip.to_string(), port);
}

std::optional<Cidr> Cidr::parse(std::string_view text) noexcept {
  const size_t slash = text.find('/');
  const auto base = IpAddress::parse(text.substr(0, slash));
  if (!base) return std::nullopt;
  const unsigned most = base->is_v4() ? 32 : 128;
  if (slash == std::string_view::npos) return Cidr{*base, static_cast<uint8_t>(most)};
  const std::string_view bits_text = text.substr(slash + 1);
  const auto bits = parse_plain<unsigned>(bits_text);
  // A v4 address written as a mapped v6 one counts its bits as v6.
  const unsigned offset = base->is_v4() && text.substr(0, slash).find(':') != std::string_view::npos ? 96 : 0;
  if (!bits || *bits < offset || *bits - offset > most) return std::nullopt;
  const unsigned kept = *bits - offset;
  if (base->masked(kept) != *base) return std::nullopt;
  return Cidr{*base, static_cast<uint8_t>(kept)};
}

bool Cidr::contains(const IpAddress& address) const noexcept {
  return address.is_v4() == base.is_v4() && address.masked(bits) == base;
}

std::string Cidr::to_string() const { return fmt::format("{}/{}", base.to_string(), bits); }

PrefixSet::PrefixSet(std::vector<Cidr> blocks) {
  for (const Cidr& block : blocks) {
    const bool v4 = block.base.is_v4();
    const auto& first = block.base.bytes();
    const auto last = keep_bits(first, block.bits + (v4 ? 96u : 0u), true);
    // A wide v6 block must not swallow v4, which lives inside ::ffff:0:0/96 here.
    if (!v4 && first < kMappedFirst && kMappedLast <= last) {
      ranges_.push_back({first, kBeforeMapped});
      if (kMappedLast < last) ranges_.push_back({kAfterMapped, last});
    } else {
      ranges_.push_back({first, last});
    }
  }
  std::sort(ranges_.begin(), ranges_.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
  std::vector<Range> merged;
  for (const Range& range : ranges_) {
    if (merged.empty() || merged.back().last < range.first) {
      merged.push_back(range);
    } else {
      merged.back().last = std::max(merged.back().last, range.last);
    }
  }
  ranges_ = std::move(merged);
}

bool PrefixSet::contains(const IpAddress& address) const noexcept {
  const auto& bytes = address.bytes();
  auto after = std::upper_bound(ranges_.begin(), ranges_.end(), bytes,
                                [](const auto& b, const Range& r) { return b < r.first; });
  return after != ranges_.begin() && bytes <= std::prev(after)->last;
}

}  // namespace rhumb::base
