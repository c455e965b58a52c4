// SPDX-License-Identifier: Apache-2.0
// The texts a configuration was read from, so that a diagnostic can show its line. Lines and columns count from 1,
// columns in characters (code points). Owned by Loaded; views into it live as long as the list is not changed. One
// thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"

namespace rhumb::config {

inline constexpr size_t kMaxFileBytes = 1 << 20;

struct Source {
  std::string name;
  std::string text;                   // UTF-8 without byte order mark
  std::vector<uint32_t> line_starts;  // offset of the first byte of each line
};

class SourceList {
 public:
  /// Takes a text that is already known to be clean. Returns its number, for Place::file.
  uint16_t add(std::string name, std::string text);
  size_t size() const noexcept { return sources_.size(); }
  const Source& at(uint16_t file) const noexcept { return sources_[file]; }
  /// The line a place stands in, without its end; empty when there is none.
  std::string_view line(const Place& place) const noexcept;
  std::string_view name(const Place& place) const noexcept;

 private:
  std::vector<Source> sources_;
};

/// Turns offsets of one source into places. Offsets that mostly ascend cost what lies between them, so that a file of
/// one very long line is not walked from its start for each value.
class PlaceFinder {
 public:
  PlaceFinder(const Source& source, uint16_t file) noexcept : source_(&source), file_(file) {}
  Place at(size_t offset, uint32_t length = 1) noexcept;

 private:
  const Source* source_;
  uint16_t file_;
  size_t line_ = 0, offset_ = 0;  // where the last answer stood, and
  uint32_t column_ = 1;           // its column
};

/// Bytes of a regular file of at most `limit` bytes; a device, FIFO or directory is refused without being waited for.
/// Nothing on failure: the reason is in `diagnostics`, at `place`. `mode`: its permissions, if wanted.
std::optional<std::string> read_regular(const std::string& path, size_t limit, Place place, Diagnostics& diagnostics,
                                        unsigned* mode = nullptr);

/// Checks UTF-8 and control characters, drops a byte order mark and adds the text. A text that fails is added empty, so
/// that its name can still be shown.
bool add_checked(SourceList& sources, const std::string& name, std::string text, Diagnostics& diagnostics);

/// UTF-8 without control characters and line ends: fit for a message.
bool is_one_line(std::string_view text) noexcept;

/// Characters of valid UTF-8.
size_t count_characters(std::string_view text) noexcept;

}  // namespace rhumb::config
