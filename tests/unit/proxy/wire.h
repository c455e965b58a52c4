// SPDX-License-Identifier: Apache-2.0
// For tests: one end of a TCP connection, blocking with a deadline, and a reader of HTTP/1 messages that shares no code
// with the gateway's. Used as the client by the test's thread and as the region by a script's thread; one thread at a
// time.
#pragma once
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/socket.h"

namespace rhumb::proxy::testing {

inline constexpr std::chrono::seconds kPatience{5};
using Deadline = std::chrono::steady_clock::time_point;
inline Deadline soon() { return std::chrono::steady_clock::now() + kPatience; }
inline bool past(Deadline deadline) { return std::chrono::steady_clock::now() > deadline; }

/// A request or response as it was on the wire.
struct Message {
  std::string start;                                        // request line or status line
  std::string head;                                         // all of it, with its empty line
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case
  std::string body;                                         // without framing
  std::vector<std::string> chunks;
  std::string trailers;
  bool whole = false;  // head and body came to their proper end

  int status() const { return start.size() < 12 ? 0 : std::atoi(start.c_str() + 9); }
  std::string method() const { return start.substr(0, start.find(' ')); }
  std::string target() const {
    const size_t from = start.find(' ') + 1;
    return start.substr(from, start.find(' ', from) - from);
  }
  size_t count(std::string_view name) const {
    return static_cast<size_t>(
        std::count_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == name; }));
  }
  /// All values of a field in order, joined by ", "; empty when there is none.
  std::string field(std::string_view name) const {
    std::string out;
    for (const auto& [key, value] : fields)
      if (key == name) out += (out.empty() ? "" : ", ") + value;
    return out;
  }
};

class Wire {
 public:
  Wire() = default;
  explicit Wire(net::Fd fd) : fd_(std::move(fd)) {}

  /// Connects, or fails the test.
  static Wire dial(const base::SocketAddress& to, int receive_buffer = 0) {
    sockaddr_storage storage{};
    const socklen_t size = to.fill(storage);
    Wire wire(net::Fd(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)));
    if (receive_buffer > 0) ::setsockopt(wire.fd(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    EXPECT_EQ(::connect(wire.fd(), reinterpret_cast<sockaddr*>(&storage), size), 0) << to.to_string();
    return wire;
  }
  int fd() const { return fd_.get(); }
  /// Bytes received and not yet taken by a read.
  const std::string& waiting() const { return waiting_; }
  /// Bytes that came to this end and that no read has taken: those waiting, and those in the socket.
  size_t unread() const { return waiting_.size() + asked(FIONREAD); }
  /// Bytes sent that the other end's socket has not got.
  size_t unsent() const { return asked(SIOCOUTQ); }

  /// All of it, or false: the other side broke the connection or takes nothing any more.
  bool send(std::string_view bytes) { return send_some(bytes, soon()) == bytes.size(); }
  /// As much as goes before the deadline; returns how much.
  size_t send_some(std::string_view bytes, Deadline deadline) {
    size_t done = 0;
    while (done < bytes.size() && ready(POLLOUT, deadline)) {
      const ssize_t n = ::send(fd(), bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n >= 0)
        done += static_cast<size_t>(n);
      else if (errno != EAGAIN)
        break;
    }
    return done;
  }
  /// How much can be sent before the other side has taken nothing for a while: until the way is full.
  size_t send_until_blocked(size_t limit, std::chrono::milliseconds quiet) {
    const std::string piece(64 * 1024, 'b');
    size_t done = 0;
    while (done < limit && ready(POLLOUT, std::chrono::steady_clock::now() + quiet)) {
      const ssize_t n = ::send(fd(), piece.data(), std::min(piece.size(), limit - done), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno != EAGAIN) break;
      if (n > 0) done += static_cast<size_t>(n);
    }
    return done;
  }
  /// Ends this side: a FIN; the other may go on.
  void finish() { ::shutdown(fd(), SHUT_WR); }
  /// Closes visibly broken: a RST.
  void reset() {
    net::reset_on_close(fd());
    close();
  }
  void close() {
    const std::lock_guard lock(closing_);
    fd_.reset();
  }
  /// From another thread: whatever waits on it comes back.
  void interrupt() {
    const std::lock_guard lock(closing_);
    if (fd_) ::shutdown(fd_.get(), SHUT_RDWR);
  }

  /// Until the marker has come; what came up to and with it. The rest waits.
  std::string read_until(std::string_view marker) {
    size_t at;
    while ((at = waiting_.find(marker)) == std::string::npos)
      if (!fill()) return take(waiting_.size());
    return take(at + marker.size());
  }
  std::string read(size_t bytes) {
    while (waiting_.size() < bytes && fill()) continue;
    return take(std::min(bytes, waiting_.size()));
  }
  /// Until the other side's end; clean() tells how that was.
  std::string read_to_end() {
    while (fill()) continue;
    return take(waiting_.size());
  }
  /// The other side ended the connection (and said nothing more), in time.
  bool ended() { return read_to_end().empty() && (ended_ || reset_); }
  bool clean() const { return ended_; }
  bool broken() const { return reset_; }
  /// Nothing has come, and nothing comes in this time.
  bool silent_for(std::chrono::milliseconds time) {
    pollfd p{fd(), POLLIN, 0};
    return waiting_.empty() && ::poll(&p, 1, static_cast<int>(time.count())) == 0;
  }

  Message read_request() { return read_message(true, false); }
  /// `to_head`: it answers a HEAD, so no body follows whatever the head says.
  Message read_response(bool to_head = false) { return read_message(false, to_head); }
  Message exchange(std::string_view request) {
    EXPECT_TRUE(send(request));
    return read_response(request.substr(0, 5) == "HEAD ");
  }

 private:
  size_t asked(unsigned long what) const {
    int bytes = 0;
    ::ioctl(fd(), what, &bytes);
    return static_cast<size_t>(bytes);
  }
  bool ready(short what, Deadline deadline) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd p{fd(), what, 0};
    return left.count() >= 0 && ::poll(&p, 1, static_cast<int>(left.count()) + 1) > 0;
  }
  std::string take(size_t bytes) {
    std::string out = waiting_.substr(0, bytes);
    waiting_.erase(0, bytes);
    return out;
  }
  /// One receive. False: there is no more, or it took too long.
  bool fill() {
    if (ended_ || reset_ || fd() < 0) return false;
    char buffer[65536];
    if (!ready(POLLIN, soon())) {
      ADD_FAILURE() << "nothing came in time; waiting: " << waiting_.substr(0, 300);
      return false;
    }
    const ssize_t n = ::recv(fd(), buffer, sizeof buffer, 0);
    if (n > 0) waiting_.append(buffer, static_cast<size_t>(n));
    ended_ = n == 0;
    reset_ = n < 0;
    return n > 0;
  }
  Message read_message(bool request, bool bodiless) {
    Message out;
    out.head = read_until("\r\n\r\n");
    if (out.head.size() < 4 || out.head.compare(out.head.size() - 4, 4, "\r\n\r\n") != 0) return out;
    size_t at = out.head.find("\r\n");
    out.start = out.head.substr(0, at);
    for (at += 2; at + 2 < out.head.size();) {
      const size_t end = out.head.find("\r\n", at), colon = out.head.find(": ", at);
      std::string name = out.head.substr(at, std::min(colon, end) - at);
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      out.fields.emplace_back(name, colon < end ? out.head.substr(colon + 2, end - colon - 2) : "");
      at = end + 2;
    }
    const int status = request ? 200 : out.status();
    const std::string length = out.field("content-length");
    if (bodiless || status < 200 || status == 204 || status == 304) {
      out.whole = true;
    } else if (out.field("transfer-encoding") == "chunked") {
      read_chunks(out);
    } else if (!length.empty()) {
      const size_t size = std::stoul(length);
      out.body = read(size);
      out.whole = out.body.size() == size;
    } else if (request) {
      out.whole = true;
    } else {
      out.body = read_to_end();
      out.whole = ended_;
    }
    return out;
  }
  void read_chunks(Message& out) {
    for (;;) {
      const std::string line = read_until("\r\n");
      if (line.size() < 3) return;
      const size_t size = std::stoul(line, nullptr, 16);
      if (size == 0) break;
      std::string chunk = read(size);
      out.body += chunk;
      if (chunk.size() != size || read(2) != "\r\n") return;
      out.chunks.push_back(std::move(chunk));
    }
    for (std::string line; (line = read_until("\r\n")) != "\r\n"; out.trailers += line)
      if (line.empty()) return;
    out.whole = true;
  }

  static inline std::mutex closing_;  // a descriptor must not go while another thread interrupts it
  net::Fd fd_;
  std::string waiting_;
  bool ended_ = false, reset_ = false;
};

}  // namespace rhumb::proxy::testing
