// SPDX-License-Identifier: Apache-2.0
// The process's budget of file descriptors: all it may have, and a few kept back for the control thread, so that the
// admin listener answers and a reload works when connections have used up the rest. Any thread.
#pragma once
#include <cstdint>

namespace rhumb::base {

/// Leads standard input, output and error to /dev/null where they are closed: else the next thing that is opened, a
/// client's connection say, would get the number, and what is said would go there. First of all, in main().
void open_standard_descriptors() noexcept;

/// RLIMIT_NOFILE as it is now.
uint64_t descriptor_limit() noexcept;
/// With fewer nobody can be served: clients get 45 of each whole hundred (proxy/compile.cc).
inline constexpr uint64_t kLeastDescriptors = 100;
/// Lifts the soft limit to the hard one, which needs no privilege. Returns what is in force.
uint64_t raise_descriptor_limit() noexcept;

/// The last 32 numbers below the limit (an eighth of a small one) are reserved from now on. The kernel hands out the
/// lowest free number, so one that is as high means that nothing else is left.
void reserve_descriptors(uint64_t limit) noexcept;
/// Whether who got this one must give it back. Never before reserve_descriptors().
bool reserved_descriptor(int fd) noexcept;

}  // namespace rhumb::base
