// SPDX-License-Identifier: Apache-2.0
#include "admin/region_events.h"

#include <gtest/gtest.h>

namespace rhumb::admin {
namespace {

using upstream::BoardEvent;
using Kind = BoardEvent::Kind;

struct Told {
  std::string event, log;
};

Told told(const BoardEvent& event) {
  const base::ManualClock clock;
  Events events(clock);
  ::testing::internal::CaptureStderr();
  tell(events, event);
  const std::string log = ::testing::internal::GetCapturedStderr();
  const std::string text = to_json(*events.next_after(0));
  return {text.substr(text.find("\"kind\"")), log.substr(log.find(' ') + 1)};
}

TEST(RegionEvents, TellHealthOfEndpointsAndRegions) {
  Told endpoint = told({Kind::endpoint_down, "eu", "10.0.0.1:80", "status 503"});
  EXPECT_EQ(endpoint.event,
            R"("kind":"endpoint_down","region":"eu","endpoint":"10.0.0.1:80","data":{"why":"status 503"}})");
  EXPECT_EQ(endpoint.log, "warning region eu: endpoint 10.0.0.1:80 is down: status 503\n");
  endpoint = told({Kind::endpoint_up, "eu", "10.0.0.1:80", ""});
  EXPECT_EQ(endpoint.event, R"("kind":"endpoint_up","region":"eu","endpoint":"10.0.0.1:80","data":{}})");
  EXPECT_EQ(endpoint.log, "info region eu: endpoint 10.0.0.1:80 is up\n");
  EXPECT_EQ(told({Kind::region_down, "eu", "", ""}).event, R"("kind":"region_down","region":"eu","data":{}})");
  EXPECT_EQ(told({Kind::region_up, "eu", "", ""}).log, "info region eu: is up\n");
}

TEST(RegionEvents, TellOverridesWithOwnerReasonAndHowTheyEnded) {
  upstream::Override o;
  o.kind = upstream::OverrideKind::drain;
  o.region = "eu", o.owner = "uid 0", o.reason = "racks";
  BoardEvent event{Kind::override_set, "eu", "", "set", 0, &o};
  EXPECT_EQ(told(event).log, "warning region eu: override draining by uid 0 until 1970-01-01T00:00:00Z: racks\n");
  EXPECT_NE(told(event).event.find(R"("kind":"override_set","region":"eu","data":{"effect":"draining")"),
            std::string::npos);
  event.kind = Kind::override_ended, event.why = "expired";
  EXPECT_EQ(told(event).log,
            "warning region eu: override ended (expired): draining by uid 0 until 1970-01-01T00:00:00Z: racks\n");
  EXPECT_NE(told(event).event.find(R"("ended":"expired")"), std::string::npos);
}

TEST(RegionEvents, NameWhoCausedIt) {
  upstream::Override o;
  o.kind = upstream::OverrideKind::drain, o.region = "eu", o.owner = "uid 0";
  BoardEvent event{Kind::override_ended, "eu", "", "taken_back", 0, &o};
  event.by = "token deploy";
  EXPECT_NE(told(event).log.find("override ended (taken_back by token deploy): draining by uid 0"), std::string::npos);
  for (const Kind kind : {Kind::override_set, Kind::override_ended, Kind::region_up, Kind::region_down,
                          Kind::endpoint_down, Kind::region_added, Kind::region_removed}) {
    event.kind = kind;
    EXPECT_NE(told(event).event.find(R"("by":"token deploy")"), std::string::npos) << static_cast<int>(kind);
    BoardEvent nobody = event;
    nobody.by.clear();
    EXPECT_EQ(told(nobody).event.find(R"("by":)"), std::string::npos) << "nobody's doing";
  }
}

TEST(RegionEvents, TellWhatAReloadDoesToRegions) {
  EXPECT_EQ(told({Kind::region_removed, "us", "", "", 3}).event,
            R"("kind":"region_removed","region":"us","data":{"inFlight":3}})");
  EXPECT_NE(told({Kind::region_removed, "us", "", "", 3}).log.find("its 3 requests in flight end there"),
            std::string::npos);
  EXPECT_EQ(told({Kind::region_left, "us", "", ""}).log, "info region us: removed, and its last request has ended\n");
  EXPECT_EQ(told({Kind::region_added, "us", "", ""}).event, R"("kind":"region_added","region":"us","data":{}})");
}

}  // namespace
}  // namespace rhumb::admin
