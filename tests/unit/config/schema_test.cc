// SPDX-License-Identifier: Apache-2.0
// That files are taken and refused by it, a real validator says: tests/tools/schema_test.py.
#include "config/schema.h"

#include <gmock/gmock.h>

#include "config/describe.h"
#include "tests/unit/config/tools_testing.h"

namespace rhumb::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Schema, HasEveryKeyAndFilter) {
  const std::string schema = json_schema(testing::kFilters);
  for (const Row& row : all_rows(testing::kFilters)) {
    if (row.field->name == kAnyKey) continue;
    EXPECT_THAT(schema, HasSubstr("\"" + std::string(row.field->name) + "\": {")) << row.path;
  }
}

/// Without line ends and the spaces behind them.
std::string flat(const std::string& json) {
  std::string out;
  for (size_t i = 0; i < json.size(); ++i) {
    if (json[i] != '\n') {
      out += json[i];
    } else {
      while (i + 1 < json.size() && json[i + 1] == ' ') ++i;
    }
  }
  return out;
}

TEST(Schema, DescribesAKey) {
  EXPECT_THAT(flat(json_schema(testing::kFilters)),
              HasSubstr(R"("interval": {"description": "Time between two probes of an endpoint, plus jitter. )"
                        R"~((a duration, 10ms to 1d)","default": "30s","$ref": "#/$defs/duration"})~"));
}

TEST(Schema, WhereAnyKeyMayStandItsValueIsStillChecked) {
  EXPECT_THAT(flat(json_schema(testing::kFilters)),
              HasSubstr(R"("additionalProperties": {"anyOf": [{"type": "number","minimum": 0,"maximum": 1000000},)"));
}

TEST(Schema, AnOldNameIsTakenAndMarked) {
  const std::string schema = flat(json_schema(testing::kFilters));
  EXPECT_THAT(schema, HasSubstr(R"("hue": {"description": "The old name of 'colour'.","deprecated": true,"anyOf": )"
                                R"([{"enum": ["red","301",301]})"));
  EXPECT_THAT(schema, Not(HasSubstr(R"("required": ["colour"])"))) << "a file with the old name has no other";
}

TEST(Schema, AFilterThatNeedsOptionsIsNotNamedAlone) {
  EXPECT_THAT(flat(json_schema(testing::kFilters)), HasSubstr(R"("filter": {"anyOf": [{"enum": ["wall","pass"]},)"));
}

}  // namespace
}  // namespace rhumb::config
