// SPDX-License-Identifier: Apache-2.0
#include "upstream/probe.h"

#include <gtest/gtest.h>

#include <optional>

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
