// SPDX-License-Identifier: Apache-2.0
#include "base/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>

#include "base/subprocess.h"

namespace rhumb::base {
namespace {

constexpr int kRefused = 3;  // not 1, which sanitizers end with

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kLimitMemory = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kLimitMemory = false;
#else
constexpr bool kLimitMemory = true;
#endif
#else
constexpr bool kLimitMemory = true;
#endif

std::string system_error(const char* what) { return fmt::format("{}: {}", what, std::strerror(errno)); }

/// Above its soft limit of processor time the kernel sends SIGXCPU, above the hard one SIGKILL: the former says more.
void limit(__rlimit_resource what, rlim_t soft, rlim_t hard) noexcept {
  const rlimit both{soft, hard};
  setrlimit(what, &both);
}

/// The answer of a child that has no memory left to make one.
char out_of_memory[64];

[[noreturn]] void refuse_for_memory() noexcept {
  const size_t size = std::strlen(out_of_memory);
  _exit(write(STDOUT_FILENO, out_of_memory, size) == static_cast<ssize_t>(size) ? kRefused : 1);
}

}  // namespace

Result<void, std::string> run_child(const char* command, int fd, const ChildLimits& limits) {
  Command child;
  child.argv = {"/proc/self/exe", command, "3"};
  child.pass_fd = fd;
  child.timeout = limits.time;
  auto finished = run_program(child);
  if (!finished)
    return Unexpected(fmt::format("the process that checks it could not be started: {}", finished.error()));
  if (finished->ok()) return {};
  if (finished->timed_out || finished->signal == SIGXCPU)
    return Unexpected(fmt::format("its check took more than {} s", limits.time.count()));
  if (finished->exit_code == kRefused && !finished->output.empty()) return Unexpected(std::move(finished->output));
  return Unexpected(fmt::format("the process that checked it died ({})", finished->describe()));
}

int child_main(int fd, const ChildLimits& limits, ChildWork work) noexcept {
  const auto seconds = static_cast<rlim_t>(limits.time.count());
  fmt::format_to_n(out_of_memory, sizeof out_of_memory - 1, "its check needs more than {} MiB of memory",
                   limits.memory >> 20);
  std::set_new_handler(refuse_for_memory);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody would hear what it finds
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_CPU, seconds, seconds + 1);
  if (kLimitMemory) limit(RLIMIT_AS, limits.memory, limits.memory);
  const auto result = work(fd);
  if (result) return 0;
  const std::string& why = result.error();
  return write(STDOUT_FILENO, why.data(), why.size()) == static_cast<ssize_t>(why.size()) ? kRefused : 1;
}

Result<MemoryFile, std::string> MemoryFile::of(std::string_view bytes) {
  MemoryFile file(memfd_create("rhumb-file", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (file.fd() < 0) return Unexpected(system_error("no memory for a copy"));
  if (const auto written = rewrite_descriptor(file.fd(), bytes); !written) return Unexpected(written.error());
  return file;
}

MemoryFile::~MemoryFile() {
  if (fd_ >= 0) close(fd_);
}

Result<std::string, std::string> MemoryFile::sealed(size_t limit) {
  struct stat info {};
  if (fcntl(fd_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
    return Unexpected(system_error("cannot be sealed"));
  if (fstat(fd_, &info) != 0) return Unexpected(system_error("cannot be read"));
  if (static_cast<uint64_t>(info.st_size) > limit)
    return Unexpected(fmt::format("it has {} bytes, and {} are allowed", info.st_size, limit));
  return read_descriptor(fd_);
}

Result<std::string, std::string> read_descriptor(int fd) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return Unexpected(system_error("cannot be read"));
  std::string bytes(static_cast<size_t>(info.st_size), '\0');
  for (size_t filled = 0; filled < bytes.size();) {
    const ssize_t got = pread(fd, bytes.data() + filled, bytes.size() - filled, static_cast<off_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Unexpected(system_error("cannot be read"));
    filled += static_cast<size_t>(got);
  }
  return bytes;
}

Result<void, std::string> rewrite_descriptor(int fd, std::string_view bytes) {
  if (ftruncate(fd, 0) != 0) return Unexpected(system_error("cannot be written"));
  for (off_t at = 0; !bytes.empty();) {
    const ssize_t done = pwrite(fd, bytes.data(), bytes.size(), at);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return Unexpected(system_error("cannot be written"));
    bytes.remove_prefix(static_cast<size_t>(done));
    at += done;
  }
  return {};
}

}  // namespace rhumb::base
