// SPDX-License-Identifier: Apache-2.0
#include "decision/pattern_parser.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"

namespace rhumb::decision {
namespace {

using Kind = PatternNode::Kind;

constexpr unsigned kBeyondAscii = 128;
constexpr int kMaxDepth = 64;

PathBytes range(unsigned first, unsigned last) {
  PathBytes bytes;
  for (unsigned c = first; c <= last && c < bytes.size(); ++c) bytes.set(c);
  return bytes;
}

PathBytes with_both_cases(PathBytes bytes) {
  for (unsigned c = 'a'; c <= 'z'; ++c)
    if (bytes[c] || bytes[c ^ 0x20]) bytes.set(c).set(c ^ 0x20);
  return bytes;
}

PathBytes digits() { return range('0', '9'); }
PathBytes letters() { return range('A', 'Z') | range('a', 'z'); }
PathBytes words() { return letters() | digits() | range('_', '_'); }
PathBytes spaces() { return range('\t', '\n') | range('\f', '\r') | range(' ', ' '); }

/// Of \d, \D and so on; nothing for another letter.
std::optional<PathBytes> perl_class(char letter) {
  switch (letter) {
    case 'd':
      return digits();
    case 'D':
      return ~digits();
    case 'w':
      return words();
    case 'W':
      return ~words();
    case 's':
      return spaces();
    case 'S':
      return ~spaces();
    default:
      return std::nullopt;
  }
}

/// Of [:alpha:] and so on.
PathBytes posix_class(std::string_view name) {
  if (name == "alnum") return letters() | digits();
  if (name == "alpha") return letters();
  if (name == "ascii") return range(0, 0x7f);
  if (name == "blank") return range('\t', '\t') | range(' ', ' ');
  if (name == "cntrl") return range(0, 0x1f) | range(0x7f, 0x7f);
  if (name == "digit") return digits();
  if (name == "graph") return range('!', '~');
  if (name == "lower") return range('a', 'z');
  if (name == "print") return range(' ', '~');
  if (name == "punct") return range('!', '~') & ~(letters() | digits());
  if (name == "space") return spaces() | range('\v', '\v');
  if (name == "upper") return range('A', 'Z');
  if (name == "word") return words();
  return digits() | range('A', 'F') | range('a', 'f');  // xdigit
}

/// Reads what RE2 has found good: a step that expects something may take it for granted.
class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  PatternNode either() {
    PatternNode node{.kind = Kind::either};
    do node.parts.push_back(sequence());
    while (take("|"));
    return node;
  }
  const std::string& wrong() const noexcept { return wrong_; }

 private:
  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  char take_one() {
    if (rest_.empty()) return '\0';
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  PatternNode sequence() {
    PatternNode node{.kind = Kind::sequence};
    while (wrong_.empty() && !rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      if (take("\\Q")) {
        quoted(node);
      } else if (rest_.starts_with("(?") && flags()) {
        // They hold for what follows, and are nothing that could be repeated.
      } else {
        node.parts.push_back(atom());
      }
      while (!node.parts.empty() && repeat(node.parts.back())) {
      }
    }
    return node;
  }

  void quoted(PatternNode& to) {
    while (!rest_.empty() && !take("\\E")) to.parts.push_back(literal(take_plain(take_one())));
  }

  PatternNode atom() {
    if (rest_.front() == '(') return group();
    if (take("[")) return bytes(bracketed());
    if (take(".")) return bytes(~PathBytes());
    if (take("^") || take("\\A")) return {.kind = Kind::begin};
    if (take("$") || take("\\z")) return {.kind = Kind::end};
    if (take("\\b")) return {.kind = Kind::word_edge};
    if (take("\\B")) return {.kind = Kind::no_word_edge};
    if (take("\\C")) return bytes(~PathBytes());
    if (const auto set = escaped_class()) return bytes(*set);
    return literal(take_character());
  }

  static PatternNode bytes(const PathBytes& bytes) { return {.kind = Kind::bytes, .bytes = bytes}; }
  PatternNode literal(unsigned c) const { return bytes(folded(range(c, c))); }
  PathBytes folded(const PathBytes& bytes) const { return fold_ ? with_both_cases(bytes) : bytes; }

  /// \d and its like.
  std::optional<PathBytes> escaped_class() {
    if (rest_.size() < 2 || rest_.front() != '\\') return std::nullopt;
    const char letter = rest_[1];
    if (letter == 'p' || letter == 'P') {
      wrong_ = "\\p is not supported: a path has ASCII characters alone";
      return PathBytes();
    }
    auto set = perl_class(letter);
    if (set) rest_.remove_prefix(2);
    return set;
  }

  /// "(?i)" and the like. False: a group begins here, which may have flags for itself.
  bool flags() {
    const size_t end = rest_.find_first_not_of("imsU-", 2);
    if (end == std::string_view::npos || rest_[end] != ')') return false;
    take_flags(end);
    return true;
  }
  /// Up to `end` and with the character there. Lines, greed and capturing change nothing here.
  void take_flags(size_t end) {
    bool on = true;
    for (const char c : rest_.substr(2, end - 2)) {
      if (c == '-') on = false;
      if (c == 'i') fold_ = on;
    }
    rest_.remove_prefix(end + 1);
  }

  PatternNode group() {
    const bool outer = fold_;
    if (rest_.starts_with("(?P<") || rest_.starts_with("(?<")) {
      base::take_until(rest_, '>');
    } else if (rest_.starts_with("(?")) {
      take_flags(rest_.find(':'));
    } else {
      take("(");
    }
    if (++depth_ > kMaxDepth) {
      wrong_ = "groups are nested too deep";
      return {};
    }
    PatternNode node = either();
    --depth_;
    take(")");
    fold_ = outer;
    return node;
  }

  /// The bracket is taken.
  PathBytes bracketed() {
    const bool others = take("^");
    PathBytes set;
    for (bool first = true; wrong_.empty() && !rest_.empty() && (first || rest_.front() != ']'); first = false) {
      const size_t end = rest_.starts_with("[:") ? rest_.find(":]", 2) : std::string_view::npos;
      if (end != std::string_view::npos) {
        const bool without = rest_[2] == '^';
        const size_t name = without ? 3 : 2;
        const PathBytes named = folded(posix_class(rest_.substr(name, end - name)));
        set |= without ? ~named : named;
        rest_.remove_prefix(end + 2);
      } else if (const auto escaped = escaped_class()) {
        set |= *escaped;
      } else {
        const unsigned low = take_character();
        const bool to = rest_.size() >= 2 && rest_[0] == '-' && rest_[1] != ']';
        if (to) rest_.remove_prefix(1);
        set |= folded(range(low, to ? take_character() : low));
      }
    }
    take("]");
    return others ? ~set : set;
  }

  /// A character or its escape; kBeyondAscii for all that are.
  unsigned take_character() {
    const char c = take_one();
    return c == '\\' ? take_escape() : take_plain(c);
  }
  /// Of a character beyond ASCII the rest is taken.
  unsigned take_plain(char c) {
    if (static_cast<uint8_t>(c) < kBeyondAscii) return static_cast<uint8_t>(c);
    while (!rest_.empty() && (static_cast<uint8_t>(rest_.front()) & 0xc0) == 0x80) rest_.remove_prefix(1);
    return kBeyondAscii;
  }

  unsigned take_escape() {
    constexpr std::string_view kLetters = "afnrtv", kMeant = "\a\f\n\r\t\v";
    const char c = take_one();
    if (c == 'x') return take_hex();
    if (const size_t at = kLetters.find(c); at != std::string_view::npos) return static_cast<unsigned>(kMeant[at]);
    if (c < '0' || c > '7') return static_cast<uint8_t>(c);
    unsigned value = static_cast<unsigned>(c - '0');
    for (int more = 2; more > 0 && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '7'; --more)
      value = value * 8 + static_cast<unsigned>(take_one() - '0');
    return std::min(value, kBeyondAscii);
  }

  unsigned take_hex() {
    const bool braces = take("{");
    unsigned value = 0;
    for (int digit = 0; (braces || digit < 2) && !rest_.empty() && rest_.front() != '}'; ++digit)
      value = std::min(value * 16 + static_cast<unsigned>(base::hex_value(take_one())), kBeyondAscii);
    if (braces) take("}");
    return value;
  }

  /// Puts the node under a repetition when one follows.
  bool repeat(PatternNode& node) {
    int least = 0, most = -1;
    if (take("+")) {
      least = 1;
    } else if (take("?")) {
      most = 1;
    } else if (!take("*") && !counted(least, most)) {
      return false;
    }
    take("?");  // lazy or not: the same texts
    PatternNode repeated{.kind = Kind::repeat, .least = least, .most = most};
    repeated.parts.push_back(std::move(node));
    node = std::move(repeated);
    return true;
  }

  /// {2}, {2,} and {2,3}; anything else in braces stands for itself.
  bool counted(int& least, int& most) {
    const size_t close = rest_.find('}');
    if (!rest_.starts_with('{') || close == std::string_view::npos) return false;
    std::string_view inside = rest_.substr(1, close - 1);
    const bool comma = inside.find(',') != std::string_view::npos;
    const auto first = base::parse_digits<int>(base::take_until(inside, ','));
    const auto second = base::parse_digits<int>(inside);
    if (!first || (!inside.empty() && !second)) return false;
    rest_.remove_prefix(close + 1);
    least = *first;
    most = !comma ? least : second ? *second : -1;
    return true;
  }

  std::string_view rest_;
  bool fold_ = false;
  int depth_ = 0;
  std::string wrong_;
};

}  // namespace

bool is_word_byte(unsigned byte) noexcept { return byte < kBeyondAscii && words()[byte]; }

base::Result<PatternNode, std::string> parse_pattern(std::string_view pattern) {
  Parser parser(pattern);
  PatternNode node = parser.either();
  if (!parser.wrong().empty()) return base::Unexpected(parser.wrong());
  return node;
}

}  // namespace rhumb::decision
