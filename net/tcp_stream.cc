// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_stream.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace rhumb::net {

TcpStream::TcpStream(Loop& loop, Fd fd, StreamOwner& owner, base::BlockPool& pool)
    : loop_(loop), fd_(std::move(fd)), owner_(&owner), out_(pool) {
  if (!fd_) return;
  watch_.start(loop, fd_.get(), *this);
  input_ = Input::quiet;
}

void TcpStream::on_ready(Ready ready) noexcept {
  if (ready.read) step(InputEvent::data);
  if (ready.closed) step(InputEvent::hang_up);
  if (ready.write) writable_ = true;
  announce();
}

void TcpStream::set_share(Share* share) noexcept {
  share_ = share;
  if (!waiting()) return;
  loop_.tasks().remove(*this);
  announce();
}

void TcpStream::pause() noexcept {
  step(InputEvent::hold);
  if (!hears(input_)) watch_.stop();
}

void TcpStream::unpause() noexcept {
  if (input_ == Input::held) watch_.restart();
  step(InputEvent::release);
}

/// A read or a splice, and what it tells; `all`: as much as there was room for.
void TcpStream::took(const IoResult& r, bool all) noexcept {
  switch (r.status) {
    case IoStatus::ok:
      if ((received_ += r.bytes) >= look_at_) look_at_room();
      return step(all ? InputEvent::full : InputEvent::partial);
    case IoStatus::would_block:
      return step(InputEvent::nothing);
    case IoStatus::error:
      error_ = r.error;
      [[fallthrough]];
    case IoStatus::end:
      return step(InputEvent::end);
  }
}

/// Much comes in, and whoever it is for may stop reading at any moment: how much may wait in the kernel then.
void TcpStream::look_at_room() noexcept {
  look_at_ = received_ + kLookAgain;
  if (room_ == Room::unknown) {
    const bool distant = round_trip(fd_.get()).value_or(kNear) >= kNear;
    room_ = distant ? Room::distant : Room::narrow;
    if (!distant) bound_unread(fd_.get(), kNarrow);
  } else if (room_ == Room::distant) {
    room_ = Room::proven;
  } else if (room_ == Room::narrow && loop_.wide_places().take()) {
    room_ = Room::wide;
    bound_unread(fd_.get(), kWide);
  }
}

void TcpStream::give_place() noexcept {
  if (std::exchange(room_, Room::unknown) == Room::wide) loop_.wide_places().give();
}

IoResult TcpStream::read(std::span<char> into) noexcept {
  unpause();
  const IoResult r = receive(fd_.get(), into);
  took(r, r.bytes == into.size());
  return r;
}

/// Sending failed; what the peer said before it hung up may still be there to read.
bool TcpStream::broken(int error) noexcept {
  error_ = error;
  unpause();
  step(InputEvent::hang_up);
  return false;
}

bool TcpStream::write(std::string_view bytes) noexcept {
  if (out_.empty()) {
    const IoResult r = send(fd_.get(), bytes);
    if (r.status == IoStatus::error) {
      return broken(r.error);
    }
    sent_ += r.bytes;
    bytes.remove_prefix(r.bytes);
    if (bytes.empty()) return true;
    writable_ = false;
  }
  out_.append(bytes);
  return true;
}

bool TcpStream::write(std::span<const iovec> pieces) noexcept {
  size_t sent = 0;
  const bool tried = out_.empty();
  if (tried) {
    const IoResult r = send(fd_.get(), pieces);
    if (r.status == IoStatus::error) {
      return broken(r.error);
    }
    sent = r.bytes;
    sent_ += sent;
  }
  for (const iovec& piece : pieces) {
    if (sent >= piece.iov_len) {
      sent -= piece.iov_len;
      continue;
    }
    out_.append({static_cast<const char*>(piece.iov_base) + sent, piece.iov_len - sent});
    sent = 0;
    if (tried) writable_ = false;  // else room may have been announced, which nobody has used yet
  }
  return true;
}

bool TcpStream::flush() noexcept {
  while (!out_.empty()) {
    std::array<iovec, 8> pieces;
    const size_t used = out_.pieces(pieces);
    size_t total = 0;
    for (size_t i = 0; i < used; ++i) total += pieces[i].iov_len;
    const IoResult r = send(fd_.get(), std::span<const iovec>(pieces.data(), used));
    if (r.status == IoStatus::error) {
      return broken(r.error);
    }
    sent_ += r.bytes;
    out_.consume(r.bytes);
    if (r.bytes < total) {
      writable_ = false;
      break;
    }
  }
  return true;
}

IoResult TcpStream::splice_in(int pipe, size_t limit) noexcept {
  unpause();
  const IoResult r = splice_some(fd_.get(), pipe, limit);
  took(r, true);
  return r;
}

IoResult TcpStream::splice_out(int pipe, size_t limit) noexcept {
  const IoResult r = splice_some(pipe, fd_.get(), limit);
  if (r.status == IoStatus::would_block || (r.status == IoStatus::ok && r.bytes < limit)) writable_ = false;
  if (r.status == IoStatus::ok) sent_ += r.bytes;
  if (r.status == IoStatus::error) broken(r.error);
  return r;
}

uint64_t TcpStream::delivered() const noexcept {
  int queued = 0;
  if (::ioctl(fd_.get(), SIOCOUTQ, &queued) != 0) return sent_;
  return sent_ - std::min(sent_, static_cast<uint64_t>(queued));
}

bool TcpStream::quiet() const noexcept {
  char byte = 0;
  return ::recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

void TcpStream::close() noexcept {
  watch_.stop();
  loop_.tasks().remove(*this);
  fd_.reset();
  give_place();
  out_.clear();
  step(InputEvent::close);
  writable_ = false;
}

void TcpStream::close_with_reset() noexcept {
  if (fd_) reset_on_close(fd_.get());
  close();
}

}  // namespace rhumb::net
