// SPDX-License-Identifier: Apache-2.0
#include "config/describe.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/config/tools_testing.h"

namespace rhumb::config {
namespace {

const std::vector<Row>& rows() {
  static const std::vector<Row> all = all_rows(testing::kFilters);
  return all;
}

const Row& row(const std::string& path) {
  const auto found = std::find_if(rows().begin(), rows().end(), [&](const Row& r) { return r.path == path; });
  if (found == rows().end()) throw std::runtime_error("no row " + path);
  return *found;
}

std::string value(const std::string& path) { return value_text(*row(path).field); }

TEST(Describe, WalksSectionsListsAndFilters) {
  EXPECT_EQ(row("regions[].health.interval").field->fallback, "30s");
  EXPECT_EQ(row("routes[].filters[].wall.rate").field->fallback, "10r/s");
  EXPECT_EQ(row("routes[].filters[].paint").field->doc, "Paints.");
}

TEST(Describe, OldNamesAreNoRows) {
  for (const Row& one : rows()) EXPECT_NE(one.field->name, "hue") << one.path;
}

TEST(Describe, SaysWhatMayStandThere) {
  EXPECT_EQ(value("regions[].health.interval"), "a duration, 10ms to 1d");
  EXPECT_EQ(value("listeners[].limits.head"), "a size, 1KiB to 64KiB");
  EXPECT_EQ(value("regions[].dial"), "a percentage, 0% to 100%");
  EXPECT_EQ(value("regions[].weight"), "a number, 0 to 1000000");
  EXPECT_EQ(value("routes[].filters[].wall.rate"), "a rate, 1r/s to 100r/s");
  EXPECT_EQ(value("gateway.log_level"), "error, warning, info or debug");
  EXPECT_EQ(value("geo.trusted_proxies"), "a list of networks");
  EXPECT_EQ(value("fence[].countries"), "a list of country codes");
  EXPECT_EQ(value("regions[].endpoints"), "a list of addresses");
  EXPECT_EQ(value("geo.countries"), "a mapping of names to texts");
  EXPECT_EQ(value("routes[].filters"), "a list of filters");
  EXPECT_EQ(value("regions"), "a list of mappings");
  EXPECT_EQ(value("routes[].affinity.on_failure"), "rebind");
}

TEST(Describe, FindsWhatIsDirectlyBelow) {
  EXPECT_EQ(rows_below(rows(), "regions[].health").size(), 8u);
  EXPECT_EQ(rows_below(rows(), "routes[].filters").size(), 3u);
  EXPECT_TRUE(rows_below(rows(), "gateway.region").empty());
  for (const Row& top : rows_below(rows(), "")) EXPECT_EQ(top.path, top.field->name);
}

TEST(Describe, NotesWhatElseHolds) {
  EXPECT_EQ(notes_text(row("regions[].name")), "Required.");
  EXPECT_EQ(notes_text(row("regions[].weight")), "");
  EXPECT_EQ(notes_text(row("admin.address")), "A change takes effect at the next start.") << "that of its section";
  EXPECT_EQ(notes_text(row("sessions.keys[].secret")), "Required. Its values are never shown.");
  EXPECT_EQ(notes_text(row("routes[].score.load")), "0 when its section is given without it.");
}

}  // namespace
}  // namespace rhumb::config
