// SPDX-License-Identifier: Apache-2.0
#include "decision/pattern_sets.h"

#include <algorithm>
#include <bit>
#include <map>

namespace rhumb::decision {

std::optional<PatternSets> PatternSets::make(const PatternProgram& program) {
  if (program.has_word_edges() || !program.fits()) return std::nullopt;
  PatternSets sets;
  std::vector<const PatternStep*> places;
  for (const PatternStep& step : program.steps()) {
    sets.place_of_.push_back(static_cast<uint16_t>(places.size()));
    if (step.kind == PatternStep::Kind::bytes) places.push_back(&step);
  }
  if (places.size() > kMaxPlaces) return std::nullopt;
  sets.words_ = std::max<size_t>((places.size() + kBits - 1) / kBits, 1);
  sets.first_.resize(sets.words_), sets.last_.resize(sets.words_);
  sets.next_.resize(places.size() * sets.words_);
  PatternWays ways(program);
  sets.follow(ways, program.start(), PatternBefore::begin, sets.first_.data());
  sets.matches_empty_ = reaches_match(ways, program.start(), PatternBefore::begin);
  for (size_t p = 0; p < places.size(); ++p) {
    sets.follow(ways, places[p]->next, PatternBefore::other, &sets.next_[p * sets.words_]);
    if (reaches_match(ways, places[p]->next, PatternBefore::other)) sets.last_[p / kBits] |= Word{1} << p % kBits;
  }
  std::map<std::vector<Word>, uint8_t> columns;
  for (unsigned c = 0; c < 256; ++c) {
    std::vector<Word> takes(sets.words_);
    for (size_t p = 0; p < places.size(); ++p)
      if (c < 128 && places[p]->bytes[c]) takes[p / kBits] |= Word{1} << p % kBits;
    const auto [known, fresh] = columns.try_emplace(takes, static_cast<uint8_t>(columns.size()));
    if (fresh) sets.takes_.insert(sets.takes_.end(), takes.begin(), takes.end());
    sets.column_of_[c] = known->second;
  }
  return sets;
}

/// Where a character may be taken next; neither the beginning nor the end is between two characters.
void PatternSets::follow(PatternWays& ways, uint16_t start, PatternBefore before, Word* to) const {
  constexpr unsigned kSome = 'x';
  ways.from({start}, before, kSome, [&](uint16_t number, const PatternStep& step) {
    if (step.kind != PatternStep::Kind::bytes) return;
    const size_t place = place_of_[number];
    to[place / kBits] |= Word{1} << place % kBits;
  });
}

bool PatternSets::reaches_match(PatternWays& ways, uint16_t start, PatternBefore before) {
  bool match = false;
  ways.from({start}, before, kPatternEnd,
            [&](uint16_t, const PatternStep& step) { match = match || step.kind == PatternStep::Kind::match; });
  return match;
}

bool PatternSets::matches(std::string_view path, PatternWork& work) const noexcept {
  if (path.empty()) return matches_empty_;
  std::array<Word, kMaxWords> at{}, taken{};
  std::copy(first_.begin(), first_.end(), at.begin());
  for (const char c : path) {
    const Word* const takes = &takes_[column_of_[static_cast<uint8_t>(c)] * words_];
    Word any = 0;
    for (size_t w = 0; w < words_; ++w) any |= taken[w] = at[w] & takes[w];
    work.done += 1 + words_;
    if (any == 0 || work.over()) return false;
    at = {};
    for (size_t w = 0; w < words_; ++w) {
      for (Word left = taken[w]; left != 0; left &= left - 1) {
        const Word* const next = &next_[(w * kBits + static_cast<size_t>(std::countr_zero(left))) * words_];
        for (size_t i = 0; i < words_; ++i) at[i] |= next[i];
        work.done += 1 + words_ / 4;
      }
    }
  }
  Word end = 0;
  for (size_t w = 0; w < words_; ++w) end |= taken[w] & last_[w];
  return end != 0;
}

}  // namespace rhumb::decision
