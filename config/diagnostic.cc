// SPDX-License-Identifier: Apache-2.0
#include "config/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <tuple>

#include "config/codes.h"

namespace rhumb::config {
namespace {

constexpr size_t kMaxWord = 40;
constexpr size_t kMaxKept = 1000, kMaxKeptWarnings = 200;

/// Edits (insert, delete, replace, swap of neighbours) between two words of at most kMaxWord letters.
size_t edits(std::string_view a, std::string_view b) {
  std::array<std::array<size_t, kMaxWord + 1>, kMaxWord + 1> d{};
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t differs = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + differs});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

void Diagnostics::error(uint16_t number, Place place, std::string message, std::string hint) {
  add({Severity::error, number, place, std::move(message), std::move(hint), {}, {}});
}

void Diagnostics::warning(uint16_t number, Place place, std::string message, std::string hint) {
  add({Severity::warning, number, place, std::move(message), std::move(hint), {}, {}});
}

void Diagnostics::add(Diagnostic d) {
  // A hostile file can be wrong in 50,000 places; nobody reads them, and they must not fill the memory.
  const bool error = d.severity == Severity::error;
  const bool room = error ? errors_ < kMaxKept : warnings_ < kMaxKeptWarnings;
  ++(error ? errors_ : warnings_);
  if (room) all_.push_back(std::move(d));
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<size_t> order(all_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto key = [this](size_t i) {
    const Place& place = all_[i].place;
    return std::tuple(place.file, place.line, place.column, i);
  };
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return key(a) < key(b); });
  std::vector<Diagnostic> result;
  result.reserve(all_.size());
  for (const size_t i : order) result.push_back(all_[i]);
  return result;
}

bool Diagnostics::ByStart::operator()(const Place& a, const Place& b) const noexcept {
  return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
}

std::vector<Place> Diagnostics::open_beside(const Place& place) const {
  return {open_.lower_bound({place.file, place.line, 0}), open_.lower_bound({place.file, place.line + 1, 0})};
}

std::string Diagnostics::said(std::string_view text, const Place& place) const {
  return is_one_word(text) && is_open(place) ? fmt::format("'{}'", shown(text)) : "the value";
}

std::string Diagnostics::named(std::string_view text, const Place& place) const {
  return is_one_word(text) && is_open(place) ? fmt::format(" '{}'", shown(text)) : "";
}

std::string Diagnostics::without(std::string words, std::string_view text, const Place& place) const {
  if (text.empty() || (is_one_word(text) && is_open(place))) return words;
  for (size_t at = 0; (at = words.find(text, at)) != std::string::npos; at += 3) words.replace(at, text.size(), "***");
  return words;
}

std::string code_name(uint16_t code, Severity severity) {
  return fmt::format("{}{:04}", severity == Severity::error ? 'E' : 'W', code);
}

std::optional<std::string> help_for(std::string_view text) {
  if (!text.empty() && std::string_view("EeWw").find(text.front()) != std::string_view::npos) text.remove_prefix(1);
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  for (const CodeHelp& help : all_codes()) {
    if (help.code == number)
      return fmt::format("{}: {}\n\n{}\n", code_name(number, help.severity), help.title, help.paragraph);
  }
  return std::nullopt;
}

std::string shown(std::string_view value) {
  constexpr size_t kMaxShown = 60;
  std::string result;
  size_t characters = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    const auto c = static_cast<uint8_t>(value[i]);
    const bool starts = (c & 0xc0) != 0x80;
    if (starts && ++characters > kMaxShown) return result + "...";
    // U+0080 to U+009F begin with 0xc2 and steer terminals as well.
    const bool c1 = c == 0xc2 && i + 1 < value.size() && static_cast<uint8_t>(value[i + 1]) < 0xa0;
    if (c < 0x20 || c == 0x7f) {
      result += fmt::format("\\x{:02x}", c);
    } else if (c1) {
      result += fmt::format("\\x{:02x}", static_cast<uint8_t>(value[++i]));
    } else {
      result += value[i];
    }
  }
  return result;
}

bool is_one_word(std::string_view text) noexcept {
  return text.find_first_of(" \t\r\n,;=&?@#\"'") == std::string_view::npos;
}

std::string_view closest(std::string_view word, const std::vector<std::string_view>& names) {
  if (word.size() > kMaxWord) return {};
  std::string_view best;
  size_t fewest = word.size() <= 3 ? 2 : 3;  // one more than allowed
  for (const std::string_view name : names) {
    const size_t gap = name.size() > word.size() ? name.size() - word.size() : word.size() - name.size();
    if (name.size() > kMaxWord || gap >= fewest) continue;
    if (const size_t distance = edits(word, name); distance < fewest) fewest = distance, best = name;
  }
  return best;
}

}  // namespace rhumb::config
