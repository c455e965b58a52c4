// SPDX-License-Identifier: Apache-2.0
// What the tests of geo/ share: small databases, hand-made wrong ones, files that remove themselves.
#pragma once
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/ip.h"
#include "geo/database.h"
#include "geo/files.h"
#include "geo/mmdb_format.h"
#include "geo/mmdb_writer.h"

namespace rhumb::geo::testing {

inline base::IpAddress ip(std::string_view text) {
  const auto parsed = base::IpAddress::parse(text);
  RHUMB_ASSERT(parsed.has_value());
  return *parsed;
}

inline base::Cidr cidr(std::string_view text) {
  const auto parsed = base::Cidr::parse(text);
  RHUMB_ASSERT(parsed.has_value());
  return *parsed;
}

inline RecordFields country(std::string_view code) {
  RecordFields fields;
  fields.country = Country::of(code);
  return fields;
}

inline RecordFields place(std::string_view code, double latitude, double longitude, std::string city = {}) {
  RecordFields fields = country(code);
  fields.point = Point{latitude, longitude};
  fields.city = std::move(city);
  return fields;
}

struct Block {
  std::string_view cidr;
  RecordFields fields;
};

inline std::string database_bytes(const std::vector<Block>& blocks, bool ipv6_tree = false) {
  MmdbWriter writer;
  for (const Block& block : blocks) writer.insert(cidr(block.cidr), block.fields);
  MmdbWriter::Meta meta;
  meta.type = "test";
  meta.build_epoch = 1'700'000'000;
  meta.ipv6_tree = ipv6_tree;
  return writer.finish(meta);
}

inline Database database(const std::vector<Block>& blocks, bool overlay = false) {
  auto opened = Database::from_bytes("test", database_bytes(blocks), overlay);
  RHUMB_ASSERT(opened.has_value());
  return std::move(*opened);
}

/// The record of DB-IP's npm sets.
inline std::string flat_record(std::string_view code, float latitude, float longitude, std::string_view city) {
  return MmdbEncoder()
      .map(5)
      .string("city")
      .string(city)
      .string("country_code")
      .string(code)
      .string("latitude")
      .float32(latitude)
      .string("longitude")
      .float32(longitude)
      .string("state1")
      .string("Hesse")
      .take();
}

inline std::span<const uint8_t> span_of(std::string_view bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

/// Parts of a file that may lie about each other. The tree is of 24-bit records.
struct RawFile {
  std::vector<std::pair<uint32_t, uint32_t>> nodes;
  std::string data;
  uint32_t node_count = 0;  // 0: as many as there are
  uint16_t record_size = 24, ip_version = 4, major = 2;

  std::string bytes() const {
    std::string file;
    for (const auto& [left, right] : nodes)
      for (uint32_t value : {left, right})
        for (int shift : {16, 8, 0}) file += static_cast<char>(value >> shift);
    file.append(16, '\0');
    file += data;
    file += kMmdbMarker;
    return file + MmdbEncoder()
                      .map(8)
                      .string("binary_format_major_version")
                      .uint16(major)
                      .string("binary_format_minor_version")
                      .uint16(0)
                      .string("build_epoch")
                      .uint64(1)
                      .string("database_type")
                      .string("raw")
                      .string("ip_version")
                      .uint16(ip_version)
                      .string("languages")
                      .array(0)
                      .string("node_count")
                      .uint32(node_count != 0 ? node_count : static_cast<uint32_t>(nodes.size()))
                      .string("record_size")
                      .uint16(record_size)
                      .take();
  }
};

class TemporaryFiles {
 public:
  TemporaryFiles() : directory_(std::move(TemporaryDirectory::make("/tmp").value())) {}
  std::string path(std::string_view name) const { return directory_.path() + "/" + std::string(name); }
  std::string write(std::string_view name, std::string_view bytes) const {
    const std::string where = path(name);
    std::ofstream(where, std::ios::binary | std::ios::trunc)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return where;
  }
  const std::string& directory() const { return directory_.path(); }

 private:
  TemporaryDirectory directory_;
};

}  // namespace rhumb::geo::testing
