// SPDX-License-Identifier: Apache-2.0
// IP addresses, endpoints, CIDR blocks and sets of them. Values; any thread. v4-mapped v6 addresses (::ffff:a.b.c.d)
// are v4 from the moment they are read, so one client never has two names.
#pragma once
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rhumb::base {

class IpAddress {
 public:
  IpAddress() = default;  // 0.0.0.0, not specified
  static IpAddress v4(uint32_t host_order) noexcept;
  static IpAddress v6(const std::array<uint8_t, 16>& bytes) noexcept;  // v4-mapped becomes v4
  /// Strict textual form (RFC 4291 2.2, 6943 3.1.1): no zone, brackets or port, four decimal parts without leading
  /// zeros.
  static std::optional<IpAddress> parse(std::string_view text) noexcept;
  static IpAddress from(const sockaddr* address) noexcept;  // AF_INET, AF_INET6; others: not specified

  bool is_v4() const noexcept { return v4_; }
  uint32_t v4_value() const noexcept;                                       // host order; only when is_v4()
  const std::array<uint8_t, 16>& bytes() const noexcept { return bytes_; }  // v4 as ::ffff:a.b.c.d
  bool is_loopback() const noexcept;
  bool is_unspecified() const noexcept;
  /// Number of leading bits kept, the rest zero (0-32 or 0-128, in the address's own family).
  IpAddress masked(unsigned bits) const noexcept;
  /// What is kept of a client where its address must not be: /24, or /48 of IPv6.
  IpAddress network() const noexcept { return masked(v4_ ? 24 : 48); }
  /// Writes at most 46 characters, returns how many. No allocation.
  size_t write(char* to) const noexcept;
  std::string to_string() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<uint8_t, 16> bytes_{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
  bool v4_ = true;
};

/// Address and port of a socket.
struct SocketAddress {
  IpAddress ip;
  uint16_t port = 0;
  /// "1.2.3.4:80", "[::1]:80". Port demanded, 0 allowed (bind: any).
  static std::optional<SocketAddress> parse(std::string_view text) noexcept;
  static SocketAddress from(const sockaddr* address) noexcept;
  socklen_t fill(sockaddr_storage& to) const noexcept;
  std::string to_string() const;
  friend bool operator==(const SocketAddress&, const SocketAddress&) = default;
};

struct Cidr {
  IpAddress base;
  uint8_t bits = 0;  // 0-32 for v4, 0-128 for v6
  /// "10.0.0.0/8"; a bare address is /32 or /128; host bits set are refused. "::ffff:10.0.0.0/104" is 10.0.0.0/8.
  static std::optional<Cidr> parse(std::string_view text) noexcept;
  /// Families stay apart: ::/0 holds no v4 address.
  bool contains(const IpAddress& address) const noexcept;
  std::string to_string() const;
  friend bool operator==(const Cidr&, const Cidr&) = default;
};

/// Set of CIDR blocks: sorted disjoint ranges, O(log n) membership. Immutable once built.
class PrefixSet {
 public:
  PrefixSet() = default;
  explicit PrefixSet(std::vector<Cidr> blocks);
  bool contains(const IpAddress& address) const noexcept;
  bool empty() const noexcept { return ranges_.empty(); }

 private:
  struct Range {
    std::array<uint8_t, 16> first, last;  // v4 as v4-mapped, so both families share one order
  };
  std::vector<Range> ranges_;
};

}  // namespace rhumb::base
