// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin_client.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "http/interim.h"

namespace rhumb::proxy {
namespace {

/// A listener that takes one request and says what it was told to say.
class OneAnswer {
 public:
  explicit OneAnswer(std::string bytes, bool keep_open = false) {
    auto fd = net::listen_tcp({*base::IpAddress::parse("127.0.0.1"), 0}, 4);
    RHUMB_ASSERT(fd.has_value());
    listener_ = std::move(*fd);
    const int flags = ::fcntl(listener_.get(), F_GETFL);
    ::fcntl(listener_.get(), F_SETFL, flags & ~O_NONBLOCK);
    thread_ = std::thread([this, bytes = std::move(bytes), keep_open] { serve(bytes, keep_open); });
  }
  ~OneAnswer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  AdminClient client(std::string token = {}) const {
    return AdminClient({net::local_address(listener_.get()).to_string(), std::move(token)});
  }
  const std::string& request() {
    while (!done_.load()) std::this_thread::yield();
    return request_;
  }

 private:
  void serve(const std::string& bytes, bool keep_open) {
    const net::Fd fd(::accept(listener_.get(), nullptr, nullptr));
    if (!fd) return;
    char buffer[4096];
    const auto whole = [&] {
      const size_t end = request_.find("\r\n\r\n");
      const size_t length = request_.find("Content-Length: ");
      if (end == std::string::npos) return false;
      return length == std::string::npos || request_.size() - end - 4 >= std::stoul(request_.substr(length + 16));
    };
    while (!whole()) {
      const ssize_t n = ::recv(fd.get(), buffer, sizeof buffer, 0);
      if (n <= 0) return;
      request_.append(buffer, static_cast<size_t>(n));
    }
    done_.store(true);
    ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (!keep_open) return;
    while (::recv(fd.get(), buffer, sizeof buffer, 0) > 0) continue;
  }
  net::Fd listener_;
  std::string request_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

constexpr char kHello[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";

TEST(AdminClient, AsksAndReadsTheAnswer) {
  OneAnswer server(kHello);
  const auto answer = server.client().request("GET", "/healthz");
  ASSERT_TRUE(answer.has_value()) << answer.error();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->content_type, "text/plain");
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(server.request(), "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

TEST(AdminClient, SendsABodyAsJsonAndItsToken) {
  OneAnswer server(kHello);
  ASSERT_TRUE(server.client("secret-token").request("PUT", "/v1/x", "{\"a\":1}").has_value());
  EXPECT_EQ(server.request(),
            "PUT /v1/x HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret-token\r\nContent-Type: "
            "application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
}

TEST(AdminClient, AChangeWithoutABodySaysSo) {
  OneAnswer server(kHello);
  ASSERT_TRUE(server.client().request("DELETE", "/v1/x").has_value());
  EXPECT_EQ(server.request(), "DELETE /v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
}

TEST(AdminClient, TakesTheChunksOffABody) {
  OneAnswer server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  const auto answer = server.client().request("GET", "/");
  ASSERT_TRUE(answer.has_value()) << answer.error();
  EXPECT_EQ(answer->body, "abcde");
}

TEST(AdminClient, AnAnswerThatIsNoneIsAnError) {
  for (const char* bytes : {"", "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
    OneAnswer server(bytes);
    const auto answer = server.client().request("GET", "/");
    ASSERT_FALSE(answer.has_value()) << bytes;
    EXPECT_TRUE(answer.error().starts_with("127.0.0.1:")) << answer.error();
  }
}

TEST(AdminClient, ASilentGatewayIsGivenUp) {
  OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", true);
  const auto answer = server.client().request("GET", "/", {}, base::Millis(50));
  ASSERT_FALSE(answer.has_value());
  EXPECT_NE(answer.error().find("no answer within the time"), std::string::npos) << answer.error();
}

TEST(AdminClient, NobodyThereIsToldWithAHint) {
  const auto answer = AdminClient({"unix:/nonexistent/admin.sock", ""}).request("GET", "/");
  ASSERT_FALSE(answer.has_value());
  EXPECT_NE(answer.error().find("is the gateway running"), std::string::npos) << answer.error();
  EXPECT_FALSE(AdminClient({"nonsense", ""}).request("GET", "/").has_value());
  EXPECT_FALSE(AdminClient({"unix:" + std::string(200, 'x'), ""}).request("GET", "/").has_value());
}

TEST(AdminClient, FollowsAStreamLineByLine) {
  OneAnswer server(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nfirst\n\r\n3\r\nsec\r\n5\r\nond\n\n\r\n4\r\nthe \r\n",
      true);
  std::vector<std::string> lines;
  const auto answer = server.client().follow("/v1/events", [&](std::string_view line) {
    lines.emplace_back(line);
    return lines.size() < 3;
  });
  ASSERT_TRUE(answer.has_value()) << answer.error();
  EXPECT_EQ(lines, (std::vector<std::string>{"first", "second", ""})) << "and no more once it is enough";
}

TEST(AdminClient, AStreamThatIsRefusedIsAnAnswer) {
  OneAnswer server(
      "HTTP/1.1 403 Forbidden\r\nContent-Length: 43\r\n\r\n{\"error\":{\"code\":\"role\",\"message\":\"no no\"}}");
  const auto answer = server.client().follow("/v1/events", [](std::string_view) { return true; });
  ASSERT_TRUE(answer.has_value()) << answer.error();
  EXPECT_EQ(answer->status, 403);
  EXPECT_EQ(refusal_text(*answer), "no no");
}

TEST(AdminClient, WaitsThroughSomeInterimResponsesAndNotThroughMany) {
  std::string hints;
  for (int i = 0; i < http::kMaxInterims; ++i) hints += "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  OneAnswer some(hints + kHello);
  const auto answer = some.client().request("GET", "/");
  ASSERT_TRUE(answer.has_value()) << answer.error();
  EXPECT_EQ(answer->body, "hello");
  OneAnswer many(hints + "HTTP/1.1 100 Continue\r\n\r\n" + kHello);
  EXPECT_FALSE(many.client().request("GET", "/").has_value());
}

/// Says something again and again until its peer has heard enough.
class EndlessAnswer {
 public:
  explicit EndlessAnswer(const std::string& first, const std::string& again) {
    auto fd = net::listen_tcp({*base::IpAddress::parse("127.0.0.1"), 0}, 4);
    RHUMB_ASSERT(fd.has_value());
    listener_ = std::move(*fd);
    ::fcntl(listener_.get(), F_SETFL, ::fcntl(listener_.get(), F_GETFL) & ~O_NONBLOCK);
    thread_ = std::thread([this, first, again] {
      const net::Fd fd(::accept(listener_.get(), nullptr, nullptr));
      const timeval patience{20, 0};
      ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
      std::string bytes = first;
      while (::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0)
        for (bytes = again; bytes.size() < 60'000;) bytes += again;
    });
  }
  ~EndlessAnswer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  AdminClient client() const { return AdminClient({net::local_address(listener_.get()).to_string(), {}}); }

 private:
  net::Fd listener_;
  std::thread thread_;
};

TEST(AdminClient, WhoNeverPausesHasNoMoreTimeThanOthers) {
  EndlessAnswer server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n");
  const auto answer = server.client().request("GET", "/", {}, base::Millis(100));
  ASSERT_FALSE(answer.has_value());
  EXPECT_NE(answer.error().find("no answer within the time"), std::string::npos) << answer.error();
}

TEST(AdminClient, ALineWithoutEndIsGivenUpHoweverItIsCut) {
  EndlessAnswer server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n");
  const auto answer = server.client().follow("/", [](std::string_view) { return true; });
  ASSERT_FALSE(answer.has_value());
  EXPECT_NE(answer.error().find("a line has no end"), std::string::npos) << answer.error();
}

TEST(AdminClient, ARefusalWithoutEndIsGivenUp) {
  EndlessAnswer server("HTTP/1.1 403 Forbidden\r\n\r\n", std::string(30'000, 'x'));
  const auto answer = server.client().follow("/", [](std::string_view) { return true; });
  ASSERT_FALSE(answer.has_value());
  EXPECT_NE(answer.error().find("the answer has no end"), std::string::npos) << answer.error();
}

TEST(AdminClient, AStreamThatFallsSilentIsGivenUp) {
  OneAnswer server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na\n\r\n", true);
  const auto answer = server.client().follow(
      "/", [](std::string_view) { return true; }, base::Millis(50));
  EXPECT_FALSE(answer.has_value());
}

TEST(AdminClient, ARefusalIsToldInItsWords) {
  EXPECT_EQ(refusal_text({404, "", "{\"error\":{\"code\":\"x\",\"message\":\"there is no such region\"}}"}),
            "there is no such region");
  EXPECT_EQ(refusal_text({503, "", "draining\n"}), "draining");
  EXPECT_EQ(refusal_text({503, "", "{\"error\":3}"}), "{\"error\":3}");
  EXPECT_EQ(refusal_text({503, "", ""}), "status 503");
}

TEST(AdminClient, EscapesWhatWouldMeanSomethingElse) {
  EXPECT_EQ(escape_query("a b&c=/d%\xc3"), "a%20b%26c%3D/d%25%C3");
  EXPECT_EQ(escape_segment("eu/west 1"), "eu%2Fwest%201");
}

class FindGateway : public ::testing::Test {
 protected:
  FindGateway() {
    ::unsetenv("RHUMB_ADMIN");
    ::unsetenv("RHUMB_TOKEN_FILE");
    std::ofstream(file_) << "the-token\n";
  }
  ~FindGateway() override {
    ::unsetenv("RHUMB_ADMIN");
    ::unsetenv("RHUMB_TOKEN_FILE");
    std::filesystem::remove(file_);
  }
  const std::string file_ =
      (std::filesystem::temp_directory_path() / ("rhumb-token-" + std::to_string(::getpid()))).string();
};

TEST_F(FindGateway, ByArgumentEnvironmentOrDefault) {
  EXPECT_EQ(find_gateway("", "")->address, "unix:/run/rhumb/admin.sock");
  ::setenv("RHUMB_ADMIN", "127.0.0.1:1", 1);
  EXPECT_EQ(find_gateway("", "")->address, "127.0.0.1:1");
  EXPECT_EQ(find_gateway("127.0.0.1:2", "")->address, "127.0.0.1:2");
}

TEST_F(FindGateway, ATokenComesFromAFileAlone) {
  EXPECT_EQ(find_gateway("", "")->token, "");
  EXPECT_EQ(find_gateway("", file_)->token, "the-token");
  ::setenv("RHUMB_TOKEN_FILE", file_.c_str(), 1);
  EXPECT_EQ(find_gateway("", "")->token, "the-token");
  EXPECT_FALSE(find_gateway("", "/nonexistent/token").has_value());
  std::ofstream(file_) << "two words";
  EXPECT_FALSE(find_gateway("", "").has_value());
  std::ofstream(file_, std::ios::trunc) << "\n";
  EXPECT_FALSE(find_gateway("", "").has_value());
}

}  // namespace
}  // namespace rhumb::proxy
