// SPDX-License-Identifier: Apache-2.0
#include "upstream/probe.h"

#include <gtest/gtest.h>

#include <optional>

#include "http/interim.h"
#include "tests/unit/upstream/scripted_endpoint.h"

namespace rhumb::upstream {
namespace {

using testing::ScriptedEndpoint;

class ProbeTest : public ::testing::Test {
 protected:
  ProbeResult run(const base::SocketAddress& endpoint, base::Micros timeout = base::Seconds(5)) {
    std::optional<ProbeResult> result;
    Probe probe(loop_, blocks_);
    probe.start({endpoint, "/health", "", timeout, 200, 299}, [&](const ProbeResult& r) { result = r; });
    EXPECT_FALSE(result.has_value()) << "never from inside start()";
    for (int i = 0; i < 1000 && !result; ++i) loop_.turn(base::Millis(10));
    return result.value_or(ProbeResult{false, {}, "no result"});
  }
  base::SystemClock clock_;
  base::BlockPool blocks_;
  net::Loop loop_{clock_};
};

TEST_F(ProbeTest, AnExpectedStatusIsGood) {
  ScriptedEndpoint endpoint(loop_, "HTTP/1.1 204 No Content\r\n\r\n");
  const ProbeResult result = run(endpoint.address());
  EXPECT_TRUE(result.ok) << result.error;
}

TEST_F(ProbeTest, AnInterimResponseIsNotTheAnswer) {
  ScriptedEndpoint endpoint(loop_, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(run(endpoint.address()).ok);
}

TEST_F(ProbeTest, AnotherStatusIsBadAndNamed) {
  ScriptedEndpoint endpoint(loop_, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(run(endpoint.address()).error, "status 302");
}

TEST_F(ProbeTest, NonsenseIsBad) {
  ScriptedEndpoint endpoint(loop_, "SSH-2.0-x\r\n\r\n");
  EXPECT_NE(run(endpoint.address()).error.find("malformed"), std::string::npos);
}

TEST_F(ProbeTest, SilenceIsBadAfterTheTimeout) {
  ScriptedEndpoint endpoint(loop_, "");
  EXPECT_EQ(run(endpoint.address(), base::Millis(50)).error, "no answer within 50 ms");
}

std::string times(int count, const std::string& text) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

constexpr const char* kHints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";
constexpr const char* kGood = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

TEST_F(ProbeTest, AsManyInterimResponsesAsRequestsGetAndNoMore) {
  ScriptedEndpoint some(loop_, times(http::kMaxInterims, kHints) + kGood);
  EXPECT_TRUE(run(some.address()).ok);
  ScriptedEndpoint many(loop_, times(http::kMaxInterims + 1, kHints) + kGood);
  EXPECT_EQ(run(many.address()).error, "too many interim responses");
  ScriptedEndpoint endless(loop_, times(100'000, kHints));
  EXPECT_EQ(run(endless.address()).error, "too many interim responses");
}

TEST_F(ProbeTest, AHeadWithoutEndIsBad) {
  ScriptedEndpoint line(loop_, "HTTP/1.1 200 " + std::string(1 << 20, 'O'));
  EXPECT_NE(run(line.address()).error.find("malformed"), std::string::npos);
  ScriptedEndpoint fields(loop_, "HTTP/1.1 200 OK\r\n" + times(100'000, "A: b\r\n"));
  EXPECT_NE(run(fields.address()).error.find("malformed"), std::string::npos);
  ScriptedEndpoint field(loop_, "HTTP/1.1 200 OK\r\nA: " + std::string(1 << 20, 'b'));
  EXPECT_NE(run(field.address()).error.find("malformed"), std::string::npos);
}

TEST_F(ProbeTest, InterimResponsesOfManyBytesAreTooMuch) {
  ScriptedEndpoint endpoint(loop_,
                            times(16, "HTTP/1.1 103 Early Hints\r\nA: " + std::string(30'000, 'a') + "\r\n\r\n"));
  EXPECT_EQ(run(endpoint.address()).error, "too many bytes before a response");
}

TEST_F(ProbeTest, ABodyWithoutEndIsNotWaitedFor) {
  ScriptedEndpoint length(loop_, "HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n" + std::string(1 << 20, 'b'));
  EXPECT_TRUE(run(length.address()).ok);
  ScriptedEndpoint close(loop_, "HTTP/1.1 200 OK\r\n\r\n" + std::string(1 << 20, 'b'));
  EXPECT_TRUE(run(close.address()).ok);
  ScriptedEndpoint twice(loop_, times(1000, kGood));
  EXPECT_TRUE(run(twice.address()).ok);
}

TEST_F(ProbeTest, AnAnswerThatComesByteByByteIsRead) {
  ScriptedEndpoint endpoint(loop_, "");
  std::optional<ProbeResult> result;
  Probe probe(loop_, blocks_);
  probe.start({endpoint.address(), "/health", "", base::Seconds(60), 200, 299},
              [&](const ProbeResult& r) { result = r; });
  while (!endpoint.received().ends_with("\r\n\r\n")) loop_.turn(base::Millis(10));
  for (const char& byte : kHints + std::string(kGood)) {
    EXPECT_FALSE(result);
    endpoint.blurt({&byte, 1});
    loop_.turn(base::Micros(0));
  }
  for (int i = 0; i < 1000 && !result; ++i) loop_.turn(base::Millis(10));
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->ok) << result->error;
}

TEST_F(ProbeTest, AnUnaskedUpgradeIsTheAnswer) {
  ScriptedEndpoint endpoint(loop_, times(20, "HTTP/1.1 101 Switching Protocols\r\n\r\n"));
  EXPECT_EQ(run(endpoint.address()).error, "status 101");
}

TEST_F(ProbeTest, ACloseBeforeTheResponseIsBad) {
  ScriptedEndpoint endpoint(loop_, kHints);
  std::optional<ProbeResult> result;
  Probe probe(loop_, blocks_);
  probe.start({endpoint.address(), "/", "", base::Seconds(60), 200, 299}, [&](const ProbeResult& r) { result = r; });
  while (!endpoint.received().ends_with("\r\n\r\n")) loop_.turn(base::Millis(10));
  endpoint.hang_up();
  for (int i = 0; i < 1000 && !result; ++i) loop_.turn(base::Millis(10));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->error, "connection closed before a response");
}

TEST_F(ProbeTest, ARefusedConnectIsBad) {
  base::SocketAddress nobody{*base::IpAddress::parse("127.0.0.1"), 0};
  {
    auto gone = net::listen_tcp(nobody, 1);
    nobody = net::local_address(gone->get());
  }
  EXPECT_NE(run(nobody).error.find("onnect"), std::string::npos);
}

}  // namespace
}  // namespace rhumb::upstream
