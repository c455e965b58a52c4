// SPDX-License-Identifier: Apache-2.0
// The Prometheus text format (exposition format 0.0.4), and a page of it that is written in pieces: a scrape of tens of
// thousands of series must not hold up the loop that serves it. One thread.
#pragma once
#include <fmt/format.h>

#include <array>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace rhumb::admin {

/// `name="value"`, with what must be escaped of the value.
std::string label(std::string_view name, std::string_view value);

/// Where the samples of one family go.
class Samples {
 public:
  Samples(std::string& out, std::string_view family) noexcept : out_(out), family_(family) {}
  /// `labels`: from label(), with commas between them; may be empty.
  template <class V>
  void add(std::string_view labels, V value) {
    line("", labels, value);
  }
  /// `each` calls back with every part of the histogram (of one worker, say); H is its type.
  template <class H, class Each>
  void histogram(std::string_view labels, Each each);
  /// Nothing more into this piece: what was done for it took its time.
  void end_piece() noexcept { ended_ = true; }
  bool ended() const noexcept { return ended_; }

 private:
  template <class V>
  void line(std::string_view suffix, std::string_view labels, V value) {
    if (labels.empty())
      fmt::format_to(std::back_inserter(out_), "{}{} {}\n", family_, suffix, value);
    else
      fmt::format_to(std::back_inserter(out_), "{}{}{{{}}} {}\n", family_, suffix, labels, value);
  }
  std::string& out_;
  std::string_view family_;
  bool ended_ = false;
};

template <class H, class Each>
void Samples::histogram(std::string_view labels, Each each) {
  constexpr size_t kBuckets = H::kBounds.size() + 1;
  std::array<uint64_t, kBuckets> counts{};
  uint64_t sum = 0, below = 0;
  each([&](const H& part) {
    for (size_t i = 0; i < kBuckets; ++i) counts[i] += part.bucket(i);
    sum += part.sum();
  });
  const char* const comma = labels.empty() ? "" : ",";
  for (size_t i = 0; i < kBuckets; ++i) {
    below += counts[i];
    if (i + 1 < kBuckets) {
      const double bound = static_cast<double>(H::kBounds[i]) / H::kUnit;
      fmt::format_to(std::back_inserter(out_), "{}_bucket{{{}{}le=\"{}\"}} {}\n", family_, labels, comma, bound, below);
    } else {
      fmt::format_to(std::back_inserter(out_), "{}_bucket{{{}{}le=\"+Inf\"}} {}\n", family_, labels, comma, below);
    }
  }
  line("_sum", labels, static_cast<double>(sum) / H::kUnit);
  line("_count", labels, below);
}

/// All series of one name. `write` writes the nth part of them; true: there is a next one.
struct Family {
  std::string_view name, type, help;  // literals
  std::function<bool(Samples& to, size_t part)> write;
};

/// Families one after the other. What they read lives as long as the page.
class Page {
 public:
  static constexpr size_t kPiece = 32 * 1024;

  explicit Page(std::vector<Family> families) noexcept : families_(std::move(families)) {}
  /// Appends about kPiece bytes, or less when they were dear; false: that was the rest. Each part of a family is
  /// written whole, so that a piece may be a little longer.
  bool next(std::string& out);

 private:
  std::vector<Family> families_;
  size_t family_ = 0, part_ = 0;
};

}  // namespace rhumb::admin
