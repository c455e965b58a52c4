// SPDX-License-Identifier: Apache-2.0
#include "proxy/access_format.h"

#include <gmock/gmock.h>

#include "config/codes.h"
#include "tests/unit/proxy/gateway.h"

namespace rhumb::proxy {
namespace {

using namespace testing;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

/// A gateway with these options of its access log, and one region that answers "hello".
struct Logged {
  explicit Logged(const std::string& options)
      : scene(Upstream::always(ok("hello")), "", "access_log: {" + options + "}\n") {}
  /// The line of one request.
  std::string line(const std::string& request) {
    EXPECT_TRUE(scene.client.send(request));
    EXPECT_TRUE(scene.client.read_response().whole);
    std::string text;
    EXPECT_TRUE(comes_true([&] { return !(text += scene.gateway.log_text()).empty(); }));
    return text;
  }
  nlohmann::json json(const std::string& request) { return nlohmann::json::parse(line(request)); }
  Scene scene;
};

config::Diagnostics errors_of(const std::string& format) {
  config::AccessLogSpec spec;
  spec.path = "stdout";
  spec.format = format;
  spec.format_place = {0, 7, 11, 1};
  config::Diagnostics diagnostics;
  const bool refused = AccessFormat::compile(spec, diagnostics) == nullptr;
  EXPECT_EQ(refused, diagnostics.has_errors());
  return diagnostics;
}

TEST(AccessFormat, ClfIsWhatReadersOfClfKnow) {
  Logged logged("format: clf");
  EXPECT_THAT(logged.line(get("/a/b?c=d", "Referer: http://r/\r\n")),
              MatchesRegex("127\\.0\\.0\\.1 - - \\[[0-9]{2}/[A-Z][a-z]{2}/20[0-9]{2}:[0-9:]{8} \\+0000\\] "
                           "\"GET /a/b HTTP/1\\.1\" 200 5\n"));
}

TEST(AccessFormat, CombinedAddsRefererAndAgent) {
  Logged logged("format: combined");
  EXPECT_THAT(logged.line(get("/", "Referer: http://r/x\r\nUser-Agent: curl/8 (x)\r\n")),
              EndsWith("\"GET / HTTP/1.1\" 200 5 \"http://r/x\" \"curl/8 (x)\"\n"));
  EXPECT_THAT(logged.line(get("/")), EndsWith("200 5 \"-\" \"-\"\n"));
}

TEST(AccessFormat, AFormatOfOnesOwnNamesItsFields) {
  Logged logged(
      "format: \"%{method} %{host}%{path} -> %{status} %{region}/%{route} %{bytes_out}B %{header.x-team} 100%%\"");
  EXPECT_EQ(logged.line(get("/p", "X-Team: blue\r\n")), "GET example.com/p -> 200 home/default 5B blue 100%\n");
}

TEST(AccessFormat, EveryFieldCanBeWrittenOfAnyRequest) {
  std::string format;
  for (const std::string_view name : access_field_names())
    format += std::string(name) + "=%{" + std::string(name) + "} ";
  for (const char* request : {"GET /x HTTP/1.1\r\nHost: a\r\n\r\n", "garbage\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"}) {
    Logged logged("format: \"" + format + "\"");
    const std::string line = logged.line(request);
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    for (const std::string_view name : access_field_names()) EXPECT_THAT(line, HasSubstr(std::string(name) + "="));
    EXPECT_THAT(line, Not(HasSubstr("= "))) << "what is not known is a dash";
  }
}

TEST(AccessFormat, AnUnknownFieldIsAnErrorAtItsPlaceWithWhatWasMeant) {
  const auto found = errors_of("%{client} %{statsu} %{pth}").sorted();
  ASSERT_EQ(found.size(), 2u) << "all are told";
  EXPECT_EQ(found[0].code, config::code::kNotAllowed);
  EXPECT_EQ(found[0].place.line, 7u);
  EXPECT_THAT(found[0].message, HasSubstr("access_log.format: there is no variable 'statsu'"));
  EXPECT_THAT(found[0].hint, HasSubstr("did you mean 'status'?"));
}

TEST(AccessFormat, AWordThatIsNoFormatIsAnErrorToo) {
  EXPECT_THAT(errors_of("jsno").sorted().at(0).hint, HasSubstr("did you mean 'json'?"));
  EXPECT_TRUE(errors_of("").has_errors());
  EXPECT_TRUE(errors_of("%{header.}").has_errors());
  EXPECT_TRUE(errors_of("%{header.a b}").has_errors());
  EXPECT_FALSE(errors_of("%{header.A-b}").has_errors());
}

TEST(AccessFormat, S27_NoValueEndsItsLineOrItsQuotes) {
  Logged logged("format: combined");
  const std::string line = logged.line(get("/%22%0a%22", "User-Agent: a\" 500 1 \"b\\\xff\x1b\r\n"));
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(std::count(line.begin(), line.end(), '"'), 6) << line;
}

TEST(AccessFormat, HeadersAreLoggedWhenTheyAreListed) {
  Logged logged("headers: [user-agent, referer, x-none]");
  const auto line = logged.json(get("/", "User-Agent: curl\r\nReferer: http://r/p?token=SECRET#f\r\nX-Other: no\r\n"));
  EXPECT_EQ(line["headers"], (nlohmann::json{{"user-agent", "curl"}, {"referer", "http://r/p"}}));
  EXPECT_FALSE(Logged("").json(get("/", "User-Agent: curl\r\n")).contains("headers"));
}

TEST(AccessFormat, S27_CredentialsAreNeverLoggedWhateverIsListed) {
  const std::string secrets =
      "Cookie: a=SECRET\r\nAuthorization: Bearer SECRET\r\nProxy-Authorization: SECRET\r\nSet-Cookie: SECRET\r\n";
  Logged json("headers: [cookie, authorization, proxy-authorization, set-cookie]");
  const std::string line = json.line(get("/", secrets));
  EXPECT_THAT(line, HasSubstr("\"cookie\":\"REDACTED\""));
  EXPECT_THAT(line, HasSubstr("\"authorization\":\"REDACTED\""));
  EXPECT_THAT(line, Not(HasSubstr("SECRET")));
  Logged text("format: \"%{header.cookie} %{header.Authorization}\"");
  EXPECT_EQ(text.line(get("/", secrets)), "REDACTED REDACTED\n");
}

TEST(AccessFormat, AQueryIsLoggedWhenItIsAskedForWithoutItsSecrets) {
  const std::string request = get("/p?q=1&token=SECRET&x=%22", "Referer: http://r/?password=SECRET&b=2#f\r\n");
  Logged off("headers: [referer]");
  EXPECT_FALSE(off.json(request).contains("query"));
  Logged on("query: true, headers: [referer]");
  const auto line = on.json(request);
  EXPECT_EQ(line["query"], "q=1&token=REDACTED&x=%22");
  EXPECT_EQ(line["headers"]["referer"], "http://r/?password=REDACTED&b=2");
  Logged clf("query: true, format: clf, redact_query: [q]");
  EXPECT_THAT(clf.line(request), HasSubstr("\"GET /p?q=REDACTED&token=SECRET&x=%22 HTTP/1.1\""));
}

TEST(AccessFormat, AddressesAreCutToTheirNetworkWhenThatIsAskedFor) {
  const auto line = Logged("truncate_addresses: true").json(get());
  EXPECT_EQ(line["client"], "127.0.0.0");
  EXPECT_EQ(line["peer"], "127.0.0.0");
  EXPECT_EQ(Logged("truncate_addresses: true, format: clf").line(get()).substr(0, 10), "127.0.0.0 ");
}

TEST(AccessFormat, ASampleLeavesOutItsShareButNoFailure) {
  config::AccessLogSpec spec;
  spec.path = "stdout";
  spec.format = "json";
  spec.sample = 0.25;
  config::Diagnostics diagnostics;
  const auto format = AccessFormat::compile(spec, diagnostics);
  ASSERT_NE(format, nullptr);
  base::Random random(1);
  ExchangeRecord good{.status = 404}, failed{.status = 500}, faulty{.status = 200}, cut{.status = 200};
  faulty.fault = base::FaultKind::upstream_truncated;
  cut.cut = base::FaultKind::client_gone;
  int taken = 0;
  for (int i = 0; i < 10'000; ++i) {
    const uint64_t draw = random.next();
    taken += format->takes(good, draw) ? 1 : 0;
    ASSERT_TRUE(format->takes(failed, draw) && format->takes(faulty, draw) && format->takes(cut, draw));
  }
  EXPECT_NEAR(taken, 2500, 300);
}

TEST(AccessFormat, WhatASampleLeavesOutIsCounted) {
  Logged logged("sample: 0%");
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(logged.scene.client.send(get()));
    ASSERT_TRUE(logged.scene.client.read_response().whole);
  }
  EXPECT_TRUE(comes_true([&] { return logged.scene.gateway.cells().log_sampled_out.get() == 3; }));
  EXPECT_EQ(logged.scene.gateway.log_text(), "");
}

TEST(AccessFormat, ANewConfigurationWritesInItsOwnFormat) {
  Logged logged("format: \"one %{path}\"");
  EXPECT_EQ(logged.line(get("/a")), "one /a\n");
  const std::string rest = listener("") + one_region(logged.scene.upstream);
  logged.scene.gateway.install(rest + "access_log: {format: \"two %{path}\"}\n");
  EXPECT_EQ(logged.line(get("/b")), "two /b\n");
  logged.scene.gateway.install(rest + "access_log: {path: off}\n");
  ASSERT_TRUE(logged.scene.client.send(get("/c")));
  ASSERT_TRUE(logged.scene.client.read_response().whole);
  logged.scene.gateway.stop();
  EXPECT_EQ(logged.scene.gateway.log_text(), "");
}

}  // namespace
}  // namespace rhumb::proxy
