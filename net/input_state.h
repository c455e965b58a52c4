// SPDX-License-Identifier: Apache-2.0
// What a connection knows of the bytes that come in, as one state: whether it hears its socket, whether there may be
// something to read, and so whether it may carry something else afterwards. A value; its stream's thread.
//
// A socket is watched edge-triggered: what was announced once is not announced again, so it has to be remembered, and
// who stops listening (`held`) has to look for himself afterwards. Hence the table:
//
//   state    heard  to read   is left by
//   quiet    yes    nothing   whatever is announced
//   drained  yes    perhaps   as quiet. The last read was short: there is nothing more, but for a reset that came in
//                             one event with the bytes read, which is not announced a second time
//   ready    yes    likely    a read that tells that there is nothing more
//   closing  yes    certainly the end. The peer has hung up: however short a read was, its end is still to come
//   held     no     perhaps   release, which every read begins with
//   over     yes    nothing   an announcement. The end or an error was read, or nothing was there after a broken send
//   closed   no     nothing   nothing
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace rhumb::net {

enum class Input : uint8_t { quiet, drained, ready, closing, held, over, closed };
inline constexpr size_t kInputs = 7;

enum class InputEvent : uint8_t {
  data,     // announced: something to read
  hang_up,  // announced: the peer sent its end, or worse; or sending failed
  full,     // a read took all it had room for; or a splice, which never tells whether that was all
  partial,  // a read took less
  nothing,  // a read would have had to wait
  end,      // a read brought the end, or an error
  hold,     // nobody will read for a while, and nobody wants to hear
  release,  // listens again; what is there by then is announced
  close,
};
inline constexpr size_t kInputEvents = 9;

/// A row a state, a column an event, both in the order of their enums. Who hung up is not held, or it would be
/// forgotten that he did; a read of `held` begins with its release, so it stands there only to be harmless.
constexpr Input next(Input state, InputEvent event) noexcept {
  using enum Input;
  constexpr std::array<std::array<Input, kInputEvents>, kInputs> kTable{{
      //  data     hang_up  full     partial  nothing  end     hold     release  close
      {{ready, closing, ready, drained, quiet, over, held, quiet, closed}},          // quiet
      {{ready, closing, ready, drained, quiet, over, held, drained, closed}},        // drained
      {{ready, closing, ready, drained, quiet, over, held, ready, closed}},          // ready
      {{closing, closing, closing, closing, over, over, closing, closing, closed}},  // closing
      {{held, held, held, held, held, held, held, ready, closed}},                   // held
      {{closing, closing, closing, closing, over, over, over, over, closed}},        // over
      {{closed, closed, closed, closed, closed, closed, closed, closed, closed}},    // closed
  }};
  return kTable[static_cast<size_t>(state)][static_cast<size_t>(event)];
}

/// The socket's events arrive.
constexpr bool hears(Input state) noexcept { return state != Input::held && state != Input::closed; }
/// There may be something to read: data, an end, an error.
constexpr bool readable(Input state) noexcept {
  return state == Input::ready || state == Input::closing || state == Input::held;
}
/// As readable(), or something may hide behind a short read. Who still waits for something asks this before it sleeps.
constexpr bool may_read(Input state) noexcept { return readable(state) || state == Input::drained; }
/// All that was announced has been read, the peer has not hung up, and whatever comes will be heard.
constexpr bool reusable(Input state) noexcept { return state == Input::quiet || state == Input::drained; }

}  // namespace rhumb::net
