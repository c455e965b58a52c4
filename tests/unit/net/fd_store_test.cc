// SPDX-License-Identifier: Apache-2.0
#include "net/fd_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace rhumb::net {
namespace {

const base::SocketAddress kAnyPort{*base::IpAddress::parse("127.0.0.1"), 0};

Fd listening(const base::SocketAddress& at = kAnyPort) {
  auto fd = listen_tcp(at, 16);
  EXPECT_TRUE(fd.has_value());
  return std::move(*fd);
}

std::vector<Inherited> with(std::string name, Fd fd) {
  std::vector<Inherited> out;
  out.push_back({std::move(name), std::move(fd)});
  return out;
}

/// Runs `body` in a process of its own, in which descriptors from 3 on are free to be given, and returns what that
/// says.
template <class Body>
int in_child(Body body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Descriptors 3 and 4 are sockets; the variables say so.
void give_two(const std::string& pid, const char* names) {
  const Fd a(::fcntl(listening().release(), F_DUPFD, 10)), b(::fcntl(listening().release(), F_DUPFD, 10));
  ::dup2(a.get(), 3);
  ::dup2(b.get(), 4);
  ::setenv("LISTEN_PID", pid.c_str(), 1);
  ::setenv("LISTEN_FDS", "2", 1);
  names != nullptr ? ::setenv("LISTEN_FDNAMES", names, 1) : ::unsetenv("LISTEN_FDNAMES");
}

TEST(TakeInherited, GivesThemWithTheirNamesAndClosesThemForChildren) {
  EXPECT_EQ(in_child([] {
              give_two(std::to_string(::getpid()), "web:tls");
              const auto all = take_inherited(false);
              if (all.size() != 2 || all[0].name != "web" || all[1].name != "tls") return 1;
              if (all[0].fd.get() != 3 || all[1].fd.get() != 4) return 2;
              if ((::fcntl(3, F_GETFD) & FD_CLOEXEC) == 0) return 3;
              return std::getenv("LISTEN_FDS") == nullptr && std::getenv("LISTEN_FDNAMES") == nullptr ? 0 : 4;
            }),
            0);
}

TEST(TakeInherited, LeavesThoseOfAnotherProcessAlone) {
  EXPECT_EQ(in_child([] {
              give_two("1", nullptr);
              return static_cast<int>(take_inherited(false).size());
            }),
            0);
  EXPECT_EQ(in_child([] {
              give_two("1", nullptr);
              const auto all = take_inherited(true);
              return all.size() == 2 && all[1].name == "unknown" ? 0 : 1;
            }),
            0);
}

TEST(TakeInherited, BelievesNoNonsense) {
  EXPECT_EQ(in_child([] {
              ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
              for (const char* count : {"", "x", "-1", "99999999999", "2x"}) {
                ::setenv("LISTEN_FDS", count, 1);
                ::closefrom(3);
                if (!take_inherited(true).empty()) return 1;
              }
              ::setenv("LISTEN_FDS", "2", 1);  // which are not open
              return static_cast<int>(take_inherited(true).size());
            }),
            0);
}

TEST(TakeListener, FindsItByItsAddress) {
  Fd fd = listening();
  const base::SocketAddress at = local_address(fd.get());
  const int number = fd.get();
  auto from = with("whatever", std::move(fd));
  EXPECT_FALSE(take_tcp_listener(from, {at.ip, static_cast<uint16_t>(at.port ^ 1)}, "whatever"));
  const Fd found = take_tcp_listener(from, at, "web");
  EXPECT_EQ(found.get(), number);
  EXPECT_TRUE(from.empty());
}

TEST(TakeListener, WithAnyPortByItsName) {
  auto from = with("web", listening());
  EXPECT_FALSE(take_tcp_listener(from, kAnyPort, "other"));
  EXPECT_TRUE(take_tcp_listener(from, kAnyPort, "web"));
}

TEST(TakeListener, OneThatDoesNotListenIsNone) {
  auto from = with("web", Fd(::socket(AF_INET, SOCK_STREAM, 0)));
  EXPECT_FALSE(take_tcp_listener(from, kAnyPort, "web"));
}

TEST(TakeListener, FindsAUnixSocketByItsPath) {
  const std::string path = ::testing::TempDir() + "/fd_store." + std::to_string(::getpid());
  auto fd = listen_unix(path, 0600);
  ASSERT_TRUE(fd.has_value());
  auto from = with("admin", std::move(*fd));
  EXPECT_FALSE(take_unix_listener(from, path + "2"));
  EXPECT_FALSE(take_unix_listener(from, ""));
  EXPECT_FALSE(take_tcp_listener(from, kAnyPort, "admin"));
  EXPECT_TRUE(take_unix_listener(from, path));
  std::filesystem::remove(path);
}

TEST(AdoptListener, MakesItNonBlockingAndRefusesWhatCannotListen) {
  Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
  ASSERT_TRUE(adopt_listener(fd, 16).has_value());  // the kernel binds it to any port
  EXPECT_NE(::fcntl(fd.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(accept_one(fd.get()).error, EAGAIN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const Fd reader(ends[0]), writer(ends[1]);
  EXPECT_FALSE(adopt_listener(reader, 16).has_value());
}

/// A manager's socket.
struct Manager {
  explicit Manager(bool abstract) : fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    name = abstract ? "@rhumb-fd-store-test-" + std::to_string(::getpid()) : ::testing::TempDir() + "/notify.sock";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path);
    if (abstract) address.sun_path[0] = '\0';
    ::unlink(name.c_str());
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address),
                     static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())),
              0);
  }
  Fd fd;
  std::string name;
};

TEST(Notify, CarriesTextAndDescriptors) {
  for (const bool abstract : {false, true}) {
    Manager manager(abstract);
    const Fd a = listening(), b = listening();
    const int fds[] = {a.get(), b.get()};
    ASSERT_TRUE(notify(manager.name, "FDSTORE=1\nFDNAME=web", fds));
    char text[256];
    alignas(cmsghdr) char control[256];
    iovec piece{text, sizeof text};
    msghdr header{nullptr, 0, &piece, 1, control, sizeof control, 0};
    const ssize_t got = ::recvmsg(manager.fd.get(), &header, MSG_DONTWAIT);
    ASSERT_GT(got, 0);
    EXPECT_EQ(std::string(text, static_cast<size_t>(got)), "FDSTORE=1\nFDNAME=web");
    const cmsghdr* rights = CMSG_FIRSTHDR(&header);
    ASSERT_NE(rights, nullptr);
    ASSERT_EQ(rights->cmsg_len, CMSG_LEN(2 * sizeof(int)));
    int received[2];
    std::memcpy(received, CMSG_DATA(rights), sizeof received);
    EXPECT_EQ(local_address(received[0]), local_address(a.get()));
    EXPECT_EQ(local_address(received[1]), local_address(b.get()));
    ::close(received[0]), ::close(received[1]);
  }
}

TEST(Notify, WithoutAManagerNothingHappens) {
  EXPECT_FALSE(notify("", "READY=1"));
  EXPECT_FALSE(notify("/nowhere/at/all", "READY=1"));
  EXPECT_FALSE(notify(std::string(300, 'x'), "READY=1"));
}

}  // namespace
}  // namespace rhumb::net
