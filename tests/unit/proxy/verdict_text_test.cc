// SPDX-License-Identifier: Apache-2.0
#include "proxy/verdict_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace rhumb::proxy {
namespace {

struct Told {
  nlohmann::json json;
  size_t pieces = 0, longest = 0;
};

Told told(const ReloadVerdict& verdict) {
  Told out;
  std::string all;
  const auto source = verdict_source(std::make_shared<const ReloadVerdict>(verdict), "\"good\": true, ");
  for (auto state = admin::BodySource::State::more; state == admin::BodySource::State::more; ++out.pieces) {
    std::string piece;
    state = source->next(piece);
    out.longest = std::max(out.longest, piece.size());
    all += piece;
  }
  out.json = nlohmann::json::parse(all, nullptr, false);
  EXPECT_FALSE(out.json.is_discarded()) << all.substr(0, 400);
  return out;
}

config::Change change(const std::string& path) {
  config::Change out;
  out.path = path, out.before = "1", out.after = "\"2\"\n";
  return out;
}

TEST(VerdictText, TellsAllOfIt) {
  ReloadVerdict verdict{true, "~ a: 1 -> \"2\"\n", {change("a"), change("b")}, 7, "abc"};
  const Told two = told(verdict);
  EXPECT_EQ(two.json["good"], true);
  EXPECT_EQ(two.json["generation"], 7);
  EXPECT_EQ(two.json["config"], "abc");
  EXPECT_EQ(two.json["text"], verdict.text);
  ASSERT_EQ(two.json["changes"].size(), 2u);
  EXPECT_EQ(two.json["changes"][1]["path"], "b");
  EXPECT_EQ(two.json["changes"][1]["after"], "\"2\"\n");
  EXPECT_EQ(two.json["changes"], nlohmann::json::parse(config::diff_json(verdict.changes)));
  verdict.changes.pop_back();
  EXPECT_EQ(told(verdict).json["changes"].size(), 1u);
  verdict.changes.clear(), verdict.text.clear();
  EXPECT_EQ(told(verdict).json["changes"], nlohmann::json::array());
}

TEST(VerdictText, ThousandsOfChangesComeInPiecesAndNoCharacterInTwo) {
  ReloadVerdict verdict{true, "", {}, 7, "abc"};
  for (int i = 0; i < 10'000; ++i) {
    verdict.changes.push_back(change("routes[r" + std::to_string(i) + "].strategy"));
    verdict.text += "~ routes[\u00e9\u20ac\U0001f30d" + std::to_string(i) + "]\n";
  }
  const Told all = told(verdict);
  EXPECT_EQ(all.json["text"], verdict.text);
  EXPECT_EQ(all.json["changes"].size(), 10'000u);
  EXPECT_GT(all.pieces, 30u);
  EXPECT_LE(all.longest, 64u * 1024);
}

}  // namespace
}  // namespace rhumb::proxy
