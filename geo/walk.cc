// SPDX-License-Identifier: Apache-2.0
#include "geo/walk.h"

#include <array>
#include <unordered_map>

#include "base/check.h"

namespace rhumb::geo {
namespace {

constexpr unsigned kV4Bits = 32, kV6Bits = 128, kV4Begins = 96;

class NetworkWalk {
 public:
  NetworkWalk(const Database& database, const MmdbLayout& layout, const NetworkVisitor& visit)
      : database_(database), layout_(layout), visit_(visit) {}

  void run() {
    uint32_t v4 = 0;
    if (layout_.metadata.ip_version != 4)
      for (unsigned bit = 0; bit < kV4Begins && is_node(v4); ++bit) v4 = layout_.tree.record(v4, 0);
    Bits address{};
    descend(v4, address, 0, kV4Bits);
    if (layout_.metadata.ip_version == 4) return;
    uint32_t v6 = 0;  // 2000::/3 begins with 0 0 1
    for (const unsigned side : {0u, 0u, 1u})
      if (is_node(v6)) v6 = layout_.tree.record(v6, side);
    if (is_node(v4)) v4_root_ = v4;
    address[0] = 0x20;
    descend(v6, address, 3, kV6Bits);
  }

 private:
  using Bits = std::array<uint8_t, 16>;

  bool is_node(uint32_t value) const noexcept { return value < layout_.metadata.node_count; }

  void descend(uint32_t value, Bits& address, unsigned depth, unsigned most) {  // ends at 128: the tree was validated
    if (value == v4_root_) return;
    if (!is_node(value)) return report(value, address, depth, most);
    if (depth == most) return;
    const auto bit = static_cast<uint8_t>(0x80 >> depth % 8);
    descend(layout_.tree.record(value, 0), address, depth + 1, most);
    address[depth / 8] = static_cast<uint8_t>(address[depth / 8] | bit);
    descend(layout_.tree.record(value, 1), address, depth + 1, most);
    address[depth / 8] = static_cast<uint8_t>(address[depth / 8] & ~bit);
  }

  void report(uint32_t value, const Bits& address, unsigned depth, unsigned most) {
    if (value == layout_.metadata.node_count) return;  // nothing is known there
    const Facts& facts = facts_of(value - layout_.metadata.node_count - kMmdbSeparator);
    if (facts.source == Source::none) return;
    uint32_t v4 = 0;
    for (size_t i = 0; i < 4; ++i) v4 = v4 << 8 | address[i];
    visit_({most == kV6Bits ? base::IpAddress::v6(address) : base::IpAddress::v4(v4), static_cast<uint8_t>(depth)},
           facts);
  }

  /// Many networks share a record.
  const Facts& facts_of(uint32_t offset) {
    const auto [at, fresh] = known_.try_emplace(offset);
    if (!fresh) return at->second;
    decode_record(database_.schema(), layout_.data, offset, at->second);
    if (at->second.country.known() || at->second.has_point)
      at->second.source = database_.overlay() ? Source::overlay : Source::database;
    return at->second;
  }

  const Database& database_;
  const MmdbLayout& layout_;
  const NetworkVisitor& visit_;
  std::unordered_map<uint32_t, Facts> known_;
  uint32_t v4_root_ = UINT32_MAX;  // once it has been walked
};

}  // namespace

void walk(const Database& database, const NetworkVisitor& visit) {
  const auto layout = read_mmdb_layout(database.bytes());
  RHUMB_ASSERT(layout.has_value());
  NetworkWalk(database, *layout, visit).run();
}

}  // namespace rhumb::geo
