// SPDX-License-Identifier: Apache-2.0
// What needs OpenSSL's EVP: authenticated encryption, HMAC, random bytes, constant-time compare. No key is ever logged,
// and those of an Aead lie in secret memory.
// An Aead is immutable after make() but holds a reused cipher context: one object per thread.
#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rhumb::base {

void random_bytes(std::span<uint8_t> out) noexcept;  // aborts if the system has no entropy
uint64_t random_u64() noexcept;
bool equal_constant_time(std::string_view a, std::string_view b) noexcept;
std::array<uint8_t, 32> hmac_sha256(std::string_view key, std::string_view message) noexcept;
std::array<uint8_t, 32> sha256(std::string_view message) noexcept;
/// Only for the WebSocket handshake, which prescribes it (RFC 6455 4.2.2).
std::array<uint8_t, 20> sha1(std::string_view message) noexcept;

/// AES-256-GCM with a random 96-bit nonce in front and a 128-bit tag behind (NIST SP 800-38D; with random nonces a key
/// is good for 2^32 messages). Neither direction allocates.
class Aead {
 public:
  static constexpr size_t kOverhead = 12 + 16;
  using Key = std::array<uint8_t, 32>;
  /// The key is SHA-256("rhumb aead v1" || secret); the caller sees to it that the secret has at least 32 bytes,
  /// and wipes the key.
  static Key derive(std::string_view secret) noexcept;

  explicit Aead(const Key& key);
  ~Aead();
  Aead(Aead&&) noexcept;
  Aead& operator=(Aead&&) noexcept;

  /// Associated data in parts, one after the other: where a part ends is for the caller to make plain.
  using Associated = std::initializer_list<std::string_view>;

  /// Writes nonce, ciphertext and tag to `out` (plain.size() + kOverhead bytes). False only for more than 2 GiB.
  bool seal(std::string_view plain, Associated associated, uint8_t* out) const noexcept;
  /// Writes the plaintext (sealed.size() - kOverhead bytes). If the tag is wrong, false, and `out` is zeros.
  bool open(std::span<const uint8_t> sealed, Associated associated, uint8_t* out) const noexcept;

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

/// Standard base64 with padding (RFC 4648 4).
std::string base64(std::span<const uint8_t> bytes);
/// base64url without padding (RFC 4648 5). `to` takes base64url_size(n) characters.
constexpr size_t base64url_size(size_t n) noexcept { return (n * 4 + 2) / 3; }
size_t base64url_encode(std::span<const uint8_t> bytes, char* to) noexcept;
/// Strict: no padding, no foreign characters, no stray bits. Returns bytes written (at most
/// text.size()*3/4), or nothing; then what is at `to` means nothing.
std::optional<size_t> base64url_decode(std::string_view text, uint8_t* to) noexcept;

}  // namespace rhumb::base
