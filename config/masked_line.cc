// SPDX-License-Identifier: Apache-2.0
#include "config/masked_line.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "config/field.h"
#include "config/source.h"
#include "config/tables.h"

namespace rhumb::config {
namespace {

using Part = std::pair<size_t, size_t>;  // bytes of a line: from, to

constexpr size_t kWindow = 1000;  // bytes that are looked at before and behind a place: more than anybody is shown
constexpr std::string_view kMask = "***", kBlanks = " \t", kStructure = " \t-[]{},:";

bool is_continuation(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }

/// Whether a key has a number behind it wherever the tables know it.
using Keys = std::map<std::string_view, bool>;

void collect(std::span<const Field> fields, Keys& keys) {
  for (const Field& field : fields) {
    const bool number = field.type == Type::integer || field.type == Type::number;
    const auto [known, fresh] = keys.emplace(field.name, number);
    known->second = known->second && number;
    collect(field.fields, keys);
  }
}

const Keys& table_keys() {
  static const Keys keys = [] {
    Keys all;
    collect(root_fields(), all);
    return all;
  }();
  return keys;
}

/// The length of dashes, brackets and blanks at the front that open nodes: "  - {".
size_t openers(std::string_view text) {
  size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool dash =
        text[at] == '-' && (at + 1 == text.size() || kBlanks.find(text[at + 1]) != std::string_view::npos);
    if (!dash && kBlanks.find(text[at]) == std::string_view::npos && text[at] != '[' && text[at] != '{') break;
  }
  return at;
}

/// The length of what closes a value, divides it from the next one and opens that: "}, {" or ": [".
size_t dividers(std::string_view text) {
  size_t at = std::min(text.find_first_not_of(kBlanks), text.size());
  while (at < text.size() && (text[at] == ']' || text[at] == '}')) ++at;
  if (at < text.size() && (text[at] == ',' || text[at] == ':')) ++at;
  return at + openers(text.substr(at));
}

/// The length of a number at the front that is the whole of a value, with the blanks before it.
size_t number(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  const size_t end = std::min(text.find_first_not_of("0123456789.-", begin), text.size());
  constexpr size_t kLongest = 8;
  const bool whole = end == text.size() || std::string_view(",]}").find(text[end]) != std::string_view::npos;
  return end > begin && end - begin <= kLongest && whole ? end : 0;
}

/// The length of "key:" at the front, when it is one of the tables; and of the value, if that is a number.
size_t known_key(std::string_view text) {
  const bool quoted = !text.empty() && (text[0] == '"' || text[0] == '\'');
  const size_t end = quoted ? text.find(text[0], 1) : text.find_first_of(": \t");
  if (end == std::string_view::npos) return 0;
  const auto key = table_keys().find(text.substr(quoted, end - quoted));
  const size_t colon = text.find_first_not_of(kBlanks, end + quoted);
  if (key == table_keys().end() || colon == std::string_view::npos || text[colon] != ':') return 0;
  const std::string_view behind = text.substr(colon + 1);
  if (!behind.empty() && kBlanks.find(behind[0]) == std::string_view::npos) return 0;
  return colon + 1 + (key->second ? number(behind) : 0);
}

class Masker {
 public:
  explicit Masker(std::string_view line) : line_(line), shown_at_(line.size() + 1) {}

  /// With places the file's readers have opened.
  void by_places(const std::vector<Part>& open) {
    for (const auto& [begin, end] : open) {
      if (begin < at_) continue;
      gap(begin);
      keep(end);
    }
    tail();
  }

  void by_words() {
    if (line_ == "---" || line_ == "...") return keep(line_.size());
    keep(openers(line_));
    while (const size_t key = known_key(rest())) {
      keep(at_ + key);
      keep(at_ + dividers(rest()));
    }
    if (rest().starts_with('#')) return drop();
    if (at_ < line_.size()) mask(line_.size(), "");
  }

  Masked result(size_t begin, size_t end) {
    shown_at_[line_.size()] = text_.size();
    Masked masked;
    const size_t from = std::min(shown_at_[begin], text_.size());
    const size_t to = std::clamp(shown_at_[end], from, text_.size());
    const std::string_view text = text_;
    masked.column = count_characters(text.substr(0, from));
    // The whole of a mask that hides what was underlined.
    const bool hidden = from == to && text.substr(from).starts_with(kMask);
    masked.length = hidden ? kMask.size() : std::max<size_t>(count_characters(text.substr(from, to - from)), 1);
    masked.text = std::move(text_);
    return masked;
  }

 private:
  std::string_view rest() const { return line_.substr(at_); }

  void keep(size_t end) {
    for (; at_ < end; ++at_) {
      shown_at_[at_] = text_.size();
      text_ += line_[at_];
    }
  }

  /// What is left, without a mark, and the blanks in front of it.
  void drop() {
    text_.erase(text_.find_last_not_of(kBlanks) + 1);
    for (; at_ < line_.size(); ++at_) shown_at_[at_] = text_.size();
  }

  void mask(size_t end, std::string_view after) {
    for (; at_ < end; ++at_) shown_at_[at_] = text_.size();
    text_ += kMask;
    text_ += after;
  }

  /// What stands in front of something that is shown.
  void gap(size_t end) {
    const std::string_view between = line_.substr(at_, end - at_);
    if (between.find_first_not_of(kStructure) == std::string_view::npos) return keep(end);
    keep(at_ + (at_ == 0 ? openers(between) : dividers(between)));
    mask(end, ", ");
  }

  void tail() {
    if (rest().find_first_not_of(kStructure) == std::string_view::npos) return keep(line_.size());
    const size_t stays = dividers(rest());
    keep(at_ + stays);
    if (rest().starts_with('#')) return drop();
    mask(line_.size(), "");
  }

  std::string_view line_;
  std::vector<size_t> shown_at_;  // where in text_ each byte of the line is
  std::string text_;
  size_t at_ = 0;  // so far, in the line
};

/// Goes through a line once, turning characters into bytes.
class ByteFinder {
 public:
  explicit ByteFinder(std::string_view line) : line_(line) {}
  /// `character` counts from 0 and does not descend.
  size_t of(size_t character) {
    while (at_ < line_.size() && character_ < character) {
      do ++at_;
      while (at_ < line_.size() && is_continuation(line_[at_]));
      ++character_;
    }
    return at_;
  }

 private:
  std::string_view line_;
  size_t at_ = 0, character_ = 0;
};

/// A value in quotes is one word if what is inside them is; a default of a variable may be a secret.
bool may_show(std::string_view written) {
  if (written.size() >= 2 && (written[0] == '"' || written[0] == '\'')) {
    if (written.back() != written[0]) return false;
    written = written.substr(1, written.size() - 2);
  }
  return is_one_word(written) && written.find(":-") == std::string_view::npos;
}

std::vector<Part> shown_parts(std::string_view line, const std::vector<Place>& open) {
  std::vector<Part> parts;
  ByteFinder finder(line);
  for (const Place& place : open) {
    if (place.column == 0) continue;
    const size_t begin = finder.of(place.column - 1);
    const size_t end = begin + ByteFinder(line.substr(begin)).of(place.length);
    if (begin < end && may_show(line.substr(begin, end - begin))) parts.emplace_back(begin, end);
  }
  return parts;
}

}  // namespace

Masked masked_line(const Place& place, std::string_view line, const std::vector<Place>& open) {
  const size_t at = ByteFinder(line).of(place.column - 1);
  size_t from = at > kWindow ? at - kWindow : 0;
  while (from > 0 && is_continuation(line[from])) --from;
  std::vector<Part> parts = shown_parts(line, open);
  std::erase_if(parts, [&](const Part& part) { return part.first < from || part.second > at + kWindow; });
  for (Part& part : parts) part.first -= from, part.second -= from;
  line = line.substr(from, at + kWindow - from);
  const size_t begin = at - from, end = begin + ByteFinder(line.substr(begin)).of(place.length);
  Masker masker(line);
  parts.empty() ? masker.by_words() : masker.by_places(parts);
  return masker.result(begin, end);
}

}  // namespace rhumb::config
