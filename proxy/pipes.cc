// SPDX-License-Identifier: Apache-2.0
#include "proxy/pipes.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/descriptors.h"

namespace rhumb::proxy {

void Pipe::make_room(size_t bytes) noexcept {
  if (capacity >= bytes || full_grown) return;
  const int size = ::fcntl(write.get(), F_SETPIPE_SZ, static_cast<int>(bytes));
  full_grown = size < 0;
  if (!full_grown) capacity = static_cast<size_t>(size);
}

std::unique_ptr<Pipe> PipePool::take() {
  if (!idle_.empty()) {
    auto pipe = std::move(idle_.back());
    idle_.pop_back();
    return pipe;
  }
  if (not_asked_ != 0) return --not_asked_, nullptr;
  auto pipe = make();
  if (pipe == nullptr) not_asked_ = kNotAsked, refused_.add();
  return pipe;
}

std::unique_ptr<Pipe> PipePool::make() {
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return nullptr;
  auto pipe = std::make_unique<Pipe>();
  pipe->read.reset(ends[0]);
  pipe->write.reset(ends[1]);
  if (base::reserved_descriptor(ends[0]) || base::reserved_descriptor(ends[1])) return nullptr;
  const int size = ::fcntl(ends[1], F_GETPIPE_SZ);
  if (size < static_cast<int>(net::TcpStream::kPiece)) return nullptr;  // a copy is cheaper than many small moves
  pipe->capacity = static_cast<size_t>(size);
  return pipe;
}

void PipePool::give(std::unique_ptr<Pipe> pipe) {
  if (pipe != nullptr && pipe->filled == 0 && idle_.size() < kKeep) idle_.push_back(std::move(pipe));
}

Splice::Step Splice::move(net::TcpStream& from, net::TcpStream& to, uint64_t limit, size_t& taken) noexcept {
  taken = 0;
  if (pipe_->filled != 0 && !to.writable()) return Step::wait;
  if (pipe_->filled == 0) {
    if (!from.may_read()) return Step::wait;
    pipe_->make_room(from.piece());
    const size_t most = std::min(pipe_->capacity, from.piece());
    const net::IoResult in = from.splice_in(pipe_->write.get(), std::min<uint64_t>(limit, most));
    if (in.status == net::IoStatus::would_block) return Step::wait;
    if (in.status != net::IoStatus::ok) return in.status == net::IoStatus::error ? Step::failed : Step::ended;
    pipe_->filled = taken = in.bytes;
  }
  const net::IoResult out = to.splice_out(pipe_->read.get(), pipe_->filled);
  if (out.status == net::IoStatus::error || out.status == net::IoStatus::end) return Step::broken;
  pipe_->filled -= out.bytes;
  return pipe_->filled == 0 ? Step::moved : Step::wait;
}

}  // namespace rhumb::proxy
