// SPDX-License-Identifier: Apache-2.0
#include "proxy/service.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>

#include "net/socket.h"

namespace rhumb::proxy {
namespace {

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() : path(::testing::TempDir() + "/service-" + std::to_string(::getpid()) + ".sock") {
    manager.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ::unlink(path.c_str());
    EXPECT_EQ(::bind(manager.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~ServiceTest() override { ::unlink(path.c_str()); }
  /// The next message; empty when there is none.
  std::string heard() {
    char text[4096];
    const ssize_t got = ::recv(manager.get(), text, sizeof text, MSG_DONTWAIT);
    return got > 0 ? std::string(text, static_cast<size_t>(got)) : "";
  }
  std::string path;
  net::Fd manager;
};

TEST_F(ServiceTest, TellsItsStatesInTheProtocolsWords) {
  Service service(path, base::Micros(0));
  service.ready("generation 1");
  EXPECT_EQ(heard(), "READY=1\nSTATUS=generation 1");
  service.status("two\nWATCHDOG=trigger");
  EXPECT_EQ(heard(), "STATUS=two WATCHDOG=trigger");
  service.reloading();
  const std::string reloading = heard();
  EXPECT_TRUE(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC=")) << reloading;
  EXPECT_GT(std::stoll(reloading.substr(reloading.rfind('=') + 1)), 0);
  service.stopping();
  EXPECT_EQ(heard(), "STOPPING=1");
  service.extend(base::Seconds(35));
  EXPECT_EQ(heard(), "EXTEND_TIMEOUT_USEC=35000000");
  service.handed_to(4711);
  EXPECT_EQ(heard(), "MAINPID=4711");
  service.forget("web");
  EXPECT_EQ(heard(), "FDSTOREREMOVE=1\nFDNAME=web");
}

TEST_F(ServiceTest, KeepsManySocketsInSeveralMessages) {
  Service service(path, base::Micros(0));
  std::vector<int> fds(300, manager.get());
  service.keep("web", fds);
  EXPECT_EQ(heard(), "FDSTORE=1\nFDNAME=web");
  EXPECT_EQ(heard(), "FDSTORE=1\nFDNAME=web");
  EXPECT_EQ(heard(), "");
  service.keep("web", {});
  EXPECT_EQ(heard(), "");
}

TEST_F(ServiceTest, FeedsTheWatchdogNotMoreThanTwiceAnInterval) {
  Service watched(path, base::Seconds(int64_t{3600} * 24 * 365 * 100));  // longer than any machine has been up
  for (int i = 0; i < 100; ++i) watched.alive();
  EXPECT_EQ(heard(), "WATCHDOG=1");
  EXPECT_EQ(heard(), "");
  Service unwatched(path, base::Micros(0));
  unwatched.alive();
  EXPECT_EQ(heard(), "");
}

TEST_F(ServiceTest, ReadsTheEnvironment) {
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  ::setenv("WATCHDOG_USEC", "2000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);  // somebody else's
  Service of_another = Service::from_environment();
  of_another.alive();
  EXPECT_EQ(heard(), "");
  ::unsetenv("WATCHDOG_PID");
  Service ours = Service::from_environment();
  ours.alive();
  EXPECT_EQ(heard(), "WATCHDOG=1");
  ::unsetenv("WATCHDOG_USEC");
  ::unsetenv("NOTIFY_SOCKET");
  Service none = Service::from_environment();
  none.ready("x");
  EXPECT_EQ(heard(), "");
}

}  // namespace
}  // namespace rhumb::proxy
