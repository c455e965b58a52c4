// SPDX-License-Identifier: Apache-2.0
#include "proxy/config_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "filters/registry.h"
#include "tests/unit/proxy/compiling.h"

namespace rhumb::proxy {
namespace {

using State = admin::BodySource::State;

config::Spec spec_of(int routes) {
  std::string text = testing::kListener + testing::kTwoRegions + "routes:\n";
  for (int i = 0; i < routes; ++i) text += fmt::format("  - {{name: r{}, match: {{path: /p{}}}}}\n", i, i);
  config::Loaded loaded = config::load_text(text, "test.yaml");
  EXPECT_TRUE(loaded.ok());
  loaded.spec.sources = std::make_shared<const config::SourceList>(loaded.sources);
  return loaded.spec;
}

std::string read(admin::BodySource& source) {
  std::string all;
  for (State state = State::more; state == State::more;) {
    std::string piece;
    state = source.next(piece);
    EXPECT_LE(piece.size(), ConfigText::kPiece);
    all += piece;
  }
  return all;
}

class ConfigTextTest : public ::testing::Test {
 protected:
  std::string whole(config::ShowOptions options) const {
    return config::show_json(*spec_.tree, *spec_.sources, filters::filter_rows(), options);
  }
  std::unique_ptr<admin::BodySource> ask(config::ShowOptions options) {
    return texts_.source(spec_, options, config::ShowForm::json);
  }
  config::Spec spec_ = spec_of(500);
  ConfigTexts texts_;
};

TEST_F(ConfigTextTest, IsTheSameTextInPieces) {
  for (const bool effective : {false, true})
    for (const bool origin : {false, true})
      EXPECT_EQ(read(*ask({effective, origin})), whole({effective, origin})) << effective << origin;
  EXPECT_EQ(read(*texts_.source(spec_, {true, false}, config::ShowForm::yaml)),
            config::show_yaml(*spec_.tree, *spec_.sources, filters::filter_rows(), {true, false}));
}

TEST_F(ConfigTextTest, IsMadeAsFarAsSomebodyReadsAndOnce) {
  ConfigText text(spec_, {true, false}, config::ShowForm::json);
  std::string first, again;
  for (int i = 0; i < 100 && first.empty(); ++i) EXPECT_EQ(text.piece(0, first), State::more);
  EXPECT_EQ(first.size(), ConfigText::kPiece);
  const size_t made = text.pieces();
  EXPECT_EQ(made, 1u) << "what nobody has read yet is not made";
  EXPECT_EQ(text.piece(0, again), State::more);
  EXPECT_EQ(again, first);
  EXPECT_EQ(text.pieces(), made) << "who comes later reads what is there";
}

TEST_F(ConfigTextTest, ManyReadersAtDifferentPlacesEachGetAll) {
  const std::string wanted = whole({true, true});
  std::vector<std::unique_ptr<admin::BodySource>> readers;
  std::vector<std::string> got(8);
  for (size_t i = 0; i < got.size(); ++i) readers.push_back(ask({true, true}));
  size_t ended = 0;
  for (int turn = 0; turn < 10'000 && ended < readers.size(); ++turn)
    for (size_t i = 0; i < readers.size(); ++i)
      if (readers[i] != nullptr && turn % static_cast<int>(i + 1) == 0 && readers[i]->next(got[i]) == State::done)
        readers[i].reset(), ++ended;
  for (const std::string& text : got) EXPECT_EQ(text, wanted);
}

TEST_F(ConfigTextTest, AThirdFormIsShownTooAndNothingOfItStays) {
  const auto first = ask({true, true}), second = ask({true, false});
  EXPECT_EQ(read(*ask({false, false})), whole({false, false}));
  EXPECT_EQ(read(*first), whole({true, true}));
  EXPECT_EQ(read(*second), whole({true, false}));
}

TEST_F(ConfigTextTest, ANewConfigurationIsShownAndTheOldOneIsReadToItsEnd) {
  const auto old = ask({true, true});
  const std::string before = whole({true, true});
  spec_ = spec_of(3);
  EXPECT_EQ(read(*ask({true, true})), whole({true, true}));
  EXPECT_EQ(read(*old), before);
}

TEST_F(ConfigTextTest, ATextThatIsMadeKeepsNoConfiguration) {
  const std::weak_ptr<const config::Node> tree = spec_.tree;
  (void)read(*ask({true, true}));
  spec_ = {};
  EXPECT_TRUE(tree.expired());
}

}  // namespace
}  // namespace rhumb::proxy
