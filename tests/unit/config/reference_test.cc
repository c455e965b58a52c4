// SPDX-License-Identifier: Apache-2.0
// That the committed page is this one: tests/tools/docs_test.py.
#include "config/reference.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "config/codes.h"
#include "config/describe.h"
#include "config/diagnostic.h"
#include "tests/unit/config/tools_testing.h"

namespace rhumb::config {
namespace {

using ::testing::HasSubstr;

TEST(Reference, HasARowForEveryKey) {
  const std::string page = reference_markdown(testing::kFilters);
  for (const Row& row : all_rows(testing::kFilters)) {
    const std::string_view doc = row.field->doc.substr(0, row.field->doc.find('*'));
    EXPECT_THAT(page, HasSubstr(doc)) << row.path;
  }
}

TEST(Reference, HasEveryCode) {
  const std::string page = reference_markdown(testing::kFilters);
  for (const CodeHelp& help : all_codes()) {
    EXPECT_THAT(page, HasSubstr(fmt::format("\n### {} {}\n", code_name(help.code, help.severity), help.title)));
    EXPECT_THAT(page, HasSubstr(help.paragraph));
  }
  EXPECT_THAT(page, HasSubstr("\n### E0103 unknown key\n"));
  EXPECT_THAT(page, HasSubstr("\n### W0129 key was renamed\n")) << "as a message prints it";
}

TEST(Reference, LinksASectionToItsHeading) {
  const std::string page = reference_markdown(testing::kFilters);
  EXPECT_THAT(page, HasSubstr("| [health](#regionshealth) |"));
  EXPECT_THAT(page, HasSubstr("| [access_log](#access_log) |"));
  EXPECT_THAT(page, HasSubstr("\n## regions[].health\n"));
  EXPECT_THAT(page, HasSubstr("\n### routes[].filters[].wall\n"));
  EXPECT_THAT(page, HasSubstr("| `interval` | a duration, 10ms to 1d | `30s` | Time between"));
}

TEST(Reference, EscapesWhatATableWouldMisread) {
  EXPECT_THAT(reference_markdown(testing::kFilters), HasSubstr("Names of hosts; \\*.example.org stands"));
}

}  // namespace
}  // namespace rhumb::config
