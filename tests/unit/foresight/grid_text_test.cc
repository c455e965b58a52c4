// SPDX-License-Identifier: Apache-2.0
#include "foresight/grid_text.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "grid_testing.h"

namespace rhumb::foresight {
namespace {

using testing::grid_of;

TEST(GridText, HasTotalsAndALineForEachRow) {
  const std::string text = grid_text(grid_of("routes: [{name: all, regions: [us]}]\n"), nullptr);
  EXPECT_TRUE(
      text.starts_with("# route all, strategy score, cells of 5 x 5 degrees\n"
                       "# region   cells   weight\n"
                       "# eu           0    0.00%\n"
                       "# us        2592  100.00%\n"
                       "# ap           0    0.00%\n"
                       " 87.5 us*72\n 82.5 us*72\n"))
      << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5 + 36);
  EXPECT_TRUE(text.ends_with("-87.5 us*72\n"));
}

TEST(GridText, RunsOfARowAddUp) {
  const std::string text = grid_text(grid_of("routes: [{name: all, score: {distance: 1}}]\n"), nullptr);
  EXPECT_NE(text.find("*"), std::string::npos);
  EXPECT_NE(text.find("\n 52.5 us*"), std::string::npos) << text;
}

TEST(GridText, HasALineForEachCountry) {
  const std::string text =
      grid_text(grid_of("geo: {countries: {DE: us}}\nroutes: [{name: all}]\n", {.degrees = 0}), nullptr);
  EXPECT_TRUE(text.starts_with("# route all, strategy score, by country\n"));
  EXPECT_NE(text.find("\nDE us eu -0."), std::string::npos) << text;
  EXPECT_NE(text.find(" country\n"), std::string::npos);
}

TEST(GridText, SaysThatThereIsNoSingleWinner) {
  EXPECT_NE(
      grid_text(grid_of("routes: [{name: all, strategy: weighted}]\n"), nullptr).find("there is no single winner"),
      std::string::npos);
}

TEST(GridText, SaysWhatChanges) {
  const Grid before = grid_of("routes: [{name: all, regions: [eu]}]\n"),
             after = grid_of("routes: [{name: all, regions: [us]}]\n");
  EXPECT_NE(grid_text(after, &before).find("# eu -> us: 2592 cells, 100.00% of the weight\n"), std::string::npos);
  EXPECT_NE(grid_text(after, &after).find("# nothing changes\n"), std::string::npos);
}

}  // namespace
}  // namespace rhumb::foresight
