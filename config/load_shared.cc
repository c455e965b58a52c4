// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "config/codes.h"
#include "config/load_parts.h"
#include "config/value.h"

namespace rhumb::config {

bool Once::add(const std::string& value, Place place) {
  if (value.empty()) return true;
  const auto [before, fresh] = seen_.emplace(value, place);
  if (!fresh) {
    diagnostics_->add({Severity::error,
                       code_,
                       place,
                       fmt::format("{}{} is given twice", what_, diagnostics_->named(value, place)),
                       {},
                       before->second,
                       "the first one is here"});
  }
  return fresh;
}

RegionNames::RegionNames(const std::vector<Section>& regions, Diagnostics& diagnostics)
    : Once(code::kDuplicateName, "region", diagnostics) {
  for (const Section& region : regions) {
    const std::string name = read_name(region);
    if (!name.empty() && add(name, region.place("name"))) order_.push_back(name);
  }
}

void RegionNames::check(const std::string& name, Place place, std::string_view path) const {
  if (name.empty() || seen_.contains(name)) return;
  Diagnostic d{Severity::error,
               code::kUnknownRegion,
               place,
               fmt::format("unknown region{} in {}", diagnostics_->named(name, place), path),
               {},
               {},
               {}};
  const std::string_view meant = closest(name, {order_.begin(), order_.end()});
  constexpr size_t kMaxListed = 8;
  if (!meant.empty()) {
    d.hint = fmt::format("did you mean '{}'?", meant);
    d.other = seen_.find(meant)->second;
    d.other_note = fmt::format("region{} is here", diagnostics_->named(meant, d.other));
  } else if (!order_.empty() && order_.size() <= kMaxListed) {
    std::vector<std::string> open;
    std::copy_if(order_.begin(), order_.end(), std::back_inserter(open),
                 [&](const std::string& one) { return diagnostics_->is_open(seen_.find(one)->second); });
    if (!open.empty()) d.hint = fmt::format("the regions are {}", fmt::join(open, ", "));
  }
  if (meant.empty() && !order_.empty()) {
    d.other = seen_.find(order_.front())->second;
    d.other_note = "the first region is here";
  }
  diagnostics_->add(std::move(d));
}

std::vector<std::string> RegionNames::checked_list(const Section& section, std::string_view key) const {
  std::vector<std::string> names = section.strings(key);
  Once once(code::kDuplicateItem, "region", section.diagnostics());
  const std::string path = fmt::format("{}.{}", section.path(), key);
  for (size_t i = 0; i < names.size(); ++i) {
    check(names[i], section.item_place(key, i), path);
    once.add(names[i], section.item_place(key, i));
  }
  return names;
}

std::string read_name(const Section& section) {
  std::string name = section.string("name");
  if (section.good("name") && !is_plain_name(name)) {
    section.error(code::kName, "name", section.said("name") + " cannot be a name",
                  "use letters, digits, '-', '_' and '.', at most 64");
  }
  return name;
}

std::string read_token(const Section& section, std::string_view key, bool lower) {
  std::string text = section.string(key);
  if (section.good(key) && !is_http_token(text)) {
    section.error(code::kName, key,
                  fmt::format("{} cannot be the name of a {}", section.said(key), lower ? "header" : "cookie"));
  }
  return lower ? lower_case(text) : text;
}

std::string read_key(const Section& section, std::initializer_list<std::string_view> allowed) {
  const std::string key = section.string("key");
  const size_t colon = key.find(':');
  const std::string kind = key.substr(0, colon);
  std::vector<std::string_view> kinds;
  bool named = false;
  for (const std::string_view one : allowed) {
    if (one == key) return key;
    kinds.push_back(one.substr(0, one.find(':')));
    named = named || (one.ends_with(":NAME") && kinds.back() == kind);
  }
  if (named && colon != std::string::npos && is_http_token(std::string_view(key).substr(colon + 1)))
    return kind == "header" ? lower_case(key) : key;
  const std::string_view meant = closest(kind, kinds);
  const std::string hint = named           ? fmt::format("write {}:NAME", kind)
                           : meant.empty() ? std::string()
                                           : fmt::format("did you mean '{}'?", meant);
  const std::vector<std::string_view> words(allowed);
  section.error(code::kKey, "key",
                fmt::format("{} is not {} or {}", section.said("key"), fmt::join(words.begin(), words.end() - 1, ", "),
                            words.back()),
                hint);
  return key;
}

bool check_secret(const Section& section, std::string_view secret) {
  constexpr size_t kMinSecret = 32;
  if (!section.good("secret")) return false;
  if (secret.size() >= kMinSecret) return true;
  section.error(code::kShortSecret, "secret",
                fmt::format("the secret has {} bytes and needs at least {}", secret.size(), kMinSecret),
                "make one with: openssl rand -hex 32");
  return false;
}

bool check_url_path(const std::string& text, Place place, std::string_view path, Diagnostics& diagnostics) {
  std::string why;
  if (!text.starts_with('/')) {
    why = "a path begins with '/'";
  } else if (text.find_first_of("?# ;\\") != std::string::npos) {
    why = "a path holds no '?', '#', ';', '\\' or space";
  }
  if (why.empty()) return true;
  diagnostics.error(code::kPath, place, fmt::format("{}: {}", path, why));
  return false;
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return result;
}

}  // namespace rhumb::config
