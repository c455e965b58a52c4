// SPDX-License-Identifier: Apache-2.0
#include "config/topic.h"

#include <gmock/gmock.h>

#include "tests/unit/config/tools_testing.h"

namespace rhumb::config {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

std::string help(std::string_view topic) {
  const auto page = help_topic(topic, testing::kFilters);
  return page ? *page : "error: " + page.error();
}

TEST(Topic, ExplainsAKey) {
  EXPECT_EQ(help("regions.health.interval"),
            "regions[].health.interval: a duration, 10ms to 1d; default 30s\n"
            "Time between two probes of an endpoint, plus jitter.\n");
  EXPECT_EQ(help("regions[3].health.interval"), help("regions.health.interval")) << "as messages write it";
  EXPECT_THAT(help("gateway.workers"), HasSubstr("A change takes effect at the next start."));
}

TEST(Topic, FindsAKeyByTheEndOfItsPath) {
  EXPECT_EQ(help("health.interval"), help("regions.health.interval"));
  EXPECT_EQ(help("half_life"), help("latency.half_life"));
  EXPECT_EQ(help("wall.rate"), help("routes.filters.wall.rate"));
}

TEST(Topic, ListsAllThatEndSo) {
  EXPECT_THAT(help("max_requests"),
              AllOf(HasSubstr("3 keys end so:\n"), HasSubstr("listeners[].max_requests "),
                    HasSubstr("regions[].max_requests "), HasSubstr("regions[].keep_alive.max_requests ")));
  EXPECT_THAT(help("ealth"), HasSubstr("error")) << "a part of a name is no end of a path";
}

TEST(Topic, AWholePathWinsOverEnds) {
  EXPECT_THAT(help("regions"), AllOf(HasSubstr("regions: a list of mappings\n"), HasSubstr("\nkeys:\n"),
                                     HasSubstr("\n  weight        100         Its"), HasSubstr("Required.")));
}

TEST(Topic, KnowsFilters) {
  EXPECT_THAT(help("filters"), AllOf(HasSubstr("filters:\n"), HasSubstr("  wall "), HasSubstr("  paint ")));
  EXPECT_THAT(help("filters.wall"), AllOf(HasSubstr("Keeps networks out."), HasSubstr("  deny ")));
  EXPECT_EQ(help("wall"), help("filters.wall"));
}

TEST(Topic, ExplainsACode) {
  EXPECT_THAT(help("E0103"), HasSubstr("E0103: unknown key"));
  EXPECT_EQ(help("e103"), help("E0103"));
  EXPECT_THAT(help("E9999"), HasSubstr("error: there is no code 'E9999'"));
}

TEST(Topic, SaysWhatWasMeantPerhaps) {
  EXPECT_THAT(help("wieght"), HasSubstr("did you mean 'weight'?"));
  EXPECT_THAT(help("regions.wieght"), HasSubstr("did you mean 'regions.weight'?"));
  EXPECT_THAT(help("walls"), HasSubstr("did you mean 'wall'?"));
  EXPECT_THAT(help("entirely-unlike"), AllOf(HasSubstr("error"), Not(HasSubstr("did you mean"))));
  EXPECT_THAT(help(""), HasSubstr("error"));
}

TEST(Topic, TellsOfKeysOfTodayAndOfCodesByTheirLetter) {
  const std::vector<std::string> topics = help_topics(testing::kFilters);
  EXPECT_THAT(topics, Contains("routes.filters.paint.colour"));
  EXPECT_THAT(topics, Not(Contains("routes.filters.paint.hue")));
  EXPECT_THAT(topics, AllOf(Contains("E0103"), Contains("W0129"), Not(Contains("E0129"))));
  EXPECT_THAT(help("paint"), AllOf(HasSubstr("  colour "), Not(HasSubstr("hue"))));
}

TEST(Topic, EachTopicHasItsPage) {
  for (const std::string& topic : help_topics(testing::kFilters))
    EXPECT_TRUE(help_topic(topic, testing::kFilters).has_value()) << topic;
}

}  // namespace
}  // namespace rhumb::config
