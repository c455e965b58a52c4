// SPDX-License-Identifier: Apache-2.0
#include "config/source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "config/codes.h"

namespace rhumb::config {
namespace {

constexpr bool is_continuation(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }

/// One code point at `at`, or 0 length when the bytes are not UTF-8 (overlong forms and surrogates are not).
struct CodePoint {
  uint32_t value = 0;
  size_t length = 0;
};

CodePoint decode(std::string_view text, size_t at) noexcept {
  const auto lead = static_cast<uint8_t>(text[at]);
  if (lead < 0x80) return {lead, 1};
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length == 0 || lead > 0xf4 || at + length > text.size()) return {};
  uint32_t value = lead & (0x7fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[at + i])) return {};
    value = (value << 6) | (static_cast<uint8_t>(text[at + i]) & 0x3fu);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return {};
  return {value, length};
}

/// What a terminal may act upon, what a reader cannot see, and what yaml-cpp takes for the end of its input (U+0004).
bool is_forbidden(uint32_t c, std::string_view text, size_t at) noexcept {
  if (c == '\r') return at + 1 >= text.size() || text[at + 1] != '\n';
  if (c < 0x20) return c != '\t' && c != '\n';
  if (c >= 0x7f && c <= 0x9f) return true;
  return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff ||
         c == 0xfffe || c == 0xffff;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

std::string_view kind_of(mode_t mode) noexcept {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

}  // namespace

uint16_t SourceList::add(std::string name, std::string text) {
  Source source{std::move(name), std::move(text), {0}};
  for (size_t i = 0; i < source.text.size(); ++i) {
    if (source.text[i] == '\n') source.line_starts.push_back(static_cast<uint32_t>(i + 1));
  }
  sources_.push_back(std::move(source));
  return static_cast<uint16_t>(sources_.size() - 1);
}

std::string_view SourceList::line(const Place& place) const noexcept {
  if (place.file >= sources_.size() || place.line == 0) return {};
  const Source& source = sources_[place.file];
  if (place.line > source.line_starts.size()) return {};
  std::string_view rest = std::string_view(source.text).substr(source.line_starts[place.line - 1]);
  rest = rest.substr(0, rest.find('\n'));
  if (!rest.empty() && rest.back() == '\r') rest.remove_suffix(1);
  return rest;
}

std::string_view SourceList::name(const Place& place) const noexcept {
  return place.file < sources_.size() ? std::string_view(sources_[place.file].name) : std::string_view();
}

Place PlaceFinder::at(size_t offset, uint32_t length) noexcept {
  offset = std::min(offset, source_->text.size());
  const auto& starts = source_->line_starts;
  const auto after = std::upper_bound(starts.begin(), starts.end(), offset);
  const auto line = static_cast<size_t>(after - starts.begin()) - 1;
  if (line != line_ || offset < offset_) line_ = line, offset_ = starts[line], column_ = 1;
  column_ += static_cast<uint32_t>(count_characters(std::string_view(source_->text).substr(offset_, offset - offset_)));
  offset_ = offset;
  return {file_, static_cast<uint32_t>(line + 1), column_, std::max(length, 1u)};
}

std::optional<std::string> read_regular(const std::string& path, size_t limit, Place place, Diagnostics& diagnostics,
                                        unsigned* mode) {
  const auto fail = [&](uint16_t number, const std::string& why, std::string hint = {}) {
    diagnostics.error(number, place, fmt::format("cannot read '{}': {}", path, why), std::move(hint));
    return std::nullopt;
  };
  if (path.find('\0') != std::string::npos) return fail(code::kUnreadable, "the path holds a NUL byte");
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (file.get() < 0) return fail(code::kUnreadable, std::strerror(errno));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return fail(code::kUnreadable, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) {
    return fail(code::kNotRegular, fmt::format("it is {}", kind_of(status.st_mode)), "give a regular file");
  }
  if (mode != nullptr) *mode = status.st_mode & 07777u;
  std::string bytes(limit + 1, '\0');
  size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(code::kUnreadable, std::strerror(errno));
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  if (filled > limit) return fail(code::kTooLarge, fmt::format("it is larger than {} bytes", limit));
  bytes.resize(filled);
  return bytes;
}

bool add_checked(SourceList& sources, const std::string& name, std::string text, Diagnostics& diagnostics) {
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  const auto file = static_cast<uint16_t>(sources.size());
  if (text.size() > kMaxFileBytes) {
    sources.add(name, {});
    diagnostics.error(code::kTooLarge, {file, 0, 0, 1}, fmt::format("the text is larger than {} bytes", kMaxFileBytes));
    return false;
  }
  Place place{file, 1, 1, 1};
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = decode(text, i);
    if (c.length == 0 || is_forbidden(c.value, text, i)) {
      sources.add(name, {});
      if (c.length == 0) {
        diagnostics.error(code::kNotUtf8, place,
                          fmt::format("byte 0x{:02x} is not UTF-8", static_cast<uint8_t>(text[i])),
                          "save the file as UTF-8");
      } else {
        diagnostics.error(code::kControlCharacter, place, fmt::format("character U+{:04X} is not allowed", c.value),
                          "remove it");
      }
      return false;
    }
    if (c.value == '\n') {
      ++place.line, place.column = 1;
    } else {
      ++place.column;
    }
    i += c.length;
  }
  sources.add(name, std::move(text));
  return true;
}

bool is_one_line(std::string_view text) noexcept {
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = decode(text, i);
    if (c.length == 0 || c.value < 0x20 || is_forbidden(c.value, text, i)) return false;
    i += c.length;
  }
  return true;
}

size_t count_characters(std::string_view text) noexcept {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

}  // namespace rhumb::config
