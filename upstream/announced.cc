// SPDX-License-Identifier: Apache-2.0
#include "upstream/announced.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

namespace rhumb::upstream {
namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();
/// Of the largest number; beyond, a float of the states would not hold it well.
constexpr double kMostAnnounced = 1e12;

uint64_t micros_of(base::Instant at) noexcept { return static_cast<uint64_t>(at.time_since_epoch().count()); }

double number_in(std::string_view text) noexcept {
  if (text.empty() || !base::is_digit(text.front())) return kNoNumber;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && value <= kMostAnnounced ? value : kNoNumber;
}

}  // namespace

void read_announced(std::span<const AnnouncedField> fields, const http::Headers& head, base::Instant now) noexcept {
  for (const AnnouncedField& wanted : fields) {
    const http::Field* field =
        wanted.id != http::FieldId::other ? head.find(wanted.id) : head.find(std::string_view(wanted.name));
    if (field == nullptr) continue;
    const double number = number_in(field->value);
    if (std::isnan(number)) continue;
    wanted.to->bits.set(std::bit_cast<uint64_t>(number));
    wanted.to->since.set(micros_of(now));
  }
}

float newest(const std::vector<Announced*>& of, base::Instant now) noexcept {
  const uint64_t at = micros_of(now);
  uint64_t latest = 0;
  double number = kNoNumber;
  for (const Announced* announced : of) {
    const uint64_t since = announced->since.get();
    const bool fresh = since != 0 && (since >= at || at - since < static_cast<uint64_t>(kAnnouncedFor.count()));
    if (!fresh || since < latest) continue;
    latest = since, number = std::bit_cast<double>(announced->bits.get());
  }
  return static_cast<float>(number);
}

}  // namespace rhumb::upstream
