// SPDX-License-Identifier: Apache-2.0
#include "config/bundle.h"

#include <utility>

namespace rhumb::config {
namespace {

// One mark for each part, then its strings, each behind its length in four bytes.
constexpr std::string_view kMagic = "rhumb bundle 1\n";
constexpr char kFile = 'F', kMatch = 'M', kPath = 'P';

void put(std::string& out, uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(number >> shift & 0xff);
}

void put(std::string& out, std::string_view text) {
  put(out, static_cast<uint32_t>(text.size()));
  out += text;
}

void put(std::string& out, const Problem& problem) {
  put(out, uint32_t{problem.code});
  put(out, problem.message);
  put(out, problem.hint);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) noexcept : rest_(bytes) {}

  bool good() const noexcept { return good_; }
  bool more() const noexcept { return good_ && !rest_.empty(); }
  bool next_is(std::string_view word) noexcept {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  uint32_t number() noexcept {
    uint32_t value = 0;
    const std::string_view bytes = take(4);
    for (size_t i = 0; i < bytes.size(); ++i) value |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])) << 8 * i;
    return value;
  }
  std::string text() { return std::string(take(number())); }
  Problem problem() {
    const uint32_t code = number();
    if (code > 0xffff) good_ = false;
    std::string message = text();
    return {static_cast<uint16_t>(code), std::move(message), text()};
  }

 private:
  std::string_view take(size_t size) noexcept {
    if (size > rest_.size()) good_ = false, size = 0;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

std::string encode(const Bundle& bundle) {
  std::string out(kMagic);
  for (const FileText& file : bundle.files) {
    out += kFile;
    put(out, file.path), put(out, file.identity), put(out, file.text), put(out, file.problem);
  }
  for (const Match& match : bundle.matches) {
    out += kMatch;
    put(out, match.pattern), put(out, match.problem);
    for (const std::string& path : match.paths) out += kPath, put(out, path);
  }
  return out;
}

std::optional<Bundle> decode(std::string_view bytes) {
  Reader in(bytes);
  Bundle bundle;
  if (!in.next_is(kMagic)) return std::nullopt;
  while (in.more()) {
    if (bundle.matches.empty() && in.next_is({&kFile, 1})) {
      FileText file;
      file.path = in.text(), file.identity = in.text(), file.text = in.text(), file.problem = in.problem();
      bundle.files.push_back(std::move(file));
    } else if (in.next_is({&kMatch, 1})) {
      Match match;
      match.pattern = in.text(), match.problem = in.problem();
      bundle.matches.push_back(std::move(match));
    } else if (!bundle.matches.empty() && in.next_is({&kPath, 1})) {
      bundle.matches.back().paths.push_back(in.text());
    } else {
      return std::nullopt;
    }
  }
  if (!in.good()) return std::nullopt;
  return bundle;
}

}  // namespace rhumb::config
