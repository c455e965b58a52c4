// SPDX-License-Identifier: Apache-2.0
#include "net/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.h"

namespace rhumb::net {

Mailbox::Mailbox(Loop& loop) : bell_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  RHUMB_ASSERT(bell_.get() >= 0);
  watch_.start_level(loop, bell_.get(), *this);
}

void Mailbox::post(std::function<void()> work) {
  bool first;
  {
    std::lock_guard lock(mutex_);
    first = letters_.empty();
    letters_.push_back(std::move(work));
  }
  if (!first) return;  // the bell already rings
  const uint64_t one = 1;
  while (::write(bell_.get(), &one, sizeof one) < 0 && errno == EINTR) {
  }
}

void Mailbox::on_ready(Ready) noexcept {
  uint64_t rings = 0;
  while (::read(bell_.get(), &rings, sizeof rings) < 0 && errno == EINTR) {
  }
  std::vector<std::function<void()>> mail;
  {
    std::lock_guard lock(mutex_);
    mail.swap(letters_);
  }
  for (auto& letter : mail) letter();
}

}  // namespace rhumb::net
