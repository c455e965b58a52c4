// SPDX-License-Identifier: Apache-2.0
// Starts threads where the system may have no room for one (a limit of tasks, of processes, of memory). Any thread.
#pragma once
#include <fmt/format.h>

#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "base/result.h"

namespace rhumb::base {

/// `work` runs in `thread`, which must not be joinable. Else why not, in words; `work` is gone then, too.
template <class Work>
Result<void, std::string> start_thread(std::thread& thread, Work&& work) {
  try {
    thread = std::thread(std::forward<Work>(work));
    return {};
  } catch (const std::system_error& error) {
    return Unexpected(fmt::format("cannot start a thread: {}", error.code().message()));
  } catch (const std::bad_alloc&) {
    return Unexpected(std::string("cannot start a thread: no memory"));
  }
}

}  // namespace rhumb::base
