// SPDX-License-Identifier: Apache-2.0
// That groff takes it without a warning: tests/tools/man_test.py.
#include "config/manual.h"

#include <gmock/gmock.h>

#include <sstream>

#include "config/describe.h"
#include "tests/unit/config/tools_testing.h"

namespace rhumb::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Manual, HasASectionForEveryMapping) {
  const std::string page = manual_page(testing::kFilters, "1.2");
  EXPECT_THAT(page, HasSubstr(".TH RHUMB.YAML 5 \"\" \"rhumb 1.2\""));
  for (const Row& row : all_rows(testing::kFilters)) {
    if (!row.field->fields.empty()) {
      EXPECT_THAT(page, HasSubstr(".SH \"" + row.path)) << row.path;
    }
  }
  EXPECT_THAT(page, HasSubstr(".B interval\nTime between two probes of an endpoint, plus jitter.\nA duration, 10ms to "
                              "1d; default 30s.\n"));
}

TEST(Manual, LeavesOldNamesOut) {
  const std::string page = manual_page(testing::kFilters, "1.2");
  EXPECT_THAT(page, HasSubstr("\n.B colour\n"));
  EXPECT_THAT(page, Not(HasSubstr("\n.B hue\n")));
}

TEST(Manual, NoTextIsTakenForARequest) {
  std::istringstream page(manual_page(testing::kFilters, "1.2"));
  for (std::string line; std::getline(page, line);) {
    EXPECT_FALSE(line.starts_with("'")) << line;
    if (line.starts_with(".")) {
      EXPECT_TRUE(line.size() > 1 && std::isalpha(line[1])) << line;
    }
  }
}

}  // namespace
}  // namespace rhumb::config
