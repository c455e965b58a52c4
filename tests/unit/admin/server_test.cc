// SPDX-License-Identifier: Apache-2.0
#include "admin/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

namespace rhumb::admin {
namespace {

/// The machine's clock, which a test may set forward.
class ShiftedClock final : public base::Clock {
 public:
  base::Instant now() const noexcept override { return real_.now() + shift_; }
  base::WallTime wall() const noexcept override { return real_.wall() + shift_; }
  void advance(base::Micros by) noexcept { shift_ += by; }

 private:
  base::SystemClock real_;
  base::Micros shift_{};
};

/// A server and its clients on one loop, driven by the test.
class AdminServer : public ::testing::Test {
 protected:
  AdminServer() {
    auto fd = net::listen_tcp({*base::IpAddress::parse("127.0.0.1"), 0}, 256);
    RHUMB_ASSERT(fd.has_value());
    address_ = net::local_address(fd->get());
    serve(std::move(*fd));
  }
  void serve(net::Fd fd) {
    server_.reset();
    server_ = std::make_unique<Server>(loop_, std::move(fd), [this](const Request& request) -> Response {
      ++handled_;
      if (request.path == "/hello") return {200, "text/plain", "hello\n"};
      if (request.path == "/big") return {200, "text/plain", std::string(4 << 20, 'x')};
      if (request.path == "/echo") return {200, "text/plain", request.parameter("q")};
      return {404, "application/json", "{}\n"};
    });
  }
  net::Fd dial() {
    sockaddr_storage storage{};
    const socklen_t size = address_.fill(storage);
    net::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), size), 0);
    return fd;
  }
  static void say(const net::Fd& fd, std::string_view bytes) {
    ASSERT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  /// Turns the loop until the server has ended this connection; everything it said.
  std::string read_to_end(const net::Fd& fd) {
    std::string text;
    char buffer[65536];
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (std::chrono::steady_clock::now() < deadline) {
      loop_.turn(base::Millis(1));
      const ssize_t n = ::recv(fd.get(), buffer, sizeof buffer, MSG_DONTWAIT);
      if (n > 0) text.append(buffer, static_cast<size_t>(n));
      if (n == 0 || (n < 0 && errno != EAGAIN)) return text;
    }
    ADD_FAILURE() << "the connection was not ended; so far: " << text.substr(0, 200);
    return text;
  }
  /// Turns until the server has taken in what was sent.
  void settle() {
    for (int i = 0; i < 20; ++i) loop_.turn(base::Millis(1));
  }
  std::string ask(std::string_view request) {
    const net::Fd fd = dial();
    say(fd, request);
    return read_to_end(fd);
  }
  static std::string get(const std::string& target, const std::string& fields = "Host: localhost\r\n") {
    return "GET " + target + " HTTP/1.1\r\n" + fields + "\r\n";
  }
  static std::string status(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }
  static std::string body(const std::string& answer) {
    const size_t at = answer.find("\r\n\r\n");
    return at == std::string::npos ? "" : answer.substr(at + 4);
  }

  ShiftedClock clock_;
  net::Loop loop_{clock_};
  base::SocketAddress address_;
  int handled_ = 0;
  std::unique_ptr<Server> server_;
};

TEST_F(AdminServer, AnswersAGetAndCloses) {
  const std::string answer = ask(get("/hello"));
  EXPECT_EQ(status(answer), "HTTP/1.1 200 OK");
  EXPECT_EQ(body(answer), "hello\n");
  EXPECT_NE(answer.find("Content-Length: 6\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Content-Type: text/plain\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Cache-Control: no-store\r\n"), std::string::npos);
}

TEST_F(AdminServer, AHeadHasTheLengthOfTheGetButNoBody) {
  const std::string answer = ask("HEAD /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(status(answer), "HTTP/1.1 200 OK");
  EXPECT_NE(answer.find("Content-Length: 6\r\n"), std::string::npos);
  EXPECT_EQ(body(answer), "");
}

TEST_F(AdminServer, TheHandlersStatusIsTold) { EXPECT_EQ(status(ask(get("/nowhere"))), "HTTP/1.1 404 Not Found"); }

TEST_F(AdminServer, OtherMethodsAreRefused) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"})
    EXPECT_EQ(status(ask(std::string(method) + " /hello HTTP/1.1\r\nHost: localhost\r\n\r\n")).substr(9, 3), "405")
        << method;
  EXPECT_EQ(handled_, 0);
}

TEST_F(AdminServer, ARequestFromAPageIsRefused) {
  EXPECT_EQ(status(ask(get("/hello", "Host: localhost\r\nOrigin: http://localhost\r\n"))).substr(9, 3), "403");
  EXPECT_EQ(status(ask(get("/hello", "Host: localhost\r\nOrigin: null\r\n"))).substr(9, 3), "403");
  EXPECT_EQ(handled_, 0);
}

TEST_F(AdminServer, AForeignHostIsRefused) {
  for (const char* host : {"evil.example", "evil.example:9901", "localhost.evil.example", "127.0.0.1.evil.example"})
    EXPECT_EQ(status(ask(get("/hello", std::string("Host: ") + host + "\r\n"))).substr(9, 3), "403") << host;
  EXPECT_EQ(handled_, 0);
}

TEST_F(AdminServer, AddressesAndLocalhostAreItsOwnNames) {
  for (const char* host : {"localhost", "localhost:9901", "127.0.0.1", "127.0.0.1:9901", "[::1]", "[::1]:9901"})
    EXPECT_EQ(status(ask(get("/hello", std::string("Host: ") + host + "\r\n"))), "HTTP/1.1 200 OK") << host;
}

TEST_F(AdminServer, GarbageIsABadRequest) {
  EXPECT_EQ(status(ask("\x16\x03\x01 this is no HTTP\r\n\r\n")).substr(9, 3), "400");
  EXPECT_EQ(status(ask("GET /hello HTTP/1.1\r\nHost : localhost\r\n\r\n")).substr(9, 3), "400");
  EXPECT_EQ(handled_, 0);
}

TEST_F(AdminServer, AnEndlessHeadIsRefused) {
  const std::string answer = ask("GET /hello HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(20'000, 'x'));
  EXPECT_EQ(status(answer).substr(9, 3), "431");
}

TEST_F(AdminServer, AHeadMayComeInPieces) {
  const net::Fd fd = dial();
  const std::string request = get("/hello");
  for (const char c : request) {
    say(fd, std::string_view(&c, 1));
    loop_.turn(base::Millis(1));
  }
  EXPECT_EQ(body(read_to_end(fd)), "hello\n");
}

TEST_F(AdminServer, ASlowHeadIsCut) {
  const net::Fd slow = dial();
  say(slow, "GET /hello HTTP/1.1\r\nHost: loc");
  settle();
  clock_.advance(base::Seconds(4));
  settle();
  char byte;
  EXPECT_EQ(::recv(slow.get(), &byte, 1, MSG_DONTWAIT), -1) << "it has five seconds";
  clock_.advance(base::Seconds(2));
  EXPECT_EQ(read_to_end(slow), "");
  EXPECT_EQ(handled_, 0);
}

TEST_F(AdminServer, ALongAnswerArrivesWhole) { EXPECT_EQ(body(ask(get("/big"))).size(), size_t{4} << 20); }

TEST_F(AdminServer, AClientThatLeavesLeavesNothingBehind) {
  for (int i = 0; i < 200; ++i) {
    const net::Fd fd = dial();
    say(fd, "GET /hel");
    loop_.turn(base::Millis(1));
  }
  settle();
  EXPECT_EQ(status(ask(get("/hello"))), "HTTP/1.1 200 OK");
}

TEST_F(AdminServer, TooManySilentClientsDoNotPileUp) {
  std::vector<net::Fd> silent;
  for (int i = 0; i < 80; ++i) silent.push_back(dial());
  for (int i = 0; i < 200; ++i) loop_.turn(base::Millis(1));
  EXPECT_EQ(read_to_end(silent.back()), "") << "more than it takes: ended at once";
  char byte;
  EXPECT_EQ(::recv(silent.front().get(), &byte, 1, MSG_DONTWAIT), -1) << "the first ones stay";
  clock_.advance(base::Seconds(6));
  settle();
  EXPECT_EQ(status(ask(get("/hello"))), "HTTP/1.1 200 OK") << "once they are cut there is room again";
}

TEST_F(AdminServer, EndsItsConnectionsWhenItGoes) {
  const net::Fd fd = dial();
  say(fd, "GET /hel");
  settle();
  server_.reset();
  EXPECT_EQ(read_to_end(fd), "");
}

TEST_F(AdminServer, ServesAUnixSocket) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("rhumb-admin-" + std::to_string(::getpid()) + ".sock")).string();
  auto listener = net::listen_unix(path, 0600);
  ASSERT_TRUE(listener.has_value());
  serve(std::move(*listener));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const net::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  say(fd, get("/hello"));
  EXPECT_EQ(body(read_to_end(fd)), "hello\n");
  ::unlink(path.c_str());
}

TEST_F(AdminServer, AParameterReachesTheHandlerDecoded) { EXPECT_EQ(body(ask(get("/echo?q=a%20b"))), "a b"); }

TEST(AdminRequest, ParametersAreFoundAndDecoded) {
  const Request request{"/v1/explain", "ip=1.2.3.4&path=%2Fa%2fb&text=a+b&bad=%zz&short=%4&empty=&percent=%25"};
  EXPECT_EQ(request.parameter("ip"), "1.2.3.4");
  EXPECT_EQ(request.parameter("path"), "/a/b");
  EXPECT_EQ(request.parameter("text"), "a b");
  EXPECT_EQ(request.parameter("bad"), "%zz") << "what is no escape stands for itself";
  EXPECT_EQ(request.parameter("short"), "%4");
  EXPECT_EQ(request.parameter("empty"), "");
  EXPECT_EQ(request.parameter("percent"), "%");
  EXPECT_EQ(request.parameter("absent"), "");
}

}  // namespace
}  // namespace rhumb::admin
