// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/decision/allocations.h"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {
thread_local uint64_t made = 0;  // of this thread: what others do is no concern of a test
}

void* operator new(size_t bytes) {
  ++made;
  void* memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) std::abort();
  return memory;
}
// The library's own would pair with its plain ones, not with these.
void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return operator new(bytes); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace rhumb::decision {

uint64_t allocations() noexcept { return made; }

}  // namespace rhumb::decision
