// SPDX-License-Identifier: Apache-2.0
// One mmdb, in memory of our own: copied into a sealed memfd, validated whole, then mapped. Whatever happens to the
// file afterwards (truncated, replaced, deleted), lookups go on. Opening blocks (about a second for 70 MB); lookups do
// not allocate. Immutable but for moves; any thread. Views in Facts live as long as the Database.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/ip.h"
#include "base/result.h"
#include "geo/facts.h"
#include "geo/mmdb_format.h"
#include "geo/schema.h"
#include "geo/validate.h"

struct MMDB_s;
struct stat;

namespace rhumb::geo {

constexpr uint64_t kMaxDatabaseBytes = 1ull << 30;

class Database {
 public:
  /// The error begins with the path. Regular files of 1 byte to 1 GiB only.
  static base::Result<Database, std::string> open(const std::string& path, bool overlay,
                                                  Validator validator = validate_here);
  /// The same from bytes in memory; `name` stands for the path.
  static base::Result<Database, std::string> from_bytes(const std::string& name, std::string_view bytes, bool overlay,
                                                        Validator validator = validate_here);

  /// What this database alone says. Source::none: the address is unknown, or its record says nothing of use.
  Facts lookup(const base::IpAddress& address) const noexcept;
  /// The block that shares the address's answer (or its lack of one); nothing for IPv6 in an IPv4 database.
  std::optional<base::Cidr> network(const base::IpAddress& address) const noexcept;

  /// Whether the path now names another file, or other contents, or nothing.
  bool changed_on_disk() const noexcept;

  const std::string& path() const noexcept { return path_; }
  bool overlay() const noexcept { return overlay_; }
  const std::string& type() const noexcept { return metadata_.type; }
  uint64_t build_epoch() const noexcept { return metadata_.build_epoch; }  // seconds since 1970
  uint32_t ip_version() const noexcept { return metadata_.ip_version; }    // 4: IPv4 only, 6: both
  uint32_t node_count() const noexcept { return metadata_.node_count; }
  Schema schema() const noexcept { return schema_; }
  uint64_t size() const noexcept { return file_.size(); }
  int64_t modified() const noexcept { return stamp_ ? stamp_->seconds : 0; }  // file's mtime, since 1970; 0 from bytes
  std::string sha256() const;                                                 // of the contents, hex; takes a moment
  std::span<const uint8_t> bytes() const noexcept { return file_; }           // validated; valid while this lives

 private:
  struct Stamp {
    uint64_t device = 0, inode = 0;
    int64_t size = 0, seconds = 0, nanos = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  struct Close {
    void operator()(MMDB_s* mmdb) const noexcept;
  };

  Database() = default;
  static Stamp stamp_of(const struct stat& info) noexcept;
  static std::string copy(int from, int to, const Stamp& stamp);
  std::string adopt(int memfd, Validator validator);  // seals, validates, maps; what is wrong, or nothing
  std::string map(int memfd);
  std::string try_lookups() const;

  std::string path_;
  bool overlay_ = false;
  std::optional<Stamp> stamp_;  // none from bytes
  MmdbMetadata metadata_;
  Schema schema_ = Schema::nested;
  std::unique_ptr<MMDB_s, Close> mmdb_;
  std::span<const uint8_t> file_;  // the mapping, owned by mmdb_
  MmdbSection data_;
};

}  // namespace rhumb::geo
