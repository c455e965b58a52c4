// SPDX-License-Identifier: Apache-2.0
#include "proxy/log_lines.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

namespace rhumb::proxy {
namespace {

constexpr size_t kBlock = 64 * 1024;

/// Puts a line together whose pieces come in either direction, and passes it over once it is too long.
class Line {
 public:
  Line(const TakeLine& take, LinesRead& read) : take_(take), read_(read) {}

  void append(std::string_view piece) {
    if (room_for(piece)) text_ += piece;
  }
  void prepend(std::string_view piece) {
    if (room_for(piece)) text_.insert(0, piece);
  }
  /// The line is whole. False: enough.
  bool end() {
    const bool too_long = std::exchange(too_long_, false);
    if (too_long) ++read_.too_long;
    const bool more = too_long || text_.empty() || take_(text_);
    text_.clear();
    return more;
  }

 private:
  bool room_for(std::string_view piece) {
    too_long_ = too_long_ || text_.size() + piece.size() > kLongestLogLine;
    if (too_long_) text_.clear();
    return !too_long_;
  }
  const TakeLine& take_;
  LinesRead& read_;
  std::string text_;
  bool too_long_ = false;
};

ssize_t read_some(int fd, std::vector<char>& to) {
  for (;;) {
    const ssize_t n = ::read(fd, to.data(), to.size());
    if (n >= 0 || errno != EINTR) return n;
  }
}

/// 0, or errno. A file that was cut meanwhile is an error of reading: what it held is gone.
int read_at(int fd, char* to, size_t size, off_t at) {
  while (size > 0) {
    const ssize_t n = ::pread(fd, to, size, at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n == 0 ? EIO : errno;
    to += n, size -= static_cast<size_t>(n), at += n;
  }
  return 0;
}

}  // namespace

LinesRead read_lines(int fd, const TakeLine& take) {
  LinesRead read;
  Line line(take, read);
  std::vector<char> block(kBlock);
  for (;;) {
    const ssize_t n = read_some(fd, block);
    if (n < 0) read.error = errno;
    if (n <= 0) break;
    std::string_view rest(block.data(), static_cast<size_t>(n));
    for (size_t end; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1)) {
      line.append(rest.substr(0, end));
      if (!line.end()) return read;
    }
    line.append(rest);
  }
  line.end();
  return read;
}

LinesRead read_lines_backwards(int fd, const TakeLine& take) {
  LinesRead read;
  Line line(take, read);
  struct stat about {};
  if (::fstat(fd, &about) != 0) return {0, errno};
  std::vector<char> block(kBlock);
  for (off_t at = about.st_size; at > 0;) {
    const size_t size = static_cast<size_t>(std::min<off_t>(at, kBlock));
    at -= static_cast<off_t>(size);
    if ((read.error = read_at(fd, block.data(), size, at)) != 0) return read;
    std::string_view rest(block.data(), size);
    for (size_t end; (end = rest.rfind('\n')) != std::string_view::npos; rest = rest.substr(0, end)) {
      line.prepend(rest.substr(end + 1));
      if (!line.end()) return read;
    }
    line.prepend(rest);
  }
  line.end();
  return read;
}

}  // namespace rhumb::proxy
