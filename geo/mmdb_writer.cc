// SPDX-License-Identifier: Apache-2.0
#include "geo/mmdb_writer.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "base/check.h"
#include "geo/mmdb_format.h"

namespace rhumb::geo {
namespace {

void append_big_endian(std::string& to, uint64_t value, unsigned bytes) {
  while (bytes-- > 0) to += static_cast<char>(value >> (8 * bytes));
}

}  // namespace

void MmdbEncoder::control(unsigned type, uint32_t size) {
  const uint32_t small = size < 29 ? size : size < 285 ? 29 : size < 65821 ? 30 : 31;
  bytes_ += static_cast<char>((type < 8 ? type << 5 : 0) | small);
  if (type >= 8) bytes_ += static_cast<char>(type - 7);
  if (small == 29) append_big_endian(bytes_, size - 29, 1);
  if (small == 30) append_big_endian(bytes_, size - 285, 2);
  if (small == 31) append_big_endian(bytes_, size - 65821, 3);
}

void MmdbEncoder::number(unsigned type, uint64_t value) {
  const unsigned bytes = (64 - static_cast<unsigned>(std::countl_zero(value)) + 7) / 8;
  control(type, bytes);
  append_big_endian(bytes_, value, bytes);
}

MmdbEncoder& MmdbEncoder::map(uint32_t pairs) { return control(7, pairs), *this; }
MmdbEncoder& MmdbEncoder::array(uint32_t members) { return control(11, members), *this; }
MmdbEncoder& MmdbEncoder::uint16(uint16_t value) { return number(5, value), *this; }
MmdbEncoder& MmdbEncoder::uint32(uint32_t value) { return number(6, value), *this; }
MmdbEncoder& MmdbEncoder::uint64(uint64_t value) { return number(9, value), *this; }

MmdbEncoder& MmdbEncoder::string(std::string_view text) {
  control(2, static_cast<uint32_t>(text.size()));
  bytes_ += text;
  return *this;
}

MmdbEncoder& MmdbEncoder::float64(double value) {
  control(3, 8);
  append_big_endian(bytes_, std::bit_cast<uint64_t>(value), 8);
  return *this;
}

MmdbEncoder& MmdbEncoder::float32(float value) {
  control(15, 4);
  append_big_endian(bytes_, std::bit_cast<uint32_t>(value), 4);
  return *this;
}

std::string encode_record(const RecordFields& f) {
  MmdbEncoder out;
  const bool location = f.point.has_value() || f.accuracy_km != 0;
  out.map(static_cast<uint32_t>(!f.city.empty()) + f.continent.known() + f.country.known() + location +
          !f.subdivision.empty());
  if (!f.city.empty()) out.string("city").map(1).string("names").map(1).string("en").string(f.city);
  if (f.continent.known()) out.string("continent").map(1).string("code").string(f.continent.view());
  if (f.country.known()) out.string("country").map(1).string("iso_code").string(f.country.view());
  if (location) out.string("location").map((f.accuracy_km != 0 ? 1u : 0u) + (f.point ? 2u : 0u));
  if (f.accuracy_km != 0) out.string("accuracy_radius").uint16(f.accuracy_km);
  if (f.point) out.string("latitude").float64(f.point->latitude).string("longitude").float64(f.point->longitude);
  if (!f.subdivision.empty()) out.string("subdivisions").array(1).map(1).string("iso_code").string(f.subdivision);
  return out.take();
}

void MmdbWriter::insert_encoded(const base::Cidr& block, std::string record) {
  RHUMB_ASSERT(block.bits <= (block.base.is_v4() ? 32 : 128));
  const auto [at, fresh] = numbers_.try_emplace(std::move(record), static_cast<uint32_t>(records_.size()));
  if (fresh) records_.push_back(&at->first);
  entries_.push_back({block, at->second});
}

namespace {

using Wide = unsigned __int128;

Wide value_of(const base::IpAddress& address) {
  if (address.is_v4()) return address.v4_value();
  Wide value = 0;
  for (uint8_t byte : address.bytes()) value = value << 8 | byte;
  return value;
}

base::IpAddress address_of(Wide value, bool v4) {
  if (v4) return base::IpAddress::v4(static_cast<uint32_t>(value));
  std::array<uint8_t, 16> bytes{};
  for (size_t i = 16; i-- > 0; value >>= 8) bytes[i] = static_cast<uint8_t>(value);
  return base::IpAddress::v6(bytes);
}

/// Bits of the largest block that begins at `first` and does not go beyond `last`: how many low bits it leaves free.
unsigned free_bits(Wide first, Wide last, unsigned width) {
  unsigned bits = 0;
  while (bits < width) {
    const Wide mask = (static_cast<Wide>(1) << bits) * 2 - 1;  // of a block one bit larger; wraps to all ones at 128
    if ((first & mask) != 0 || mask > last - first) break;
    ++bits;
  }
  return bits;
}

}  // namespace

bool MmdbWriter::insert_range(const base::IpAddress& first, const base::IpAddress& last, const RecordFields& fields) {
  if (first.is_v4() != last.is_v4() || last < first) return false;
  const unsigned width = first.is_v4() ? 32 : 128;
  const std::string record = encode_record(fields);
  const Wide end = value_of(last);
  for (Wide at = value_of(first);;) {
    const unsigned free = free_bits(at, end, width);
    const base::IpAddress base = address_of(at, width == 32);
    // A part inside ::ffff:0:0/96 is another name of IPv4 addresses, which an IPv6 range does not mean.
    if (base.is_v4() == first.is_v4()) insert_encoded({base, static_cast<uint8_t>(width - free)}, record);
    const Wide top = at + ((static_cast<Wide>(1) << (free / 2)) << (free - free / 2)) - 1;  // free may be 128
    if (top >= end) return true;
    at = top + 1;
  }
}

namespace {

/// A reference inside the tree being built: another node, a record, or nothing.
using Ref = uint32_t;
constexpr Ref kNothing = 0xffffffffu, kRecord = 0x80000000u;
constexpr bool is_node(Ref ref) { return ref < kRecord; }

class Tree {
 public:
  Ref new_node(Ref both) {
    nodes_.push_back({both, both});
    return static_cast<Ref>(nodes_.size() - 1);
  }

  /// Hangs `what` at the end of the `bits` bits of `path` from bit `from` on. Must come after all shorter paths.
  void hang(Ref node, const std::array<uint8_t, 16>& path, unsigned from, unsigned bits, Ref what) {
    if (bits == 0) nodes_[node] = {what, what};
    for (unsigned i = from; i < from + bits; ++i) {
      const unsigned side = path[i / 8] >> (7 - i % 8) & 1;
      if (i + 1 == from + bits) {
        nodes_[node][side] = what;
        return;
      }
      const Ref below = nodes_[node][side];
      const Ref next = is_node(below) ? below : new_node(below);
      nodes_[node][side] = next;
      node = next;
    }
  }

  /// Joins halves that say the same; returns what is left of `ref`. As deep as the address is long.
  Ref merged(Ref ref) {
    if (!is_node(ref)) return ref;
    const Ref left = merged(nodes_[ref][0]), right = merged(nodes_[ref][1]);
    nodes_[ref] = {left, right};
    return left == right && !is_node(left) ? left : ref;
  }

  /// The nodes reached from the root, parents first; shared ones once.
  void number(Ref root) {
    numbers_.assign(nodes_.size(), kNothing);
    visit(root);
  }
  const std::vector<Ref>& order() const { return order_; }
  uint32_t number_of(Ref node) const { return numbers_[node]; }
  Ref child(Ref node, unsigned side) const { return nodes_[node][side]; }

 private:
  void visit(Ref ref) {
    if (!is_node(ref) || numbers_[ref] != kNothing) return;
    numbers_[ref] = static_cast<uint32_t>(order_.size());
    order_.push_back(ref);
    visit(nodes_[ref][0]);
    visit(nodes_[ref][1]);
  }

  std::vector<std::array<Ref, 2>> nodes_;
  std::vector<uint32_t> numbers_;
  std::vector<Ref> order_;
};

/// The data section. A value that was written before is replaced by a pointer to it.
class DataSection {
 public:
  /// Offset of the record.
  uint32_t add(std::string_view record) {
    if (const auto known = seen_.find(record); known != seen_.end()) return known->second;
    const auto at = static_cast<uint32_t>(bytes_.size());
    copy(record);
    return at;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  static constexpr size_t kLongestPointer = 5;

  void copy(std::string_view value) {
    if (const auto known = seen_.find(value); known != seen_.end()) return pointer(known->second);
    if (value.size() > kLongestPointer) seen_.emplace(value, static_cast<uint32_t>(bytes_.size()));
    const MmdbSection section({reinterpret_cast<const uint8_t*>(value.data()), value.size()});
    MmdbValue head;
    uint32_t at = 0;
    RHUMB_ASSERT(section.read_raw(at, head));
    bytes_ += value.substr(0, at);
    uint64_t members = head.type == MmdbType::map ? 2ull * head.size : head.type == MmdbType::array ? head.size : 0;
    while (members-- > 0) {
      const uint32_t from = at;
      RHUMB_ASSERT(section.skip(at));
      copy(value.substr(from, at - from));
    }
  }

  void pointer(uint32_t target) {
    const unsigned width = target < 2048 ? 0 : target < 526336 ? 1 : target < 134744064 ? 2 : 3;
    constexpr uint32_t kBase[] = {0, 2048, 526336, 0};
    const uint64_t value = target - kBase[width];
    const uint64_t high = width == 3 ? 0 : value >> (8 * (width + 1));
    bytes_ += static_cast<char>(1 << 5 | width << 3 | high);
    append_big_endian(bytes_, value, width + 1);
  }

  std::string bytes_;
  std::map<std::string, uint32_t, std::less<>> seen_;
};

void append_node(std::string& to, uint32_t left, uint32_t right, unsigned record_size) {
  if (record_size == 28) {
    append_big_endian(to, left, 3);
    to += static_cast<char>((left >> 24) << 4 | right >> 24);
    append_big_endian(to, right, 3);
    return;
  }
  append_big_endian(to, left, record_size / 8);
  append_big_endian(to, right, record_size / 8);
}

std::string metadata(const MmdbWriter::Meta& meta, size_t nodes, unsigned record_size, bool v6) {
  MmdbEncoder out;
  out.map(9).string("binary_format_major_version").uint16(2).string("binary_format_minor_version").uint16(0);
  out.string("build_epoch").uint64(meta.build_epoch).string("database_type").string(meta.type);
  out.string("description").map(1).string("en").string(meta.description);
  out.string("ip_version").uint16(v6 ? 6 : 4).string("languages").array(1).string("en");
  out.string("node_count")
      .uint32(static_cast<uint32_t>(nodes))
      .string("record_size")
      .uint16(static_cast<uint16_t>(record_size));
  return std::string(kMmdbMarker) + out.take();
}

}  // namespace

std::string MmdbWriter::finish(const Meta& meta) const {
  // Shorter prefixes first, so that longer ones are cut out of them; equal ones as they came.
  std::vector<uint32_t> order(entries_.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return std::pair(entries_[a].block.bits, a) < std::pair(entries_[b].block.bits, b);
  });
  Tree tree;
  const Ref root4 = tree.new_node(kNothing), root6 = tree.new_node(kNothing);
  bool any4 = false, v6 = meta.ipv6_tree;
  for (uint32_t index : order) {
    const Entry& entry = entries_[index];
    const bool v4 = entry.block.base.is_v4();
    (v4 ? any4 : v6) = true;
    tree.hang(v4 ? root4 : root6, entry.block.base.bytes(), v4 ? 96 : 0, entry.block.bits, kRecord | entry.record);
  }
  const Ref all4 = tree.merged(root4);
  tree.merged(root6);
  if (v6 && any4) {
    tree.hang(root6, {}, 0, 96, all4);
    tree.hang(root6, base::IpAddress::v4(0).bytes(), 0, 96, all4);
  }
  tree.number(v6 ? root6 : root4);

  DataSection data;
  std::vector<uint32_t> offsets;
  for (const std::string* record : records_) offsets.push_back(data.add(*record));
  const size_t nodes = tree.order().size();
  const uint64_t top = nodes + kMmdbSeparator + data.bytes().size();
  const unsigned record_size = std::max(meta.min_record_size, top < 1u << 24 ? 24u : top < 1u << 28 ? 28u : 32u);
  const auto value = [&](Ref ref) {
    if (is_node(ref)) return tree.number_of(ref);
    return static_cast<uint32_t>(nodes) + (ref == kNothing ? 0 : kMmdbSeparator + offsets[ref & ~kRecord]);
  };
  std::string file;
  file.reserve(nodes * record_size / 4 + data.bytes().size() + 512);
  for (Ref node : tree.order()) append_node(file, value(tree.child(node, 0)), value(tree.child(node, 1)), record_size);
  file.append(kMmdbSeparator, '\0');
  file += data.bytes();
  return file + metadata(meta, nodes, record_size, v6);
}

}  // namespace rhumb::geo
