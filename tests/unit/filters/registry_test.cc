// SPDX-License-Identifier: Apache-2.0
#include "filters/registry.h"

#include <gmock/gmock.h>

#include <set>

#include "config/codes.h"
#include "filters_testing.h"

namespace rhumb::filters {
namespace {

using testing::build;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace code = config::code;

TEST(Registry, FindsEveryFilterByItsOwnName) {
  std::set<std::string_view> names;
  for (const FilterType* type : all_filters()) {
    EXPECT_EQ(find_filter(type->name), type);
    EXPECT_TRUE(names.insert(type->name).second) << type->name;
    EXPECT_FALSE(type->summary.empty());
    EXPECT_TRUE(type->on_request || type->on_response) << type->name;
    for (const config::Field& option : type->options)
      EXPECT_FALSE(option.doc.empty()) << type->name << " " << option.name;
  }
  EXPECT_EQ(find_filter("nothing"), nullptr);
  EXPECT_EQ(find_filter(""), nullptr);
}

TEST(Registry, HasARowForEachFilterARouteMayName) {
  std::set<std::string_view> rows;
  for (const config::Field& row : filter_rows()) {
    rows.insert(row.name);
    EXPECT_EQ(row.doc, find_filter(row.name)->summary);
    EXPECT_EQ(row.fields.data(), find_filter(row.name)->options.data());
    // What a filter sets by free names may be a credential.
    for (const config::Field& option : row.fields)
      for (const config::Field& below : option.fields)
        EXPECT_TRUE(below.type != config::Type::map || below.secret) << row.name << " " << below.name;
  }
  EXPECT_TRUE(rows.contains("ip_acl"));
  EXPECT_FALSE(rows.contains("client_ip")) << "it runs for every request";
}

TEST(Registry, BuildsAChainInTheOrderOfPhases) {
  const auto good =
      build("{headers: {request: {remove: [x-a]}}}, {methods: {allow: [GET]}}, {ip_acl: {deny: [10.0.0.0/8]}}");
  ASSERT_THAT(good.codes(), IsEmpty()) << good.text();
  ASSERT_EQ(good.chain->size(), 3u);
  EXPECT_EQ(good.chain->entries()[0].type->name, "methods");
  EXPECT_EQ(good.chain->entries()[1].type->name, "ip_acl");
  EXPECT_EQ(good.chain->entries()[2].type->name, "headers");
}

TEST(Registry, SuggestsTheFilterThatWasMeant) {
  const auto built = build("{redirekt: {to: /}}");
  EXPECT_THAT(built.codes(), ElementsAre(code::kNotAllowed));
  EXPECT_THAT(built.text(), HasSubstr("no filter 'redirekt'"));
  EXPECT_THAT(built.text(), HasSubstr("did you mean 'redirect'?"));
  EXPECT_THAT(built.text(), HasSubstr("test.yaml:3:"));
  EXPECT_EQ(built.chain->size(), 0u);
}

TEST(Registry, RepeatsNoNameThatMayHaveASecretInIt) {
  for (const char* filter :
       {"headers set hunter2", "{headers set hunter2: {}}", "{headers:hunter2}", "{hunter2}",
        "{headers: {request: {set: {x-key hunter2}}}}", "{headers: {request: {set: {x-key: \"%{hunter2}\"}}}}"}) {
    const auto built = build(filter);
    EXPECT_FALSE(built.codes().empty()) << filter;
    EXPECT_EQ(built.text().find("hunter2"), std::string::npos) << built.text();
  }
}

TEST(Registry, ListsTheFiltersWhenNoneIsNear) {
  EXPECT_THAT(build("{quux: {}}").text(), HasSubstr("filters: fault, geo_acl, headers, ip_acl, methods, redirect"));
}

TEST(Registry, RefusesTheGatewaysOwnFiltersOnARoute) {
  for (const char* name : {"client_ip", "tenant", "geo_locate", "request_id"}) {
    const auto built = build(name);
    EXPECT_THAT(built.codes(), ElementsAre(code::kNotAllowed));
    EXPECT_EQ(built.chain->size(), 0u);
  }
}

TEST(Registry, ReportsAllThatIsWrongAndKeepsWhatIsGood) {
  const auto built =
      build("{redirekt: {}}, {ip_acl: {deny: [10.0.0.1/8]}}, {methods: {allow: [GET]}}, {methods: {alow: [GET]}}");
  EXPECT_THAT(built.codes(), ElementsAre(code::kNotAllowed, code::kCidr, code::kUnknownKey));
}

TEST(Registry, SaysWhereAFilterWithoutItsOptionsStands) {
  for (const char* name : {"redirect", "methods", "ip_acl", "geo_acl", "fault"}) {
    const auto built = build(name);
    ASSERT_EQ(built.codes().size(), 1u) << name;
    EXPECT_THAT(built.text(), HasSubstr("test.yaml:3:")) << name;
    EXPECT_EQ(built.chain->size(), 0u);
  }
}

TEST(Registry, TheGatewaysChainIdentifiesInOrder) {
  const auto chain = testing::build_gateway("{}");
  ASSERT_EQ(chain->size(), 4u);
  EXPECT_EQ(chain->entries()[0].type->name, "client_ip");
  EXPECT_EQ(chain->entries()[1].type->name, "tenant");
  EXPECT_EQ(chain->entries()[2].type->name, "geo_locate");
  EXPECT_EQ(chain->entries()[3].type->name, "request_id");
  EXPECT_EQ(chain->end(Phase::identify), 4u);
}

}  // namespace
}  // namespace rhumb::filters
