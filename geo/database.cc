// SPDX-License-Identifier: Apache-2.0
#include "geo/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/crypto.h"
#include "base/random.h"

namespace rhumb::geo {
namespace {

/// A descriptor that closes itself.
class Fd {
 public:
  explicit Fd(int fd) noexcept : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

std::string system_error(const char* what) { return fmt::format("{}: {}", what, std::strerror(errno)); }

int new_memfd() noexcept { return memfd_create("rhumb-geo", MFD_CLOEXEC | MFD_ALLOW_SEALING); }

std::string write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = write(fd, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return system_error("cannot be copied");
    bytes.remove_prefix(static_cast<size_t>(done));
  }
  return {};
}

/// A socket address without its port, as the library wants it.
union AnySocket {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

void fill(const base::IpAddress& address, AnySocket& to) noexcept {
  if (address.is_v4()) {
    to.v4 = {};
    to.v4.sin_family = AF_INET;
    to.v4.sin_addr.s_addr = htonl(address.v4_value());
  } else {
    to.v6 = {};
    to.v6.sin6_family = AF_INET6;
    std::memcpy(&to.v6.sin6_addr, address.bytes().data(), 16);
  }
}

MMDB_lookup_result_s find(const MMDB_s& mmdb, const base::IpAddress& address, int& error) noexcept {
  AnySocket socket;
  fill(address, socket);
  return MMDB_lookup_sockaddr(&mmdb, &socket.any, &error);
}

}  // namespace

void Database::Close::operator()(MMDB_s* mmdb) const noexcept {
  MMDB_close(mmdb);
  delete mmdb;
}

Database::Stamp Database::stamp_of(const struct stat& info) noexcept {
  return Stamp{info.st_dev, info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
}

std::string Database::copy(int from, int to, const Stamp& stamp) {
  int64_t left = stamp.size;
  while (left > 0) {
    const ssize_t done = sendfile(to, from, nullptr, static_cast<size_t>(std::min<int64_t>(left, 64 << 20)));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return system_error("cannot be read");
    if (done == 0) break;
    left -= done;
  }
  struct stat after {};
  if (left != 0 || fstat(from, &after) != 0 || stamp_of(after) != stamp)
    return "it changed while it was being read; try again";
  return {};
}

base::Result<Database, std::string> Database::open(const std::string& path, bool overlay, Validator validator) {
  const auto fail = [&](std::string why) { return base::Unexpected(fmt::format("{}: {}", path, why)); };
  // O_NONBLOCK: opening a FIFO would otherwise wait for its writer.
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) return fail(system_error("cannot be opened"));
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return fail(system_error("cannot be read"));
  if (!S_ISREG(info.st_mode)) return fail("it is not a regular file");
  if (info.st_size == 0) return fail("it is empty");
  if (static_cast<uint64_t>(info.st_size) > kMaxDatabaseBytes)
    return fail(fmt::format("it has {} bytes; the limit is {}", info.st_size, kMaxDatabaseBytes));
  const Fd memory(new_memfd());
  if (memory.get() < 0) return fail(system_error("no memory for its copy"));

  Database database;
  database.path_ = path;
  database.overlay_ = overlay;
  database.stamp_ = stamp_of(info);
  if (std::string why = copy(file.get(), memory.get(), *database.stamp_); !why.empty()) return fail(std::move(why));
  if (std::string why = database.adopt(memory.get(), validator); !why.empty()) return fail(std::move(why));
  return database;
}

base::Result<Database, std::string> Database::from_bytes(const std::string& name, std::string_view bytes, bool overlay,
                                                         Validator validator) {
  const auto fail = [&](std::string why) { return base::Unexpected(fmt::format("{}: {}", name, why)); };
  if (bytes.empty()) return fail("it is empty");
  if (bytes.size() > kMaxDatabaseBytes) return fail("it is too large");
  const Fd memory(new_memfd());
  if (memory.get() < 0) return fail(system_error("no memory for its copy"));
  if (std::string why = write_all(memory.get(), bytes); !why.empty()) return fail(std::move(why));
  Database database;
  database.path_ = name;
  database.overlay_ = overlay;
  if (std::string why = database.adopt(memory.get(), validator); !why.empty()) return fail(std::move(why));
  return database;
}

std::string Database::adopt(int memfd, Validator validator) {
  if (fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
    return system_error("its copy cannot be sealed");
  if (auto valid = validator(memfd); !valid) return valid.error();
  if (std::string why = map(memfd); !why.empty()) return why;
  auto layout = read_mmdb_layout(file_);
  if (!layout) return layout.error();
  metadata_ = layout->metadata;
  data_ = layout->data;
  auto schema = detect_schema(*layout);
  if (!schema) return schema.error();
  schema_ = *schema;
  return try_lookups();
}

std::string Database::map(int memfd) {
  auto opened = std::make_unique<MMDB_s>();
  const int status = MMDB_open(fmt::format("/proc/self/fd/{}", memfd).c_str(), MMDB_MODE_MMAP, opened.get());
  if (status != MMDB_SUCCESS) return fmt::format("the library refuses it: {}", MMDB_strerror(status));
  mmdb_.reset(opened.release());
  file_ = {mmdb_->file_content, static_cast<size_t>(mmdb_->file_size)};
  return {};
}

std::string Database::try_lookups() const {
  // The library has its own reading of the tree; it must agree before it is asked on the request path.
  base::Random random(1);
  for (int i = 0; i < 64; ++i) {
    const auto bits = static_cast<uint32_t>(random.next());
    const std::array<uint8_t, 16> v6{0x20, 0x01, static_cast<uint8_t>(bits >> 24), static_cast<uint8_t>(bits >> 16)};
    for (const base::IpAddress& address : {base::IpAddress::v4(bits), base::IpAddress::v6(v6)}) {
      if (!address.is_v4() && metadata_.ip_version == 4) continue;
      int error = MMDB_SUCCESS;
      const MMDB_lookup_result_s found = find(*mmdb_, address, error);
      if (error != MMDB_SUCCESS) return fmt::format("a trial lookup failed: {}", MMDB_strerror(error));
      if (found.found_entry && found.entry.offset >= data_.size()) return "a trial lookup left the data section";
    }
  }
  return {};
}

Facts Database::lookup(const base::IpAddress& address) const noexcept {
  Facts facts;
  if (!address.is_v4() && metadata_.ip_version == 4) return facts;
  int error = MMDB_SUCCESS;
  const MMDB_lookup_result_s found = find(*mmdb_, address, error);
  if (error != MMDB_SUCCESS || !found.found_entry) return facts;
  decode_record(schema_, data_, found.entry.offset, facts);
  if (facts.country.known() || facts.has_point) {
    facts.source = overlay_ ? Source::overlay : Source::database;
    return facts;
  }
  return {};
}

std::optional<base::Cidr> Database::network(const base::IpAddress& address) const noexcept {
  if (!address.is_v4() && metadata_.ip_version == 4) return std::nullopt;
  int error = MMDB_SUCCESS;
  const MMDB_lookup_result_s found = find(*mmdb_, address, error);
  if (error != MMDB_SUCCESS) return std::nullopt;
  unsigned bits = found.netmask;
  if (address.is_v4() && metadata_.ip_version == 6) bits = bits > 96 ? bits - 96 : 0;  // counted from ::/0
  return base::Cidr{address.masked(bits), static_cast<uint8_t>(bits)};
}

bool Database::changed_on_disk() const noexcept {
  if (!stamp_) return false;
  struct stat now {};
  return stat(path_.c_str(), &now) != 0 || stamp_of(now) != *stamp_;
}

std::string Database::sha256() const {
  std::string hex;
  for (uint8_t byte : base::sha256({reinterpret_cast<const char*>(file_.data()), file_.size()}))
    hex += fmt::format("{:02x}", byte);
  return hex;
}

}  // namespace rhumb::geo
