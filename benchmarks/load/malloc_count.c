// SPDX-License-Identifier: Apache-2.0
// Counts the allocations of a process. Preloaded; at exit it appends one line, "pid allocations frees", to the file named by
// MALLOC_COUNT_FILE. C++ operator new ends in malloc and is counted with it.
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// glibc's own entries: no symbol look-up, which would allocate itself.
extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);
extern void __libc_free(void*);

static atomic_ulong allocations, frees;

static void count(void) { atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed); }

void* malloc(size_t size) { return count(), __libc_malloc(size); }
void* calloc(size_t number, size_t size) { return count(), __libc_calloc(number, size); }
void* realloc(void* old, size_t size) { return count(), __libc_realloc(old, size); }
void* memalign(size_t alignment, size_t size) { return count(), __libc_memalign(alignment, size); }
void* aligned_alloc(size_t alignment, size_t size) { return count(), __libc_memalign(alignment, size); }
int posix_memalign(void** to, size_t alignment, size_t size) {
  count();
  *to = __libc_memalign(alignment, size);
  return *to == NULL ? ENOMEM : 0;
}
void free(void* what) {
  if (what != NULL) atomic_fetch_add_explicit(&frees, 1, memory_order_relaxed);
  __libc_free(what);
}

__attribute__((destructor)) static void report(void) {
  const char* path = getenv("MALLOC_COUNT_FILE");
  if (path == NULL) return;
  char line[96];
  const int size = snprintf(line, sizeof line, "%d %lu %lu\n", (int)getpid(), atomic_load(&allocations), atomic_load(&frees));
  const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return;
  if (write(fd, line, (size_t)size) != size) {
    // Nothing can be done about it here; the reader misses a line and says so.
  }
  close(fd);
}
