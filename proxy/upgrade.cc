// SPDX-License-Identifier: Apache-2.0
#include "proxy/upgrade.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/subprocess.h"

extern char** environ;

namespace rhumb::proxy {
namespace {

constexpr const char* kTellFd = "RHUMB_UPGRADE_FD";

/// Ours, but for what concerns this process alone.
std::vector<std::string> environment_for(const Upgrade::Named& sockets) {
  std::vector<std::string> out;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view one = *at;
    const bool ours = one.starts_with("LISTEN_") || one.starts_with("WATCHDOG_PID=") || one.starts_with(kTellFd);
    if (!ours) out.emplace_back(one);
  }
  std::string names;
  for (const auto& [name, fd] : sockets) names += (names.empty() ? "" : ":") + name;
  out.push_back(fmt::format("LISTEN_FDS={}", sockets.size()));
  out.push_back("LISTEN_FDNAMES=" + names);
  out.push_back(fmt::format("{}={}", kTellFd, 3 + sockets.size()));
  return out;
}

}  // namespace

Upgrade::Upgrade(net::Loop& loop, Done done)
    : loop_(loop),
      done_(std::move(done)),
      timer_([](void* self) noexcept { static_cast<Upgrade*>(self)->too_late(); }, this) {}

Upgrade::~Upgrade() {
  loop_.timers().remove(timer_);
  if (child_ > 0) end_child();
}

base::Result<pid_t, std::string> Upgrade::start(std::vector<std::string> argv, const Named& sockets,
                                                base::Micros limit) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    return base::Unexpected(fmt::format("no pipe: {}", std::strerror(errno)));
  told_.reset(ends[0]);
  const net::Fd tell(ends[1]);
  base::Launch launch{std::move(argv), environment_for(sockets), {}};
  for (const auto& [name, fd] : sockets) launch.fds.push_back(fd);
  launch.fds.push_back(tell.get());
  const auto pid = base::launch(launch);
  if (!pid) return pid;
  child_ = *pid;
  // By number: the header of glibc 2.36 declares its function for C alone.
  lives_.reset(static_cast<int>(::syscall(SYS_pidfd_open, child_, 0)));
  told_watch_.start_level(loop_, told_.get(), *this);
  lives_watch_.start_level(loop_, lives_.get(), *this);
  loop_.timers().arm(timer_, loop_.now() + limit);
  return pid;
}

void Upgrade::on_ready(net::Ready) noexcept {
  char byte = 0;
  const ssize_t got = ::read(told_.get(), &byte, 1);
  if (got == 1) return finish(std::exchange(child_, -1));
  if (got == 0) told_watch_.stop();  // it will not say it any more, and how it ends is heard next
  if (pollfd lives{lives_.get(), POLLIN, 0}; ::poll(&lives, 1, 0) == 1)
    finish(base::Unexpected(fmt::format("the new process ended ({})", end_child())));
}

void Upgrade::too_late() {
  finish(base::Unexpected(fmt::format("the new process did not serve in time ({})", end_child())));
}

void Upgrade::finish(base::Result<pid_t, std::string> result) {
  told_watch_.stop();
  lives_watch_.stop();
  loop_.timers().cancel(timer_);
  const Done done = std::move(done_);
  done(result);
}

/// How it ended; with our help when it had not yet.
std::string Upgrade::end_child() {
  const pid_t child = std::exchange(child_, -1);
  ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? fmt::format("exit code {}", WEXITSTATUS(status))
                           : fmt::format("signal {}", WTERMSIG(status));
}

Successor Successor::from_environment() {
  Successor one;
  if (const char* text = std::getenv(kTellFd); text != nullptr) {
    const int fd = std::atoi(text);
    if (fd > 2 && ::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) {
      one.tell_.reset(fd);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    }
    ::unsetenv(kTellFd);
  }
  return one;
}

bool Successor::orphaned() const noexcept {
  pollfd listens{tell_.get(), 0, 0};  // an error, once nobody reads from the pipe any more
  return active() && ::poll(&listens, 1, 0) == 1 && (listens.revents & POLLERR) != 0;
}

void Successor::serves() noexcept {
  if (!tell_) return;
  ::prctl(PR_SET_PDEATHSIG, 0);  // the other one goes now, and this one stays
  while (::write(tell_.get(), "1", 1) < 0 && errno == EINTR) {
  }
  tell_.reset();
}

net::Fd passed_text(std::string_view text) {
  net::Fd fd(::memfd_create("rhumb-passed", MFD_CLOEXEC));
  for (size_t done = 0; fd && done < text.size();) {
    const ssize_t n = ::pwrite(fd.get(), text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (n <= 0) return net::Fd();
    done += static_cast<size_t>(n);
  }
  return fd;
}

std::string take_text(std::vector<net::Inherited>& from, std::string_view name) {
  const auto found = std::find_if(from.begin(), from.end(), [&](const auto& one) { return one.name == name; });
  std::string text;
  if (found == from.end()) return text;
  char buffer[4096];
  for (ssize_t n = 1; n > 0; text.append(buffer, static_cast<size_t>(std::max<ssize_t>(n, 0))))
    n = ::pread(found->fd.get(), buffer, sizeof buffer, static_cast<off_t>(text.size()));
  from.erase(found);
  return text;
}

std::string own_binary() {
  std::string path(4096, '\0');
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
  path.resize(static_cast<size_t>(std::max<ssize_t>(length, 0)));
  // What the kernel appends once another file has the name.
  constexpr std::string_view kGone = " (deleted)";
  if (path.ends_with(kGone)) path.resize(path.size() - kGone.size());
  return path;
}

}  // namespace rhumb::proxy
