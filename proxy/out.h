// SPDX-License-Identifier: Apache-2.0
// What leaves in one send: a head, body pieces and their framing gather in the worker's scratch and go out together;
// large pieces are not copied but sent from where they are. Small pieces of a chunked body become one chunk, so that a
// body that came in chunks of one byte costs the next reader no more than any other. Lives inside one callback; scratch
// belongs to it until send().
#pragma once
#include <sys/uio.h>

#include <cstring>
#include <span>
#include <string_view>

#include "http/h1_writer.h"
#include "net/tcp_stream.h"

namespace rhumb::proxy {

class Out {
 public:
  static constexpr size_t kCopy = 16 * 1024;  // larger pieces are sent in place
  Out(net::TcpStream& to, std::span<char> scratch) noexcept
      : to_(to), scratch_(scratch), writer_(scratch.data(), scratch.size()) {}

  /// For what is no body content.
  http::Writer& writer() noexcept {
    close_chunk();
    return writer_;
  }
  /// Body content, chunk-framed if asked.
  void data(std::string_view bytes, bool chunked) noexcept {
    if (bytes.empty()) return;
    if (!chunked) return put(bytes);
    if (size_line_ != nullptr && fits_chunk(bytes)) return writer_.raw(bytes);
    open_chunk(bytes.size());
    if (fits_chunk(bytes)) return writer_.raw(bytes);
    size_line_ = nullptr;  // the size is final, and the piece is sent in place
    put(bytes);
    need(2);
    writer_.raw("\r\n");
  }
  /// What stands between and behind the pieces: the last chunk, trailers.
  void framing(std::string_view bytes) noexcept {
    close_chunk();
    need(bytes.size());
    writer_.raw(bytes);
  }
  /// Sends what has gathered. False when the connection is broken, now or before.
  bool send() noexcept {
    close_chunk();
    if (writer_.size() > 0 && ok_) ok_ = to_.write(writer_.view());
    writer_ = http::Writer(scratch_.data(), scratch_.size());
    return ok_;
  }
  bool ok() const noexcept { return ok_; }

 private:
  void need(size_t room) noexcept {
    if (writer_.room() < room) send();
  }
  bool fits_chunk(std::string_view bytes) const noexcept {
    return bytes.size() <= kCopy && bytes.size() + kChunkRest <= writer_.room();
  }
  void open_chunk(size_t size) noexcept {
    close_chunk();
    need(32);
    size_line_ = writer_.at();
    writer_.advance(http::write_chunk_size(size, size_line_));
    content_ = writer_.at();
  }
  /// The size line is that of the first piece; when more came, it is written anew, and may have grown.
  void close_chunk() noexcept {
    if (size_line_ == nullptr) return;
    const auto size = static_cast<size_t>(writer_.at() - content_);
    char line[18];
    const size_t length = http::write_chunk_size(size, line);
    const size_t grown = length - static_cast<size_t>(content_ - size_line_);
    if (grown != 0) std::memmove(content_ + grown, content_, size);
    std::memcpy(size_line_, line, length);
    writer_.advance(grown);
    writer_.raw("\r\n");
    size_line_ = nullptr;
  }
  void put(std::string_view bytes) noexcept {
    if (bytes.size() <= kCopy && bytes.size() <= writer_.room()) return writer_.raw(bytes);
    if (!ok_) return;
    const iovec pieces[2] = {{const_cast<char*>(writer_.view().data()), writer_.size()},
                             {const_cast<char*>(bytes.data()), bytes.size()}};
    ok_ = to_.write(std::span<const iovec>(pieces, 2));
    writer_ = http::Writer(scratch_.data(), scratch_.size());
  }

  static constexpr size_t kChunkRest = 18;  // what a chunk's end, and a longer size line, may need

  net::TcpStream& to_;
  std::span<char> scratch_;
  char* size_line_ = nullptr;  // of the chunk that is open; null: none
  char* content_ = nullptr;    // of that chunk
  http::Writer writer_;
  bool ok_ = true;
};

}  // namespace rhumb::proxy
