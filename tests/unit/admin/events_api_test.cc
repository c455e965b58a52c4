// SPDX-License-Identifier: Apache-2.0
#include "admin/events_api.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/admin/replies.h"

namespace rhumb::admin {
namespace {

using nlohmann::json;

class EventsApi : public ::testing::Test {
 protected:
  EventsApi() { add_events_api(router_, events_, loop_); }
  void happen(const std::string& region, size_t times = 1) {
    for (size_t i = 0; i < times; ++i) events_.add(EventKind::region_down, region, {}, json::object());
  }
  /// Everything the stream has to say now.
  std::string read() {
    std::string all;
    for (;;) {
      std::string piece;
      const auto state = asking_.replies->source->next(piece);
      all += piece;
      EXPECT_LE(piece.size(), 64u * 1024);
      if (state != BodySource::State::more) return all;
    }
  }
  json page_of(std::string_view target) { return json::parse(asking_.get(target).body); }
  void open(std::string_view target) {
    const Response response = asking_.get(target);
    ASSERT_EQ(response.status, 200) << response.body;
    ASSERT_EQ(response.content_type, "text/event-stream");
  }

  base::ManualClock clock_;
  net::Loop loop_{clock_};
  Events events_{clock_};
  Router router_;
  testing::Asking asking_{router_};
};

TEST_F(EventsApi, AStreamTellsWhatIsNewAndWakesItsReader) {
  happen("old");
  open("/v1/events");
  EXPECT_EQ(read(), "retry: 2000\n\n");
  happen("eu");
  EXPECT_EQ(asking_.replies->wakes, 1);
  EXPECT_EQ(
      read(),
      "id: 2\nevent: region_down\ndata: {\"seq\":2,\"time\":\"2023-11-14T22:13:20.000Z\",\"kind\":\"region_down\","
      "\"region\":\"eu\",\"data\":{}}\n\n");
  EXPECT_EQ(read(), "");
}

TEST_F(EventsApi, ItGoesOnBehindTheLastIdOrTheNumberAskedFor) {
  happen("a"), happen("b"), happen("c");
  asking_.last_event_id = "2";
  open("/v1/events");
  const std::string text = read();
  EXPECT_NE(text.find("id: 3\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("id: 2\n"), std::string::npos) << "b is known already";
  open("/v1/events?after=1");
  EXPECT_NE(read().find("id: 2\n"), std::string::npos) << "the query counts before the field";
  asking_.last_event_id = "nonsense";
  EXPECT_EQ(asking_.get("/v1/events").status, 400);
}

TEST_F(EventsApi, WhoIsTooSlowLearnsHowManyHeMissed) {
  open("/v1/events");
  (void)read();
  happen("eu", Events::kKept + 5);
  const std::string text = read();
  EXPECT_EQ(text.find("event: gap\ndata: {\"missed\":5,\"restarted\":false}\n\nid: 6\n"), 0u) << text.substr(0, 200);
  EXPECT_NE(text.find("\nid: 2053\n"), std::string::npos);
  EXPECT_EQ(text.find("gap", 20), std::string::npos) << "told once";
}

TEST_F(EventsApi, EachHoleIsToldWhereItIs) {
  happen("eu");
  for (size_t i = 0; i < Events::kKeptDenials + 7; ++i) events_.add(EventKind::admin_denied);
  open("/v1/events?after=0");
  const std::string text = read();
  EXPECT_LT(text.find("id: 1\n"), text.find("event: gap\ndata: {\"missed\":7,\"restarted\":false}\n\nid: 9\n"));
  EXPECT_EQ(text.find("event: gap"), text.rfind("event: gap"));
  EXPECT_EQ(page_of("/v1/events?format=json&limit=2")["missed"], 7);
}

TEST_F(EventsApi, APageOfLongEventsComesInPieces) {
  for (int i = 0; i < 1000; ++i) events_.add(EventKind::admin_change, {}, {}, {{"x", std::string(4000, 'x')}});
  EXPECT_EQ(page_of("/v1/events?format=json&limit=1000")["events"].size(), 1000u);
  EXPECT_GT(asking_.pieces, 60u);
  EXPECT_LE(asking_.longest, 64u * 1024);
}

TEST_F(EventsApi, ANumberOfAnEarlierProcessStartsOver) {
  happen("eu");
  open("/v1/events?after=900");
  EXPECT_EQ(read().find("retry: 2000\n\nevent: gap\ndata: {\"missed\":0,\"restarted\":true}\n\nid: 1\n"), 0u);
  EXPECT_EQ(read(), "");
}

TEST_F(EventsApi, ASilentStreamBeatsEvery15Seconds) {
  open("/v1/events");
  (void)read();
  clock_.advance(base::Seconds(14));
  loop_.turn(base::Micros(0));
  EXPECT_EQ(asking_.replies->wakes, 0);
  clock_.advance(base::Millis(1'100));
  loop_.turn(base::Micros(0));
  EXPECT_EQ(asking_.replies->wakes, 1);
  EXPECT_EQ(read(), ":\n\n");
  asking_.replies->source.reset();
  clock_.advance(base::Seconds(60));
  loop_.turn(base::Micros(0));
  happen("eu");
  EXPECT_EQ(asking_.replies->wakes, 1) << "a stream that has ended asks for nothing";
}

TEST_F(EventsApi, APageAnswersAtOnceAndSaysWhereToGoOn) {
  happen("eu", 5);
  json page = page_of("/v1/events?format=json&limit=2");
  EXPECT_EQ(page["events"].size(), 2u);
  EXPECT_EQ(page["next"], 2);
  EXPECT_EQ(page["last"], 5);
  EXPECT_EQ(page["missed"], 0);
  page = page_of("/v1/events?format=json&after=4");
  EXPECT_EQ(page["events"][0]["seq"], 5);
  EXPECT_EQ(page["next"], 5);
  happen("eu", Events::kKept);
  page = page_of("/v1/events?format=json&limit=5000");
  EXPECT_EQ(page["events"].size(), 1000u);
  EXPECT_EQ(page["missed"], 5);
  EXPECT_EQ(page_of("/v1/events?format=json&after=9999")["restarted"], true);
  EXPECT_EQ(asking_.get("/v1/events?format=json&after=x").status, 400);
  EXPECT_EQ(asking_.get("/v1/events?format=json&limit=0").status, 400);
}

}  // namespace
}  // namespace rhumb::admin
