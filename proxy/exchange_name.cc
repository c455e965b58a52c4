// SPDX-License-Identifier: Apache-2.0
#include "proxy/exchange_name.h"

#include <algorithm>
#include <cstring>

namespace rhumb::proxy {

void ExchangeName::set(const base::IpAddress& client, std::string_view method, std::string_view host,
                       std::string_view path) noexcept {
  std::array<char, kWords * 8> bytes{};
  std::memcpy(bytes.data(), client.bytes().data(), 16);
  size_t used = 16;
  for (const std::string_view piece : {method, std::string_view(" "), host, path}) {
    const size_t size = std::min(piece.size(), bytes.size() - used);
    if (size != 0) std::memcpy(bytes.data() + used, piece.data(), size);
    used += size;
  }
  for (size_t i = 0; i < kWords; ++i) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i * 8, sizeof word);
    words_[i].store(word, std::memory_order_relaxed);
  }
}

std::string ExchangeName::text() const {
  std::array<char, kWords * 8> bytes;
  for (size_t i = 0; i < kWords; ++i) {
    const uint64_t word = words_[i].load(std::memory_order_relaxed);
    std::memcpy(bytes.data() + i * 8, &word, sizeof word);
  }
  std::array<uint8_t, 16> address;
  std::memcpy(address.data(), bytes.data(), address.size());
  const std::string_view text(bytes.data() + 16, kText);
  return base::IpAddress::v6(address).to_string() + " " + std::string(text.substr(0, text.find('\0')));
}

}  // namespace rhumb::proxy
