// SPDX-License-Identifier: Apache-2.0
// What an exchange is called in the watchdog's report: who asked for what. Written by its worker when the request
// begins; read by the watchdog's thread at any time, while the worker may be stuck or may begin another request. So it
// is kept in atomic words: a report may mix two requests then, and is never torn memory.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ip.h"

namespace rhumb::proxy {

class ExchangeName {
 public:
  /// Worker's thread. What does not fit is cut.
  void set(const base::IpAddress& client, std::string_view method, std::string_view host,
           std::string_view path) noexcept;
  /// "192.0.2.7 GET example.com/a/b". Any thread.
  std::string text() const;

 private:
  static constexpr size_t kWords = 12, kText = (kWords - 2) * 8;  // the address stands before the text
  std::array<std::atomic<uint64_t>, kWords> words_{};
};

}  // namespace rhumb::proxy
