// SPDX-License-Identifier: Apache-2.0
// That the picture is well-formed XML, tests/scripts/map_test.py sees.
#include "foresight/grid_svg.h"

#include <gtest/gtest.h>

#include "grid_testing.h"

namespace rhumb::foresight {
namespace {

using testing::grid_of;

size_t count(const std::string& text, std::string_view what) {
  size_t found = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST(GridSvg, DrawsAreasBordersMarkersAndALegend) {
  const std::string svg = grid_svg(grid_of("routes: [{name: all, score: {distance: 1}}]\n"), nullptr);
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1080 "));
  EXPECT_TRUE(svg.ends_with("</g>\n</svg>\n"));
  EXPECT_EQ(count(svg, "class=\"border\" d=\"M"), 1u);
  EXPECT_EQ(count(svg, "<circle "), 3u);
  for (const char* region : {">eu</text>", ">us</text>", ">ap</text>", ">eu: ", ">us: ", ">ap: "})
    EXPECT_EQ(count(svg, region), 1u) << region;
  EXPECT_EQ(count(svg, "class=\"changed\""), 0u);
}

TEST(GridSvg, LeavesOutCodesThatWouldCoverOthers) {
  const std::string svg = grid_svg(grid_of("routes: [{name: all}]\n"), nullptr);
  EXPECT_EQ(count(svg, ">AG</text>"), 1u);
  EXPECT_EQ(count(svg, ">AI</text>"), 0u) << "Anguilla is a degree from Antigua";
}

TEST(GridSvg, OneRegionAloneHasNoBorder) {
  EXPECT_EQ(count(grid_svg(grid_of("routes: [{name: all, regions: [us]}]\n"), nullptr), "class=\"border\" d=\"\""), 1u);
}

TEST(GridSvg, ACellIsFainterTheCloserTheRunnerUp) {
  const std::string svg = grid_svg(grid_of("routes: [{name: all, score: {distance: 1}}]\n"), nullptr);
  EXPECT_GE(count(svg, "fill-opacity=\"0.41\""), 3u);
  EXPECT_GE(count(svg, "fill-opacity=\"0.90\""), 1u);
}

TEST(GridSvg, TwoMapsShareColoursAndTheLowerOneIsHatchedWhereItDiffers) {
  const Grid before = grid_of("routes: [{name: all, regions: [eu]}]\n"),
             after = grid_of("routes: [{name: all, regions: [eu, us]}]\n");
  const std::string svg = grid_svg(after, &before);
  EXPECT_EQ(count(svg, "before: route all"), 1u);
  EXPECT_EQ(count(svg, "<path id=\"world\""), 1u);
  EXPECT_EQ(count(svg, "<use href=\"#world\"/>"), 2u);
  EXPECT_EQ(count(svg, "class=\"changed\" fill=\"url(#hatch)\" d=\"M"), 1u);
  EXPECT_EQ(count(grid_svg(after, &after), "class=\"changed\" fill=\"url(#hatch)\" d=\"\""), 1u);
}

TEST(GridSvg, StaysSmall) {
  const Grid fine = grid_of("routes: [{name: all}]\n", {.degrees = 1});
  EXPECT_LT(grid_svg(fine, &fine).size(), 2u << 20);
}

}  // namespace
}  // namespace rhumb::foresight
