// SPDX-License-Identifier: Apache-2.0
// How many interim responses (1xx but 101) a peer may send before its response: enough for any use of them, and an end
// for who sends nothing else. For everybody who reads responses.
#pragma once
#include <cstdint>

namespace rhumb::http {

inline constexpr uint8_t kMaxInterims = 16;
/// Whether another response follows (RFC 9110 15.2); after a 101 comes another protocol.
constexpr bool is_interim(uint16_t status) noexcept { return status < 200 && status != 101; }

}  // namespace rhumb::http
