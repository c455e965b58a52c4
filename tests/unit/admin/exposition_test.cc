// SPDX-License-Identifier: Apache-2.0
#include "admin/exposition.h"

#include <gtest/gtest.h>

#include "base/counters.h"

namespace rhumb::admin {
namespace {

Family numbers(std::string_view name, size_t parts) {
  return {name, "gauge", "Numbers.", [parts](Samples& to, size_t part) {
            to.add(label("part", std::to_string(part)), part);
            return part + 1 < parts;
          }};
}

std::string all_of(std::vector<Family> families) {
  Page page(std::move(families));
  std::string out;
  while (page.next(out)) continue;
  return out;
}

TEST(Exposition, LabelsEscapeWhatTheFormatHasAMeaningFor) {
  EXPECT_EQ(label("a", "plain"), "a=\"plain\"");
  EXPECT_EQ(label("a", "q\"b\\n\nz"), "a=\"q\\\"b\\\\n\\nz\"");
}

TEST(Exposition, AFamilyIsItsHelpItsTypeAndItsParts) {
  EXPECT_EQ(
      all_of({numbers("n", 2), {"m", "counter", "Help.", [](Samples& to, size_t) { return to.add("", 1.5), false; }}}),
      "# HELP n Numbers.\n# TYPE n gauge\nn{part=\"0\"} 0\nn{part=\"1\"} 1\n"
      "# HELP m Help.\n# TYPE m counter\nm 1.5\n");
  EXPECT_EQ(all_of({}), "");
}

TEST(Exposition, PiecesPutTogetherAreThePage) {
  constexpr size_t kParts = 5000;
  Page page({numbers("first", kParts), numbers("second", kParts)});
  std::string all;
  for (bool more = true; more;) {
    std::string piece;
    more = page.next(piece);
    EXPECT_LE(piece.size(), Page::kPiece + 200);
    all += piece;
  }
  EXPECT_EQ(all, all_of({numbers("first", kParts), numbers("second", kParts)}));
  EXPECT_NE(all.find("second{part=\"4999\"} 4999\n"), std::string::npos);
}

TEST(Exposition, APartThatWasDearEndsItsPiece) {
  Page page({{"slow", "gauge", "Slow.",
              [](Samples& to, size_t part) {
                to.end_piece();
                if (part == 2) to.add("", part);
                return part < 2;
              }},
             numbers("quick", 1)});
  std::string out;
  EXPECT_TRUE(page.next(out));
  EXPECT_EQ(out, "# HELP slow Slow.\n# TYPE slow gauge\n");
  EXPECT_TRUE(page.next(out));
  EXPECT_TRUE(page.next(out));
  EXPECT_TRUE(out.ends_with("slow 2\n"));
  EXPECT_FALSE(page.next(out));
  EXPECT_FALSE(page.next(out)) << "the end stays the end";
}

TEST(Exposition, AHistogramIsCumulativeInTheUnitThatIsShown) {
  base::LatencyHistogram one, two;
  one.observe(base::Micros(150));
  two.observe(base::Seconds(60));
  const std::string text =
      all_of({{"h", "histogram", "H.", [&](Samples& to, size_t) {
                 to.histogram<base::LatencyHistogram>("a=\"b\"", [&](auto take) { take(one), take(two); });
                 return false;
               }}});
  EXPECT_NE(text.find("h_bucket{a=\"b\",le=\"0.0001\"} 0\nh_bucket{a=\"b\",le=\"0.00025\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("h_bucket{a=\"b\",le=\"10\"} 1\nh_bucket{a=\"b\",le=\"+Inf\"} 2\n"), std::string::npos);
  EXPECT_NE(text.find("h_sum{a=\"b\"} 60.00015\nh_count{a=\"b\"} 2\n"), std::string::npos);
}

}  // namespace
}  // namespace rhumb::admin
