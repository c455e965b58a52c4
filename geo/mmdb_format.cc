// SPDX-License-Identifier: Apache-2.0
#include "geo/mmdb_format.h"

#include <fmt/format.h>

#include <bit>

namespace rhumb::geo {
namespace {

constexpr size_t kMaxMetadata = 128 * 1024;

/// The longest payload each scalar may have; exact for floats. 0: no such type.
bool size_is_right(MmdbType type, uint32_t size) noexcept {
  switch (type) {
    case MmdbType::float64:
      return size == 8;
    case MmdbType::float32:
      return size == 4;
    case MmdbType::uint16:
      return size <= 2;
    case MmdbType::uint32:
    case MmdbType::int32:
      return size <= 4;
    case MmdbType::uint64:
      return size <= 8;
    case MmdbType::uint128:
      return size <= 16;
    case MmdbType::boolean:
      return size <= 1;
    case MmdbType::string:
    case MmdbType::bytes:
    case MmdbType::map:
    case MmdbType::array:
      return true;
    case MmdbType::none:
    case MmdbType::pointer:
      return false;
  }
  return false;  // 12 (cache container), 13 (end marker) and all beyond 15
}

bool has_payload(MmdbType type) noexcept {
  return type != MmdbType::map && type != MmdbType::array && type != MmdbType::boolean;
}

}  // namespace

bool MmdbSection::big_endian(uint32_t at, uint32_t count, uint64_t& out) const noexcept {
  if (at > bytes_.size() || count > bytes_.size() - at) return false;
  out = 0;
  for (uint32_t i = 0; i < count; ++i) out = out << 8 | bytes_.data()[at + i];
  return true;
}

bool MmdbSection::read_pointer(uint8_t control, uint32_t& at, MmdbValue& out) const noexcept {
  constexpr uint32_t kBase[] = {0, 2048, 526336, 0};
  const uint32_t width = (control >> 3) & 3;
  uint64_t low = 0;
  if (!big_endian(at, width + 1, low)) return false;
  const uint64_t high = width == 3 ? 0 : static_cast<uint64_t>(control & 7) << (8 * (width + 1));
  const uint64_t target = high + low + kBase[width];
  if (target >= bytes_.size()) return false;
  at += width + 1;
  out = {MmdbType::pointer, static_cast<uint32_t>(target), at};
  return true;
}

bool MmdbSection::read_raw(uint32_t& at, MmdbValue& out) const noexcept {
  if (at >= bytes_.size()) return false;
  const uint8_t control = bytes_.data()[at++];
  auto type = static_cast<MmdbType>(control >> 5);
  if (type == MmdbType::pointer) return read_pointer(control, at, out);
  if (type == MmdbType::none) {
    if (at >= bytes_.size()) return false;
    const unsigned extended = bytes_.data()[at++] + 7u;
    if (extended < 8 || extended > 15) return false;
    type = static_cast<MmdbType>(extended);
  }
  uint32_t size = control & 31;
  if (size >= 29) {
    constexpr uint32_t kBase[] = {29, 285, 65821};
    uint64_t more = 0;
    if (!big_endian(at, size - 28, more)) return false;
    at += size - 28;
    size = kBase[size - 29] + static_cast<uint32_t>(more);
  }
  if (!size_is_right(type, size)) return false;
  out = {type, size, at};
  if (!has_payload(type)) return true;
  if (size > bytes_.size() - at) return false;
  at += size;
  return true;
}

bool MmdbSection::read(uint32_t& at, MmdbValue& out) const noexcept {
  if (!read_raw(at, out)) return false;
  if (out.type != MmdbType::pointer) return true;
  uint32_t target = out.size;
  return read_raw(target, out) && out.type != MmdbType::pointer;
}

bool MmdbSection::skip(uint32_t& at) const noexcept {
  // Each value takes at least one byte, so the loop ends with the bytes whatever the counts claim.
  for (uint64_t pending = 1; pending > 0; --pending) {
    MmdbValue value;
    if (!read_raw(at, value)) return false;
    if (value.type == MmdbType::map) pending += 2ull * value.size;
    if (value.type == MmdbType::array) pending += value.size;
  }
  return true;
}

bool MmdbSection::read_string(uint32_t& at, std::string_view& out) const noexcept {
  MmdbValue value;
  if (!read(at, value) || value.type != MmdbType::string) return false;
  out = text(value);
  return true;
}

std::string_view MmdbSection::text(const MmdbValue& value) const noexcept {
  if (value.type != MmdbType::string) return {};
  return {reinterpret_cast<const char*>(bytes_.data()) + value.at, value.size};
}

bool MmdbSection::unsigned_number(const MmdbValue& value, uint64_t& out) const noexcept {
  if (value.type != MmdbType::uint16 && value.type != MmdbType::uint32 && value.type != MmdbType::uint64) return false;
  return big_endian(value.at, value.size, out);
}

bool MmdbSection::number(const MmdbValue& value, double& out) const noexcept {
  uint64_t bits = 0;
  switch (value.type) {
    case MmdbType::float64:
      if (!big_endian(value.at, 8, bits)) return false;
      out = std::bit_cast<double>(bits);
      return true;
    case MmdbType::float32:
      if (!big_endian(value.at, 4, bits)) return false;
      out = static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bits)));
      return true;
    case MmdbType::int32:
      if (!big_endian(value.at, value.size, bits)) return false;
      out = static_cast<double>(static_cast<int32_t>(static_cast<uint32_t>(bits)));
      return true;
    default:
      if (!unsigned_number(value, bits)) return false;
      out = static_cast<double>(bits);
      return true;
  }
}

uint32_t MmdbTree::record(uint32_t node, unsigned side) const noexcept {
  const uint8_t* at = bytes_.data() + static_cast<size_t>(node) * (record_size_ / 4);
  const auto three = [](const uint8_t* b) { return static_cast<uint32_t>(b[0]) << 16 | b[1] << 8 | b[2]; };
  switch (record_size_) {
    case 24:
      return three(at + 3 * side);
    case 28: {
      const uint32_t high = side == 0 ? at[3] >> 4 : at[3] & 15;
      return high << 24 | three(at + 4 * side);
    }
    default:
      return static_cast<uint32_t>(at[4 * side]) << 24 | three(at + 4 * side + 1);
  }
}

namespace {

/// Reads the members that are needed; unknown ones are skipped. An empty text: fine.
std::string read_metadata(const MmdbSection& section, MmdbMetadata& out) {
  MmdbValue map;
  uint32_t at = 0;
  if (!section.read(at, map) || map.type != MmdbType::map) return "its metadata is not a map";
  uint64_t major = 0, nodes = 0, bits = 0, version = 0;
  for (uint32_t i = 0; i < map.size; ++i) {
    std::string_view key;
    MmdbValue value;
    if (!section.read_string(at, key)) return "its metadata is broken";
    uint32_t peek = at;
    if (!section.read(peek, value) || !section.skip(at)) return "its metadata is broken";
    uint64_t* number = key == "binary_format_major_version" ? &major
                       : key == "node_count"                ? &nodes
                       : key == "record_size"               ? &bits
                       : key == "ip_version"                ? &version
                       : key == "build_epoch"               ? &out.build_epoch
                                                            : nullptr;
    if (number != nullptr && !section.unsigned_number(value, *number))
      return fmt::format("its metadata's {} is not a number", key);
    if (key == "database_type") out.type = section.text(value);
  }
  if (major != 2) return fmt::format("its format version is {}; only 2 is known", major);
  if (bits != 24 && bits != 28 && bits != 32)
    return fmt::format("its record size is {}; only 24, 28 and 32 exist", bits);
  if (version != 4 && version != 6) return fmt::format("its ip_version is {}; only 4 and 6 exist", version);
  if (nodes == 0 || nodes > 0xffffffffu) return fmt::format("its node count of {} cannot be", nodes);
  out.node_count = static_cast<uint32_t>(nodes);
  out.record_size = static_cast<uint32_t>(bits);
  out.ip_version = static_cast<uint32_t>(version);
  return {};
}

}  // namespace

base::Result<MmdbLayout, std::string> read_mmdb_layout(std::span<const uint8_t> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const size_t tail = file.size() > kMaxMetadata ? file.size() - kMaxMetadata : 0;
  const size_t marker = text.substr(tail).rfind(kMmdbMarker);
  if (marker == std::string_view::npos)
    return base::Unexpected(std::string("it is not a MaxMind DB file, or its end is missing (no metadata found)"));
  const size_t end = tail + marker;
  MmdbLayout layout;
  layout.metadata_section = MmdbSection(file.subspan(end + kMmdbMarker.size()));
  if (std::string why = read_metadata(layout.metadata_section, layout.metadata); !why.empty())
    return base::Unexpected(std::move(why));
  const MmdbMetadata& meta = layout.metadata;
  const uint64_t tree = static_cast<uint64_t>(meta.node_count) * (meta.record_size / 4);
  if (tree + kMmdbSeparator > end)
    return base::Unexpected(
        fmt::format("its {} nodes need {} bytes, but only {} are there", meta.node_count, tree + kMmdbSeparator, end));
  for (uint8_t byte : file.subspan(tree, kMmdbSeparator))
    if (byte != 0) return base::Unexpected(std::string("the zero bytes behind its search tree are missing"));
  layout.tree = MmdbTree(file.first(tree), meta.node_count, meta.record_size);
  layout.data = MmdbSection(file.subspan(tree + kMmdbSeparator, end - tree - kMmdbSeparator));
  return layout;
}

}  // namespace rhumb::geo
