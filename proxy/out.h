// SPDX-License-Identifier: Apache-2.0
// What leaves in one send: a head, body pieces and their framing gather in the worker's scratch and go out together;
// large pieces are not copied but sent from where they are. Lives inside one callback; scratch belongs to it until
// send().
#pragma once
#include <sys/uio.h>

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

  http::Writer& writer() noexcept { return writer_; }
  /// Body content, chunk-framed if asked.
  void data(std::string_view bytes, bool chunked) noexcept {
    if (bytes.empty()) return;
    if (chunked) {
      need(32);
      writer_.advance(http::write_chunk_size(bytes.size(), writer_.at()));
    }
    put(bytes);
    if (chunked) {
      need(2);
      writer_.raw("\r\n");
    }
  }
  /// What stands between and behind the pieces: the last chunk, trailers.
  void framing(std::string_view bytes) noexcept {
    need(bytes.size());
    writer_.raw(bytes);
  }
  /// Sends what has gathered. False when the connection is broken, now or before.
  bool send() noexcept {
    if (writer_.size() > 0 && ok_) ok_ = to_.write(writer_.view());
    writer_ = http::Writer(scratch_.data(), scratch_.size());
    return ok_;
  }
  bool ok() const noexcept { return ok_; }

 private:
  void need(size_t room) noexcept {
    if (writer_.room() < room) send();
  }
  void put(std::string_view bytes) noexcept {
    if (bytes.size() <= kCopy && bytes.size() <= writer_.room()) return writer_.raw(bytes);
    if (!ok_) return;
    const iovec pieces[2] = {{const_cast<char*>(writer_.view().data()), writer_.size()},
                             {const_cast<char*>(bytes.data()), bytes.size()}};
    ok_ = to_.write(std::span<const iovec>(pieces, 2));
    writer_ = http::Writer(scratch_.data(), scratch_.size());
  }

  net::TcpStream& to_;
  std::span<char> scratch_;
  http::Writer writer_;
  bool ok_ = true;
};

}  // namespace rhumb::proxy
