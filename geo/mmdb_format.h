// SPDX-License-Identifier: Apache-2.0
// The MaxMind DB file format, version 2.0, read from raw bytes with every step checked against the end of the bytes: a
// wrong file gives `false` or a sentence, never a wild read. Views: valid while the bytes live. Immutable; any thread.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace rhumb::geo {

enum class MmdbType : uint8_t {
  none = 0,
  pointer = 1,
  string = 2,
  float64 = 3,
  bytes = 4,
  uint16 = 5,
  uint32 = 6,
  map = 7,
  int32 = 8,
  uint64 = 9,
  uint128 = 10,
  array = 11,
  boolean = 14,
  float32 = 15,
};

/// One decoded control sequence. `size`: bytes of a scalar, members of a map (pairs) or array, value of a boolean,
/// target of a pointer. `at`: offset of a scalar's payload, or of the first member.
struct MmdbValue {
  MmdbType type = MmdbType::none;
  uint32_t size = 0;
  uint32_t at = 0;
};

/// A run of values: the data section, or the metadata. Offsets are from its start.
class MmdbSection {
 public:
  MmdbSection() = default;
  explicit MmdbSection(std::span<const uint8_t> bytes) noexcept : bytes_(bytes) {}

  /// Reads the value at `at` and moves `at` behind it (behind the control bytes of a map or array). Pointers are
  /// returned as they are. False: the bytes end early, or the type or its size does not exist.
  bool read_raw(uint32_t& at, MmdbValue& out) const noexcept;
  /// As read_raw, but a pointer is followed (once: a pointer to a pointer is wrong). `at` moves behind the pointer.
  bool read(uint32_t& at, MmdbValue& out) const noexcept;
  /// Moves `at` behind the value there and all its members; pointers are not followed, so this is no longer than the
  /// file.
  bool skip(uint32_t& at) const noexcept;
  /// Reads a value that must be a string.
  bool read_string(uint32_t& at, std::string_view& out) const noexcept;

  std::string_view text(const MmdbValue& value) const noexcept;
  /// Any of the number types but uint128, as a double; false for other types.
  bool number(const MmdbValue& value, double& out) const noexcept;
  /// uint16, uint32 and uint64; false for other types.
  bool unsigned_number(const MmdbValue& value, uint64_t& out) const noexcept;
  size_t size() const noexcept { return bytes_.size(); }

 private:
  bool read_pointer(uint8_t control, uint32_t& at, MmdbValue& out) const noexcept;
  bool big_endian(uint32_t at, uint32_t count, uint64_t& out) const noexcept;

  std::span<const uint8_t> bytes_;
};

/// The search tree: nodes of two records of 24, 28 or 32 bits. `node` must be below node_count.
class MmdbTree {
 public:
  MmdbTree() = default;
  MmdbTree(std::span<const uint8_t> bytes, uint32_t node_count, uint32_t record_size) noexcept
      : bytes_(bytes), node_count_(node_count), record_size_(record_size) {}
  uint32_t record(uint32_t node, unsigned side) const noexcept;
  uint32_t node_count() const noexcept { return node_count_; }

 private:
  std::span<const uint8_t> bytes_;
  uint32_t node_count_ = 0, record_size_ = 24;
};

struct MmdbMetadata {
  uint32_t node_count = 0;
  uint32_t record_size = 0;  // bits: 24, 28, 32
  uint32_t ip_version = 0;   // 4, 6
  uint64_t build_epoch = 0;  // seconds since 1970
  std::string type;          // database_type
};

/// Where the parts of a file are. Only sizes are proven here, not contents.
struct MmdbLayout {
  MmdbMetadata metadata;
  MmdbTree tree;
  MmdbSection data;
  MmdbSection metadata_section;
};

/// Zero bytes between the tree and the data section; a record's value counts them.
constexpr uint32_t kMmdbSeparator = 16;
/// The metadata begins behind the last of these, within the file's last 128 KiB.
constexpr std::string_view kMmdbMarker = "\xab\xcd\xefMaxMind.com";

/// Finds the metadata and checks it against the file's size. The error is a sentence without the file's name.
base::Result<MmdbLayout, std::string> read_mmdb_layout(std::span<const uint8_t> file);

}  // namespace rhumb::geo
