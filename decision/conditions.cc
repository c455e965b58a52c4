// SPDX-License-Identifier: Apache-2.0
#include "decision/conditions.h"

#include <algorithm>

#include "http/cookie.h"
#include "http/uri.h"

namespace rhumb::decision {

uint32_t Conditions::name_of(Asked of, std::string_view name) {
  const auto fresh = static_cast<uint32_t>(names_.size());
  const http::FieldId id = of == Asked::header ? http::field_id(name) : http::FieldId::other;
  uint32_t* at = nullptr;
  if (id != http::FieldId::other) {
    at = &known_[static_cast<size_t>(id)];
  } else if (of == Asked::header) {
    at = &fields_.try_emplace(std::string(name), kNone).first->second;
  } else {
    at = &(of == Asked::query ? parameters_ : cookies_).try_emplace(std::string(name), kNone).first->second;
  }
  if (*at != kNone) return *at;
  names_.emplace_back();
  ++counts_[static_cast<size_t>(of)];
  return *at = fresh;
}

Wanted Conditions::add(Asked of, std::string_view name, std::string_view value) {
  Name& wanted = names_[name_of(of, name)];
  uint32_t* number = &wanted.present;
  if (value != "*") {
    number = &wanted.values.try_emplace(std::string(value), kNone).first->second;
    wanted.longest = std::max(wanted.longest, value.size());
  }
  if (*number == kNone) *number = conditions_++;
  return {of, *number};
}

Wanted Conditions::add_value(Asked of, std::string_view name) {
  const uint32_t number = name_of(of, name);
  names_[number].value_wanted = true;
  return {of, number};
}

uint32_t Conditions::find(const http::Field& field) const noexcept {
  if (field.id != http::FieldId::other) return known_[static_cast<size_t>(field.id)];
  const auto found = fields_.find(field);
  return found == fields_.end() ? kNone : found->second;
}

uint32_t Conditions::find(const Texts& names, std::string_view name) noexcept {
  const auto found = names.find(name);
  return found == names.end() ? kNone : found->second;
}

void Answers::read_now(Asked of) {
  if (bits_ == nullptr) {
    const size_t names = conditions_.names_.size();
    bits_ = arena_.make_array<uint64_t>((conditions_.conditions_ + names + 63) / 64).data();
    kept_ = arena_.make_array<Kept>(std::min(names, kMaxValues)).data();
  }
  read_ = static_cast<uint8_t>(read_ | 1u << static_cast<unsigned>(of));
  seen_ = 0;
  if (of == Asked::header) return read_fields();
  of == Asked::query ? read_query() : read_cookies();
}

void Answers::read_fields() noexcept {
  for (const http::Field& field : request_.fields.all()) {
    if (field.id == http::FieldId::removed) continue;
    ++looked_up_;
    const uint32_t name = conditions_.find(field);
    if (name != Conditions::kNone) see(name, field.value, false);
  }
}

/// Ends when each name that anyone asks for was seen: the first of a name counts.
void Answers::read_query() noexcept {
  http::QueryReader reader(request_.query);
  while (seen_ != conditions_.counts_[static_cast<size_t>(Asked::query)]) {
    const auto pair = reader.next();
    if (!pair) return;
    ++looked_up_;
    const uint32_t name = Conditions::find(conditions_.parameters_, pair->key);
    if (name != Conditions::kNone) see(name, pair->value, true);
  }
}

void Answers::read_cookies() noexcept {
  http::CookieReader reader(request_.fields);
  while (seen_ != conditions_.counts_[static_cast<size_t>(Asked::cookie)]) {
    const auto cookie = reader.next();
    if (!cookie) return;
    ++looked_up_;
    const uint32_t name = Conditions::find(conditions_.cookies_, cookie->name);
    if (name != Conditions::kNone) see(name, cookie->value, true);
  }
}

void Answers::see(uint32_t number, std::string_view value, bool first_counts) noexcept {
  const Conditions::Name& name = conditions_.names_[number];
  const uint32_t seen = conditions_.conditions_ + number;
  const bool first = !bit(seen);
  if (!first && first_counts) return;
  if (first) {
    set_bit(seen);
    ++seen_;
    if (name.present != Conditions::kNone) set_bit(name.present);
    if (name.value_wanted && kept_count_ < kMaxValues) {
      const uint64_t digest = value.size() > kLongValue ? base::hash64(value, 0) : 0;
      kept_[kept_count_++] = {number, {value, digest}};
    }
  }
  if (name.values.empty() || value.size() > name.longest) return;
  const auto found = name.values.find(value);
  if (found != name.values.end()) set_bit(found->second);
}

Answers::Value Answers::value(Wanted name) {
  read(name.of);
  for (uint32_t i = 0; i < kept_count_; ++i)
    if (kept_[i].name == name.number) return kept_[i].value;
  return {};
}

}  // namespace rhumb::decision
