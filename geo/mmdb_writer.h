// SPDX-License-Identifier: Apache-2.0
// Writes mmdb files: overlays, converted country data, test and demo data. The same inserts and Meta give the same
// bytes. One thread; nothing is shared.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "geo/facts.h"

namespace rhumb::geo {

/// What is said of a block, written in MaxMind's nested names. Unset members are left out.
struct RecordFields {
  Country country;
  Country continent;  // two letters: "EU"
  std::optional<Point> point;
  uint16_t accuracy_km = 0;
  std::string city, subdivision;
};

/// Encodes one value of the format, for records of other shapes. Maps and arrays are followed by their members.
class MmdbEncoder {
 public:
  MmdbEncoder& map(uint32_t pairs);
  MmdbEncoder& array(uint32_t members);
  MmdbEncoder& string(std::string_view text);
  MmdbEncoder& float64(double value);
  MmdbEncoder& float32(float value);
  MmdbEncoder& uint16(uint16_t value);
  MmdbEncoder& uint32(uint32_t value);
  MmdbEncoder& uint64(uint64_t value);
  std::string take() { return std::move(bytes_); }

 private:
  void control(unsigned type, uint32_t size);
  void number(unsigned type, uint64_t value);
  std::string bytes_;
};

/// The record of `fields` in MaxMind's nested names.
std::string encode_record(const RecordFields& fields);

class MmdbWriter {
 public:
  struct Meta {
    std::string type = "rhumb";  // database_type
    std::string description;
    uint64_t build_epoch = 1;       // seconds since 1970; libmaxminddb refuses 0
    bool ipv6_tree = false;         // even when there are only IPv4 blocks
    unsigned min_record_size = 24;  // 24, 28 or 32 bits; more is taken when the file needs it
  };

  /// The longest prefix wins, in whatever order they come; of equal blocks the last one.
  void insert(const base::Cidr& block, const RecordFields& fields) { insert_encoded(block, encode_record(fields)); }
  /// As the fewest blocks that make up the range. False: the families differ or last is below first.
  bool insert_range(const base::IpAddress& first, const base::IpAddress& last, const RecordFields& fields);
  /// A record from an MmdbEncoder: one whole value.
  void insert_encoded(const base::Cidr& block, std::string record);

  /// The file. IPv4 blocks alone give an IPv4 tree; else they stand at ::/96 and again at ::ffff:0:0/96.
  std::string finish(const Meta& meta) const;

  size_t blocks() const noexcept { return entries_.size(); }
  size_t records() const noexcept { return records_.size(); }

 private:
  struct Entry {
    base::Cidr block;
    uint32_t record;
  };
  std::vector<Entry> entries_;
  std::map<std::string, uint32_t, std::less<>> numbers_;  // record -> its index in records_
  std::vector<const std::string*> records_;               // keys of numbers_, in order of arrival
};

}  // namespace rhumb::geo
