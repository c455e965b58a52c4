// SPDX-License-Identifier: Apache-2.0
#include "base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "base/check.h"
#include "base/secret_memory.h"

namespace rhumb::base {
namespace {

constexpr size_t kNonce = 12, kTag = 16;

/// What OpenSSL allocates must be ours to place from its first allocation on, even before main().
void claim_memory() noexcept { const SecretScope scope; }

// Fetching an algorithm by name costs more than using it (OpenSSL 3): once per process.
const EVP_CIPHER* aes_gcm() noexcept {
  static const EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}
EVP_CIPHER_CTX* new_cipher() noexcept {
  claim_memory();
  return EVP_CIPHER_CTX_new();
}
const EVP_MD* fetch_digest(const char* name) noexcept {
  claim_memory();
  return EVP_MD_fetch(nullptr, name, nullptr);
}
const EVP_MD* md_sha256() noexcept {
  static const EVP_MD* md = fetch_digest("SHA256");
  return md;
}
const EVP_MD* md_sha1() noexcept {
  static const EVP_MD* md = fetch_digest("SHA1");
  return md;
}

struct Free {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};

/// Digest of all parts one after the other.
template <size_t N>
std::array<uint8_t, N> hash_in(EVP_MD_CTX* context, const EVP_MD* md,
                               std::initializer_list<std::string_view> parts) noexcept {
  std::array<uint8_t, N> out{};
  unsigned size = 0;
  bool done = context != nullptr && md != nullptr && EVP_DigestInit_ex2(context, md, nullptr) == 1;
  for (const std::string_view part : parts) done = done && EVP_DigestUpdate(context, part.data(), part.size()) == 1;
  done = done && EVP_DigestFinal_ex(context, out.data(), &size) == 1 && size == N;
  RHUMB_ASSERT(done);
  return out;
}

/// In a context that each thread keeps.
template <size_t N>
std::array<uint8_t, N> hash(const EVP_MD* md, std::initializer_list<std::string_view> parts) noexcept {
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  return hash_in<N>(context.get(), md, parts);
}

EVP_MAC_CTX* new_hmac() noexcept {
  claim_memory();
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
  EVP_MAC_free(mac);  // the context holds its own reference
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  RHUMB_ASSERT(context != nullptr && EVP_MAC_CTX_set_params(context, parameters) == 1);
  return context;
}

const uint8_t* bytes_of(std::string_view text) noexcept { return reinterpret_cast<const uint8_t*>(text.data()); }

bool too_long(Aead::Associated parts) noexcept {
  return std::any_of(parts.begin(), parts.end(), [](std::string_view part) { return part.size() > INT_MAX; });
}

/// What is authenticated and not sealed goes in without an output.
bool authenticate(EVP_CIPHER_CTX* ctx, Aead::Associated parts, decltype(EVP_EncryptUpdate)& update) noexcept {
  int n = 0;
  return std::all_of(parts.begin(), parts.end(), [&](std::string_view part) {
    return update(ctx, nullptr, &n, bytes_of(part), static_cast<int>(part.size())) == 1;
  });
}

constexpr char kUrlAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr auto kUrlValues = [] {
  std::array<int8_t, 256> values{};
  values.fill(-1);
  for (int8_t i = 0; i < 64; ++i) values[static_cast<uint8_t>(kUrlAlphabet[i])] = i;
  return values;
}();
int url_value(char c) noexcept { return kUrlValues[static_cast<uint8_t>(c)]; }

}  // namespace

void random_bytes(std::span<uint8_t> out) noexcept {
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t n = ::getrandom(out.data() + done, out.size() - done, 0);
    if (n < 0 && errno == EINTR) continue;
    RHUMB_ASSERT(n > 0);
    done += static_cast<size_t>(n);
  }
}

uint64_t random_u64() noexcept {
  uint64_t value = 0;
  random_bytes({reinterpret_cast<uint8_t*>(&value), sizeof value});
  return value;
}

bool equal_constant_time(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::array<uint8_t, 32> hmac_sha256(std::string_view key, std::string_view message) noexcept {
  thread_local const std::unique_ptr<EVP_MAC_CTX, Free> context(new_hmac());
  // A null key would mean the last one again.
  if (key.data() == nullptr) key = "";
  std::array<uint8_t, 32> out{};
  size_t size = 0;
  const bool done = EVP_MAC_init(context.get(), bytes_of(key), key.size(), nullptr) == 1 &&
                    EVP_MAC_update(context.get(), bytes_of(message), message.size()) == 1 &&
                    EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1;
  RHUMB_ASSERT(done && size == out.size());
  return out;
}

std::array<uint8_t, 32> sha256(std::string_view message) noexcept { return hash<32>(md_sha256(), {message}); }
std::array<uint8_t, 20> sha1(std::string_view message) noexcept { return hash<20>(md_sha1(), {message}); }

struct Aead::Contexts {
  // The key schedule stays in the contexts; each message only brings its nonce.
  EVP_CIPHER_CTX* seal = new_cipher();
  EVP_CIPHER_CTX* open = new_cipher();
  Contexts() = default;
  Contexts(const Contexts&) = delete;
  Contexts& operator=(const Contexts&) = delete;
  ~Contexts() {
    EVP_CIPHER_CTX_free(seal);
    EVP_CIPHER_CTX_free(open);
  }
};

/// In a context of its own, whose state is the key at the end.
Aead::Key Aead::derive(std::string_view secret) noexcept {
  const EVP_MD* md = md_sha256();
  const SecretScope scope;
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  return hash_in<32>(context.get(), md, {"rhumb aead v1", secret});
}

Aead::Aead(const Key& key) : contexts_(std::make_unique<Contexts>()) {
  RHUMB_ASSERT(contexts_->seal != nullptr && contexts_->open != nullptr && aes_gcm() != nullptr);
  const SecretScope scope;
  RHUMB_ASSERT(EVP_EncryptInit_ex2(contexts_->seal, aes_gcm(), key.data(), nullptr, nullptr) == 1);
  RHUMB_ASSERT(EVP_DecryptInit_ex2(contexts_->open, aes_gcm(), key.data(), nullptr, nullptr) == 1);
}
Aead::~Aead() = default;
Aead::Aead(Aead&&) noexcept = default;
Aead& Aead::operator=(Aead&&) noexcept = default;

bool Aead::seal(std::string_view plain, Associated associated, uint8_t* out) const noexcept {
  if (plain.size() > INT_MAX - kOverhead || too_long(associated)) return false;
  // Straight from the kernel: a copy of the process must never draw the same nonce.
  random_bytes({out, kNonce});
  EVP_CIPHER_CTX* ctx = contexts_->seal;
  uint8_t* body = out + kNonce;
  int n = 0, last = 0;
  const bool done = EVP_EncryptInit_ex2(ctx, nullptr, nullptr, out, nullptr) == 1 &&
                    authenticate(ctx, associated, EVP_EncryptUpdate) &&
                    EVP_EncryptUpdate(ctx, body, &n, bytes_of(plain), static_cast<int>(plain.size())) == 1 &&
                    EVP_EncryptFinal_ex(ctx, body + n, &last) == 1 &&
                    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, kTag, body + plain.size()) == 1;
  RHUMB_ASSERT(done);
  return true;
}

bool Aead::open(std::span<const uint8_t> sealed, Associated associated, uint8_t* out) const noexcept {
  if (sealed.size() < kOverhead || sealed.size() > INT_MAX || too_long(associated)) return false;
  const size_t size = sealed.size() - kOverhead;
  EVP_CIPHER_CTX* ctx = contexts_->open;
  int n = 0, last = 0;
  std::array<uint8_t, kTag> tag;
  std::memcpy(tag.data(), sealed.data() + kNonce + size, kTag);
  const bool genuine = EVP_DecryptInit_ex2(ctx, nullptr, nullptr, sealed.data(), nullptr) == 1 &&
                       authenticate(ctx, associated, EVP_DecryptUpdate) &&
                       EVP_DecryptUpdate(ctx, out, &n, sealed.data() + kNonce, static_cast<int>(size)) == 1 &&
                       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, kTag, tag.data()) == 1 &&
                       EVP_DecryptFinal_ex(ctx, out + n, &last) == 1;
  if (!genuine) OPENSSL_cleanse(out, size);
  return genuine;
}

size_t base64url_encode(std::span<const uint8_t> bytes, char* to) noexcept {
  char* at = to;
  uint32_t bits = 0;
  int held = 0;
  for (const uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    held += 8;
    while (held >= 6) *at++ = kUrlAlphabet[bits >> (held -= 6) & 63];
  }
  if (held > 0) *at++ = kUrlAlphabet[bits << (6 - held) & 63];
  return static_cast<size_t>(at - to);
}

std::optional<size_t> base64url_decode(std::string_view text, uint8_t* to) noexcept {
  if (text.size() % 4 == 1) return std::nullopt;
  uint8_t* at = to;
  uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const int value = url_value(c);
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(value);
    held += 6;
    if (held >= 8) *at++ = static_cast<uint8_t>(bits >> (held -= 8));
  }
  // Two texts for the same bytes would be two names for one token.
  if ((bits & ((1u << held) - 1)) != 0) return std::nullopt;
  return static_cast<size_t>(at - to);
}

std::string base64(std::span<const uint8_t> bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int n =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(), static_cast<int>(bytes.size()));
  out.resize(static_cast<size_t>(n));
  return out;
}

}  // namespace rhumb::base
