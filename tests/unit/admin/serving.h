// SPDX-License-Identifier: Apache-2.0
// For tests: an admin server and its clients on one loop, driven by the test, on a clock that moves only when it is
// told.
#pragma once
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "admin/server.h"

namespace rhumb::admin::testing {

class Serving : public ::testing::Test {
 protected:
  using Handle = std::function<void(const Request&, Reply)>;
  void add(http::Method method, std::string_view pattern, Handle handle, Role role = Role::read, bool urgent = false) {
    router_.add({method, pattern, role, "a test",
                 [this, handle = std::move(handle)](const Request& request, Reply r) {
                   ++handled_;
                   handle(request, std::move(r));
                 },
                 urgent});
  }
  void serve(const AccessRules& rules = {}) {
    auto fd = net::listen_tcp({*base::IpAddress::parse("127.0.0.1"), 0}, 256);
    RHUMB_ASSERT(fd.has_value());
    address_ = net::local_address(fd->get());
    server_.reset();
    server_ = std::make_unique<Server>(loop_, std::move(*fd), Access(rules), router_, &audit_);
  }
  void serve_unix(const AccessRules& rules = {}) {
    path_ = (std::filesystem::temp_directory_path() / ("rhumb-admin-" + std::to_string(::getpid()) + ".sock")).string();
    auto fd = net::listen_unix(path_, 0600);
    RHUMB_ASSERT(fd.has_value());
    server_.reset();
    server_ = std::make_unique<Server>(loop_, std::move(*fd), Access(rules), router_, &audit_);
  }
  ~Serving() override {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  net::Fd dial() {
    sockaddr_storage storage{};
    socklen_t size = 0;
    if (path_.empty()) {
      size = address_.fill(storage);
    } else {
      auto* address = reinterpret_cast<sockaddr_un*>(&storage);
      address->sun_family = AF_UNIX;
      path_.copy(address->sun_path, sizeof address->sun_path - 1);
      size = sizeof *address;
    }
    net::Fd fd(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), size), 0);
    return fd;
  }
  static void say(const net::Fd& fd, std::string_view bytes) {
    ASSERT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  /// Turns the loop until the server has ended this connection; everything it said.
  std::string read_to_end(const net::Fd& fd) {
    std::string text;
    EXPECT_TRUE(until([&] { return !take(fd, text); })) << "not ended; so far: " << text.substr(0, 200);
    return text;
  }
  /// Turns the loop until `text` has come.
  std::string read_until(const net::Fd& fd, std::string_view wanted) {
    std::string text;
    const auto there = [&] { return text.find(wanted) != std::string::npos; };
    EXPECT_TRUE(until([&] { return there() || !take(fd, text) || there(); })) << text.substr(0, 200);
    EXPECT_TRUE(there()) << "so far: " << text.substr(0, 200);
    return text;
  }
  bool until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      loop_.turn(base::Millis(1));
    }
    return true;
  }
  /// Turns until the server has taken in what was sent.
  void settle() {
    for (int i = 0; i < 20; ++i) loop_.turn(base::Millis(1));
  }
  /// Nothing has come, and the connection is open.
  static bool quiet(const net::Fd& fd) {
    char byte;
    return ::recv(fd.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) == -1 && errno == EAGAIN;
  }
  std::string ask(std::string_view request) {
    const net::Fd fd = dial();
    say(fd, request);
    return read_to_end(fd);
  }
  /// Rules with tokens of a role: "0", "1", ... are callers of their own.
  static AccessRules callers(int count, Role role = Role::read) {
    AccessRules rules;
    for (int i = 0; i < count; ++i)
      rules.tokens.push_back({std::to_string(i), role, std::string(32, static_cast<char>('a' + i))});
    return rules;
  }
  static std::string get_as(int caller, const std::string& target) {
    return get(target,
               "Host: localhost\r\nAuthorization: Bearer " + std::string(32, static_cast<char>('a' + caller)) + "\r\n");
  }
  static std::string get(const std::string& target, const std::string& fields = "Host: localhost\r\n") {
    return "GET " + target + " HTTP/1.1\r\n" + fields + "\r\n";
  }
  static std::string post(const std::string& target, const std::string& body,
                          const std::string& fields = "Content-Type: application/json\r\n") {
    return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  static std::string status(const std::string& answer) {
    return answer.size() < 12 ? "no answer: " + answer : answer.substr(9, 3);
  }
  static std::string body(const std::string& answer) {
    const size_t at = answer.find("\r\n\r\n");
    return at == std::string::npos ? "" : answer.substr(at + 4);
  }
  static bool has(const std::string& answer, const std::string& text) { return answer.find(text) != std::string::npos; }

  base::ManualClock clock_;
  net::Loop loop_{clock_};
  base::SocketAddress address_;
  std::string path_;
  int handled_ = 0;
  Events events_{clock_};
  Audit audit_{events_};
  Router router_;
  std::unique_ptr<Server> server_;

 private:
  /// False: the end.
  static bool take(const net::Fd& fd, std::string& to) {
    char buffer[65536];
    const ssize_t n = ::recv(fd.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (n > 0) to.append(buffer, static_cast<size_t>(n));
    return n > 0 || (n < 0 && errno == EAGAIN);
  }
};

}  // namespace rhumb::admin::testing
