// SPDX-License-Identifier: Apache-2.0
// Listens to a peer that is not a client (a region that is probed, say) and bounds all it can cost: bytes, messages,
// time, and reads a turn, so that nobody waits for one who talks without end. It knows no protocol: its owner says
// where a message ends. Belongs to whoever owns the stream; loop's thread only. Its owner may close the stream, stop()
// it and bury it from every call, not destroy it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "net/loop.h"
#include "net/tcp_stream.h"

namespace rhumb::net {

/// All of one conversation.
struct ReadLimits {
  size_t bytes = 64 * 1024;   // in all, so also what is held of a message that is not whole
  uint32_t messages = 1;      // of which the last has to be the one that ends it
  base::Micros time{};        // from start() to the end
  uint32_t reads_a_turn = 4;  // of up to 4 KiB each
};

class BoundedReader {
 public:
  /// Why nothing more is read.
  enum class Stop : uint8_t { late, too_much, too_many, ended, broken };
  /// What is to be made of the bytes at hand: they are not a whole message yet; they begin with one of so many bytes;
  /// all is said, or hopeless, and nothing more is wanted.
  struct Taken {
    enum class What : uint8_t { more, message, over } what = What::more;
    size_t bytes = 0;
  };
  class Owner {
   public:
    /// The message at hand from its beginning on, again each time it has grown. `arena` is this message's own: it is
    /// reset when the next one begins, and so are the bytes invalid then.
    virtual Taken on_bytes(std::string_view bytes, base::Arena& arena) noexcept = 0;
    /// It is over without on_bytes() having said so. Called once, from the loop.
    virtual void on_stop(Stop why) noexcept = 0;

   protected:
    ~Owner() = default;
  };

  BoundedReader(Loop& loop, base::BlockPool& blocks, Owner& owner);
  ~BoundedReader();
  BoundedReader(const BoundedReader&) = delete;
  BoundedReader& operator=(const BoundedReader&) = delete;

  /// The time begins to run; what has come before is forgotten.
  void start(TcpStream& from, const ReadLimits& limits) noexcept;
  /// Reads what is there, up to the limits. For on_stream(); what is left after reads_a_turn comes in the next turn.
  void read() noexcept;
  /// Nothing is called any more.
  void stop() noexcept;

 private:
  bool take() noexcept;
  void finish(Stop why) noexcept;

  Loop& loop_;
  Owner& owner_;
  Timer deadline_, again_;
  base::Arena arena_;
  TcpStream* from_ = nullptr;  // null: not started, or over
  ReadLimits limits_;
  std::string held_;  // of the message at hand
  size_t bytes_ = 0;
  uint32_t messages_ = 0;
};

}  // namespace rhumb::net
