// SPDX-License-Identifier: Apache-2.0
#include "geo/validate.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/child.h"
#include "geo/mmdb_format.h"

namespace rhumb::geo {
namespace {

/// Longest way from the root to a leaf, each node seen once, without recursion. The tree is a graph (aliases of the
/// IPv4 part), so a node may have several depths, but it has one height; in a circle it has none.
class TreeWalk {
 public:
  TreeWalk(const MmdbTree& tree, unsigned bits) : tree_(tree), bits_(bits), heights_(tree.node_count(), kUnseen) {}

  std::string run() {
    push(0);
    while (!path_.empty()) {
      if (path_.size() > bits_) return fmt::format("its search tree is deeper than {} bits", bits_);
      Frame& top = path_.back();
      if (top.side == 2) {
        if (!close(top.node)) return fmt::format("its search tree is deeper than {} bits", bits_);
        continue;
      }
      const uint32_t child = tree_.record(top.node, top.side++);
      if (child >= tree_.node_count()) continue;
      if (heights_[child] == kOpen) return "its search tree runs in a circle";
      if (heights_[child] == kUnseen) push(child);
    }
    return {};
  }

 private:
  static constexpr uint8_t kUnseen = 0, kOpen = 255;
  struct Frame {
    uint32_t node;
    unsigned side;
  };

  void push(uint32_t node) {
    heights_[node] = kOpen;
    path_.push_back({node, 0});
  }

  bool close(uint32_t node) {
    unsigned height = 1;
    for (unsigned side = 0; side < 2; ++side) {
      const uint32_t child = tree_.record(node, side);
      if (child < tree_.node_count()) height = std::max(height, heights_[child] + 1u);
    }
    if (height > bits_) return false;
    heights_[node] = static_cast<uint8_t>(height);
    path_.pop_back();
    return true;
  }

  const MmdbTree& tree_;
  const unsigned bits_;
  std::vector<uint8_t> heights_;
  std::vector<Frame> path_;
};

/// Every member of one record, pointers followed, under the limits.
class RecordWalk {
 public:
  explicit RecordWalk(const MmdbSection& data) : data_(data) {}

  const char* run(uint32_t at) {
    values_ = 0;
    const char* why = walk(at, 0, false);
    total_ += values_;
    return why;
  }
  uint64_t total() const { return total_; }

 private:
  const char* walk(uint32_t& at, unsigned depth, bool pointed_to) {  // recursion ends at kMaxMmdbDepth
    if (depth > kMaxMmdbDepth) return "is nested too deeply";
    MmdbValue value;
    if (!data_.read_raw(at, value)) return "is broken";
    if (value.type == MmdbType::pointer) {
      if (pointed_to) return "has a pointer to a pointer";
      uint32_t target = value.size;
      return walk(target, depth, true);
    }
    if (++values_ > kMaxMmdbRecordValues) return "holds too many values";
    const bool map = value.type == MmdbType::map;
    if (!map && value.type != MmdbType::array) return nullptr;
    for (uint32_t i = 0; i < value.size; ++i) {
      std::string_view key;
      if (map && !data_.read_string(at, key)) return "has a broken key";
      if (const char* why = walk(at, depth + 1, false)) return why;
    }
    return nullptr;
  }

  const MmdbSection& data_;
  uint32_t values_ = 0;
  uint64_t total_ = 0;
};

/// Checks each record value of each node, reached or not, and marks where the data they name begins.
std::string mark_records(const MmdbLayout& layout, std::vector<bool>& starts) {
  const uint32_t nodes = layout.metadata.node_count;
  for (uint32_t node = 0; node < nodes; ++node) {
    for (unsigned side = 0; side < 2; ++side) {
      const uint32_t value = layout.tree.record(node, side);
      if (value <= nodes) continue;
      const uint64_t offset = static_cast<uint64_t>(value) - nodes;
      if (offset < kMmdbSeparator || offset - kMmdbSeparator >= layout.data.size())
        return fmt::format("node {} of its search tree points outside the data", node);
      starts[offset - kMmdbSeparator] = true;
    }
  }
  return {};
}

/// Whether the value at `at` holds strings only, `each` of them a member.
bool strings_only(const MmdbSection& section, uint32_t at, MmdbType kind, unsigned each) {
  MmdbValue list;
  if (!section.read(at, list) || list.type != kind) return false;
  uint32_t inside = list.at;
  std::string_view text;
  for (uint64_t i = 0; i < static_cast<uint64_t>(list.size) * each; ++i)
    if (!section.read_string(inside, text)) return false;
  return true;
}

/// The library reads the metadata too: without a limit of depth, and it leaks when lists of texts hold anything else.
std::string check_metadata(const MmdbSection& section) {
  if (const char* why = RecordWalk(section).run(0)) return fmt::format("its metadata {}", why);
  uint32_t at = 0;
  MmdbValue map;
  if (!section.read(at, map)) return "its metadata is broken";
  uint32_t inside = map.at;
  for (uint32_t i = 0; i < map.size; ++i) {
    std::string_view key;
    section.read_string(inside, key);
    if ((key == "languages" && !strings_only(section, inside, MmdbType::array, 1)) ||
        (key == "description" && !strings_only(section, inside, MmdbType::map, 2)))
      return fmt::format("its metadata's {} holds more than texts", key);
    section.skip(inside);
  }
  return {};
}

}  // namespace

base::Result<MmdbSummary, std::string> validate_mmdb(std::span<const uint8_t> file) {
  auto layout = read_mmdb_layout(file);
  if (!layout) return base::Unexpected(layout.error());
  if (std::string why = check_metadata(layout->metadata_section); !why.empty()) return base::Unexpected(std::move(why));
  std::vector<bool> starts(layout->data.size(), false);
  if (std::string why = mark_records(*layout, starts); !why.empty()) return base::Unexpected(std::move(why));
  if (std::string why = TreeWalk(layout->tree, layout->metadata.ip_version == 4 ? 32 : 128).run(); !why.empty())
    return base::Unexpected(std::move(why));

  MmdbSummary summary;
  summary.nodes = layout->metadata.node_count;
  RecordWalk walk(layout->data);
  for (size_t at = 0; at < starts.size(); ++at) {
    if (!starts[at]) continue;
    ++summary.records;
    if (const char* why = walk.run(static_cast<uint32_t>(at)))
      return base::Unexpected(fmt::format("its record at offset {} {}", at, why));
    if (walk.total() > kMaxMmdbValues) return base::Unexpected(std::string("its records hold too many values in all"));
  }
  summary.values = walk.total();
  return summary;
}

base::Result<void, std::string> validate_here(int fd) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return base::Unexpected(fmt::format("cannot be read: {}", std::strerror(errno)));
  if (info.st_size == 0) return base::Unexpected(std::string("it is empty"));
  const auto size = static_cast<size_t>(info.st_size);
  void* bytes = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED) return base::Unexpected(fmt::format("cannot be mapped: {}", std::strerror(errno)));
  auto result = validate_mmdb({static_cast<const uint8_t*>(bytes), size});
  munmap(bytes, size);
  if (!result) return base::Unexpected(std::move(result).error());
  return {};
}

namespace {

base::ChildLimits child_limits(int fd) {
  struct stat info {};
  const bool known = fstat(fd, &info) == 0;
  return {(512ull << 20) + (known ? static_cast<uint64_t>(info.st_size) : 0), kValidatorTime};
}

}  // namespace

base::Result<void, std::string> validate_in_child(int fd) {
  return base::run_child(kValidatorCommand, fd, child_limits(fd));
}

int validator_main(int fd) noexcept { return base::child_main(fd, child_limits(fd), validate_here); }

}  // namespace rhumb::geo
