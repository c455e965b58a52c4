// SPDX-License-Identifier: Apache-2.0
// A non-blocking TCP connection with remembered readiness. The socket is registered once, edge-triggered; the stream
// remembers what the edges said (input_state.h), so that reading can be put off (back-pressure) without a system call
// and taken up again by asking readable(). Owned by a connection; loop's thread only.
#pragma once
#include <span>
#include <string_view>

#include "base/arena.h"
#include "net/buffer.h"
#include "net/input_state.h"
#include "net/loop.h"
#include "net/socket.h"
#include "net/watch.h"

namespace rhumb::net {

class StreamOwner {
 public:
  /// Something changed: look at readable(), writable(), and at pending output. A step of the loop's run queue, so never
  /// called re-entrantly.
  virtual void on_stream() noexcept = 0;
  /// Its steps take too much of the loop's time (RunQueue::kCostly).
  virtual void on_costly() noexcept {}

 protected:
  ~StreamOwner() = default;
};

class TcpStream final : private WatchOwner, private Task {
 public:
  /// Without a descriptor the stream is born closed.
  TcpStream(Loop& loop, Fd fd, StreamOwner& owner, base::BlockPool& pool);
  ~TcpStream() override { give_place(); }

  bool open() const noexcept { return static_cast<bool>(fd_); }
  int fd() const noexcept { return fd_.get(); }
  Input input() const noexcept { return input_; }
  /// There may be something to read (data, end or error).
  bool readable() const noexcept { return net::readable(input_); }
  /// As readable(), or the last read was short: nothing more then, most likely, but a reset that came together with
  /// those bytes announces itself no second time. Who still waits for something asks this before it goes to sleep.
  bool may_read() const noexcept { return net::may_read(input_); }
  /// It hears its socket, nothing is unread, nothing is unsent: another request may follow the last.
  bool reusable() const noexcept { return net::reusable(input_) && out_.empty(); }
  bool writable() const noexcept { return writable_; }
  void set_owner(StreamOwner& owner) noexcept { owner_ = &owner; }
  /// Whose time its steps use; null: the process's own. Outlives the stream, or is taken back before.
  void set_share(Share* share) noexcept;
  /// on_stream() will be called as if something had changed: there is more to do that no event will tell.
  void announce() noexcept { loop_.tasks().add(*this, share_); }
  /// Such a call is due.
  bool announced() const noexcept { return waiting(); }

  /// Out of the loop until the next read: who will not read for a while is not woken by every segment that arrives.
  /// Nothing is announced meanwhile, not even the peer's end. Nothing happens when the peer has hung up. Idempotent.
  void pause() noexcept;

  /// One receive. Ends a pause. A short read means drained: readable() turns false, unless the peer has closed.
  IoResult read(std::span<char> into) noexcept;
  /// The most bytes worth taking at once: what was taken and is not wanted on the other side has to wait here.
  size_t piece() const noexcept { return room_ == Room::wide || room_ == Room::proven ? kLargePiece : kPiece; }
  static constexpr size_t kPiece = 64 * 1024, kLargePiece = 512 * 1024;
  /// Sends at once what the socket takes; keeps a copy of the rest. False when the connection is broken.
  bool write(std::string_view bytes) noexcept;
  bool write(std::span<const iovec> pieces) noexcept;
  /// Sends what is pending. False when broken.
  bool flush() noexcept;
  size_t pending() const noexcept { return out_.size(); }
  /// Bytes the peer has acknowledged, ever: what moves while a slow reader reads. One system call.
  uint64_t delivered() const noexcept;
  /// The size of a full segment to the peer in bytes, 0 when not known. One system call.
  size_t segment() const noexcept { return net::segment(fd_.get()); }
  /// Asks the socket itself whether there is nothing: no byte, no end, no error. One system call. Only that tells of a
  /// reset that came in one event with the last bytes read.
  bool quiet() const noexcept;

  /// splice(2) from this socket into a pipe, and from a pipe into this socket; keep readiness right.
  IoResult splice_in(int pipe, size_t limit) noexcept;
  IoResult splice_out(int pipe, size_t limit) noexcept;

  void shutdown_write() noexcept { net::shutdown_write(fd_.get()); }
  /// Out of the loop and closed; pending output is dropped. Idempotent.
  void close() noexcept;
  void close_with_reset() noexcept;

  int last_error() const noexcept { return error_; }

 private:
  void on_ready(Ready ready) noexcept override;
  void run() noexcept override { owner_->on_stream(); }
  void too_costly() noexcept override { owner_->on_costly(); }
  void step(InputEvent event) noexcept { input_ = next(input_, event); }
  void unpause() noexcept;
  void took(const IoResult& r, bool all) noexcept;
  void look_at_room() noexcept;
  void give_place() noexcept;
  bool broken(int error) noexcept;

  /// Of the receive buffer. `unknown` while little came: the kernel begins with a small one. A `distant` peer needs a
  /// wide window for its speed, so the kernel goes on to adapt it; a near one gets a `narrow` buffer. Who is passed
  /// 1 MiB reads what it is sent: a distant peer is `proven` then, and a near one `wide`, when the loop has a place
  /// left.
  enum class Room : uint8_t { unknown, distant, proven, narrow, wide };
  static constexpr uint64_t kMuch = 64 * 1024;         // from there on a look is worth its two calls,
  static constexpr uint64_t kLookAgain = 1024 * 1024;  // and another one each time so much more came
  static constexpr base::Micros kNear{2000};           // a window of kNarrow lets 32 MB a second through

  Loop& loop_;
  Share* share_ = nullptr;
  Fd fd_;
  Watch watch_;
  StreamOwner* owner_;
  Buffer out_;
  uint64_t sent_ = 0;  // taken by the socket
  uint64_t received_ = 0, look_at_ = kMuch;
  int error_ = 0;
  Input input_ = Input::closed;
  Room room_ = Room::unknown;
  bool writable_ = false;
};

}  // namespace rhumb::net
