// SPDX-License-Identifier: Apache-2.0
#include "config/tables.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "config/value.h"

namespace rhumb::config {
namespace {

template <class Visit>
void visit_all(std::span<const Field> fields, const std::string& path, Visit&& visit) {
  for (const Field& field : fields) {
    visit(field, path + std::string(field.name));
    visit_all(field.fields, path + std::string(field.name) + ".", visit);
  }
}

TEST(Tables, NameEachKeyOnce) {
  std::set<std::string> seen;
  visit_all(root_fields(), "",
            [&](const Field&, const std::string& path) { EXPECT_TRUE(seen.insert(path).second) << path; });
  EXPECT_GT(seen.size(), 100u);
}

TEST(Tables, DescribeEachKeyInASentence) {
  visit_all(root_fields(), "", [](const Field& field, const std::string& path) {
    EXPECT_GT(field.doc.size(), 5u) << path;
    EXPECT_TRUE(field.doc.ends_with('.')) << path;
    const bool words = field.type == Type::enumeration || field.element == Type::enumeration;
    EXPECT_EQ(words, !field.allowed.empty()) << path;
  });
}

TEST(Tables, HaveDefaultsThatPassTheirOwnChecks) {
  visit_all(root_fields(), "", [](const Field& field, const std::string& path) {
    const bool composed = field.type == Type::section || field.type == Type::sections || field.type == Type::map;
    if (composed || field.fallback.empty()) return;
    const Type type = field.type == Type::list ? field.element : field.type;
    const auto texts = field.type == Type::list ? words(field.fallback) : std::vector{field.fallback};
    for (const std::string_view text : texts) {
      Node node;
      node.kind = Node::Kind::scalar;
      node.scalar = text;
      EXPECT_FALSE(check_scalar(field, type, node)) << path;
    }
  });
}

TEST(Tables, NameTheItemsOfAList) {
  visit_all(root_fields(), "", [](const Field& field, const std::string& path) {
    EXPECT_TRUE(field.type != Type::sections ||
                std::any_of(field.fields.begin(), field.fields.end(), [](const Field& f) { return f.required; }))
        << path;
  });
}

TEST(Tables, SayOfARowOnlyWhatCanBeTrueOfIt) {
  visit_all(root_fields(), "", [](const Field& field, const std::string& path) {
    EXPECT_FALSE(field.optional && field.type != Type::section) << path;
    EXPECT_FALSE(field.ordered && field.type != Type::list && field.type != Type::sections) << path;
    if (field.beside.empty()) return;
    Node node;
    node.kind = Node::Kind::scalar;
    node.scalar = field.beside;
    EXPECT_FALSE(check_scalar(field, field.type, node)) << path;
    EXPECT_NE(field.beside, field.fallback) << path;
  });
}

TEST(Tables, MarkWhateverHoldsCredentials) {
  std::set<std::string> secret;
  visit_all(root_fields(), "", [&](const Field& field, const std::string& path) {
    if (field.secret) secret.insert(path);
    EXPECT_TRUE(field.name != "secret" || field.secret) << path;
    // Texts by free names, but for those that are references.
    const bool free_texts = field.type == Type::map && field.element == Type::string && path != "geo.countries";
    EXPECT_TRUE(!free_texts || field.secret) << path;
  });
  EXPECT_TRUE(secret.contains("sessions.keys.secret"));
}

TEST(Tables, RequireNothingThatHasADefault) {
  visit_all(root_fields(), "", [](const Field& field, const std::string& path) {
    EXPECT_FALSE(field.required && !field.fallback.empty()) << path;
    const bool composed = field.type == Type::section || field.type == Type::sections;
    EXPECT_EQ(composed, !field.fields.empty()) << path;
  });
}

}  // namespace
}  // namespace rhumb::config
