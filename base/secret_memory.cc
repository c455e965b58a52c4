// SPDX-License-Identifier: Apache-2.0
#include "base/secret_memory.h"

#include <openssl/crypto.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/check.h"

namespace rhumb::base {
namespace {

constexpr size_t kArena = 4 << 20;
constexpr size_t kLeast = 32;  // bytes that a piece of it has at least

thread_local int scopes = 0;

void* allocate(size_t size, const char* file, int line) {
  void* secret = scopes > 0 && size > 0 ? CRYPTO_secure_malloc(size, file, line) : nullptr;
  return secret != nullptr || size == 0 ? secret : std::malloc(size);
}

void release(void* at, const char* file, int line) {
  CRYPTO_secure_allocated(at) != 0 ? CRYPTO_secure_free(at, file, line) : std::free(at);
}

void* reallocate(void* at, size_t size, const char* file, int line) {
  if (at == nullptr || CRYPTO_secure_allocated(at) == 0) return std::realloc(at, size);
  void* other = allocate(size, file, line);
  if (other != nullptr) std::memcpy(other, at, std::min(size, CRYPTO_secure_actual_size(at)));
  if (other != nullptr || size == 0) release(at, file, line);
  return other;
}

bool prepare() noexcept {
  const bool ours = CRYPTO_set_mem_functions(allocate, reallocate, release) == 1;
  RHUMB_ASSERT(ours);
  return CRYPTO_secure_malloc_init(kArena, kLeast) != 0;
}

/// Whether there is an arena; without one (no address space left) all is ordinary memory.
bool prepared() noexcept {
  static const bool done = prepare();
  return done;
}
// OpenSSL takes other functions before its first allocation only: so before main(), at the latest.
[[maybe_unused]] const bool before_main = prepared();

}  // namespace

void* secret_allocate(size_t size) {
  void* at = prepared() ? OPENSSL_secure_malloc(size) : nullptr;
  return at != nullptr ? at : ::operator new(size);
}

void secret_free(void* at, size_t size) noexcept {
  if (CRYPTO_secure_allocated(at) != 0) return OPENSSL_secure_free(at);  // which zeroes
  OPENSSL_cleanse(at, size);
  ::operator delete(at);
}

Secret Secret::taken_from(std::string& text) {
  Secret secret(text);
  wipe(text);
  return secret;
}

bool Secret::operator==(const Secret& other) const noexcept {
  return size() == other.size() && CRYPTO_memcmp(bytes_.data(), other.bytes_.data(), size()) == 0;
}

SecretScope::SecretScope() noexcept {
  prepared();
  ++scopes;
}
SecretScope::~SecretScope() { --scopes; }

void wipe(std::span<uint8_t> bytes) noexcept { OPENSSL_cleanse(bytes.data(), bytes.size()); }

void wipe(std::string& text) noexcept {
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

void set_dumpable(bool allowed) noexcept { ::prctl(PR_SET_DUMPABLE, allowed ? 1 : 0, 0, 0, 0); }

}  // namespace rhumb::base
