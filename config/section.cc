// SPDX-License-Identifier: Apache-2.0
#include "config/section.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/units.h"
#include "config/codes.h"
#include "config/tables.h"
#include "config/value.h"

namespace rhumb::config {
namespace {

std::string join(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

std::string_view kind_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::scalar:
      return "a single value";
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::mapping:
      return "a mapping";
    case Node::Kind::null:
      break;
  }
  return "nothing";
}

/// Whether a key of the file's own can be taken for a name. `{secret:hunter2}` and `{secret hunter2}` are keys too.
bool is_name(const Node::Member& member) { return member.value.kind != Node::Kind::null && is_plain_name(member.key); }

/// No secret, as far as its row can tell. What is longer than any number or word of a table was meant for another row.
bool may_open(const Field& f, Type type, const Node& value) {
  constexpr size_t kLongestWord = 20;
  const bool free = type == Type::string || type == Type::path || type == Type::address || type == Type::cidr;
  return !f.secret && !value.hidden && !value.replaced && (free || value.scalar.size() <= kLongestWord);
}

/// "30 sec": too short for anything but a number with some unit.
bool is_quantity(std::string_view text) {
  constexpr size_t kMostDigits = 9, kLongestUnit = 4;
  const size_t unit = std::min(text.find_first_not_of("0123456789."), text.size());
  const bool blank = unit < text.size() && text[unit] == ' ';
  return unit > 0 && unit <= kMostDigits && text.size() - unit - blank <= kLongestUnit;
}

/// "regions[3].health" as the tables know it: "regions[].health".
std::string without_indices(std::string_view path) {
  std::string result;
  bool inside = false;
  for (const char c : path) {
    if (c == ']') inside = false;
    if (!inside) result += c;
    if (c == '[') inside = true;
  }
  return result;
}

/// Where in the tables a key is known, as paths of the mapping it stands in.
void find_homes(std::span<const Field> fields, const std::string& path, std::string_view key,
                std::vector<std::string>& homes) {
  for (const Field& field : fields) {
    if (!field.renamed_to.empty()) continue;
    if (field.name == key) homes.push_back(path);
    const std::string below = join(path, field.name) + (field.type == Type::sections ? "[]" : "");
    find_homes(field.fields, below, key, homes);
  }
}

/// The one mapping an unknown key could belong to: below where it stands, else in the same part of the file, else
/// anywhere.
std::string home_of(std::string_view key, const std::string& here) {
  if (here.find(".filters[]") != std::string::npos) return {};
  std::vector<std::string> homes;
  find_homes(root_fields(), {}, key, homes);
  const std::string part = here.substr(0, here.find_first_of(".["));
  for (const std::string& start : {here, part, std::string()}) {
    std::vector<std::string> near;
    std::copy_if(homes.begin(), homes.end(), std::back_inserter(near),
                 [&](const std::string& h) { return h.starts_with(start); });
    // A section of the file is meant before a key of its name somewhere below.
    if (start.empty() && std::find(near.begin(), near.end(), "") != near.end()) return "at the top level";
    if (near.size() == 1) return fmt::format("under '{}'", near[0]);
    if (!near.empty() && !start.empty()) return {};
  }
  return {};
}

}  // namespace

Section::Section(const Node* node, std::span<const Field> fields, std::string path, Diagnostics& diagnostics)
    : node_(node), fields_(fields), path_(std::move(path)), diagnostics_(&diagnostics) {
  if (node_ == nullptr) return;
  if (node_->kind != Node::Kind::mapping) {
    if (node_->kind == Node::Kind::null) {
      diagnostics.error(code::kNoValue, node_->place, fmt::format("'{}' has no value", path_),
                        "write {} for an empty mapping");
    } else {
      diagnostics.error(code::kWrongKind, node_->place,
                        fmt::format("'{}' must be a mapping, not {}", path_, kind_name(node_->kind)));
    }
    node_ = nullptr;
    return;
  }
  check_members();
}

void Section::check_members() {
  std::vector<std::string_view> meant;  // a misspelt key is not reported as missing as well
  for (const Node::Member& member : node_->members) {
    const Field* row = row_of(fields_, member.key);
    const bool known = row != nullptr && row->name != kAnyKey;
    // A variable of the environment has one place for key and value.
    if (member.key_place.line != 0 && (known || is_name(member))) diagnostics_->open(member.key_place);
    if (row != nullptr) {
      if (!row->renamed_to.empty()) warn_of_old_name(member, row->renamed_to);
      check_value(row->renamed_to.empty() ? *row : *field(row->renamed_to), member.value, join(path_, member.key));
    } else if (!path_.empty() || !member.key.starts_with("x-")) {
      meant.push_back(unknown_key(member));
    }
  }
  for (const Field& f : fields_) {
    if (!f.required || value(f.name) != nullptr) continue;
    if (std::find(meant.begin(), meant.end(), f.name) != meant.end()) continue;
    const std::string where = path_.empty() ? "the file" : path_;
    diagnostics_->error(code::kMissingKey, node_->place, fmt::format("'{}' is missing in {}", f.name, where),
                        f.doc.empty() ? std::string() : fmt::format("{}: {}", f.name, f.doc));
  }
}

std::string_view Section::unknown_key(const Node::Member& member) {
  std::vector<std::string_view> names;
  for (const Field& f : fields_) {
    if (f.renamed_to.empty()) names.push_back(f.name);
  }
  std::string hint;
  const std::string_view meant = closest(member.key, names);
  if (!meant.empty()) {
    hint = fmt::format("did you mean '{}'?", meant);
  } else if (const std::string home = home_of(member.key, without_indices(path_)); !home.empty()) {
    hint = "it belongs " + home;
  } else if (constexpr size_t kMaxListed = 8; names.size() <= kMaxListed && !names.empty()) {
    hint = fmt::format("known keys: {}", fmt::join(names, ", "));
  }
  const std::string where = path_.empty() ? "at the top level" : "in " + path_;
  if (!meant.empty()) diagnostics_->open(member.key_place);
  diagnostics_->error(code::kUnknownKey, member.key_place,
                      fmt::format("unknown key{} {}", diagnostics_->named(member.key, member.key_place), where),
                      std::move(hint));
  return meant;
}

void Section::warn_of_old_name(const Node::Member& member, std::string_view now) {
  const std::string old_path = join(path_, member.key);
  if (const Node* both = node_->find(now)) {
    diagnostics_->add({Severity::error, code::kDuplicateKey, member.key_place,
                       fmt::format("'{}' is the old name of '{}', which is given too", old_path, now),
                       "keep the new one", both->place, "the new one is here"});
  } else {
    diagnostics_->warning(code::kRenamed, member.key_place, fmt::format("'{}' was renamed", old_path),
                          fmt::format("use '{}' instead", now));
  }
}

void Section::check_value(const Field& f, const Node& value, const std::string& path) {
  const bool many = f.type == Type::list || f.type == Type::sections;
  if (f.type == Type::section) return;  // the child's constructor looks at it
  if (value.kind == Node::Kind::null) {
    const std::string hint = f.required ? fmt::format("give it {}", noun(f.type))
                             : many     ? "write [] for an empty list"
                                        : fmt::format("give it {}, or remove the key", noun(f.type));
    diagnostics_->error(code::kNoValue, value.place, fmt::format("'{}' has no value", path), hint);
  } else if (many && value.kind == Node::Kind::sequence) {
    if (f.type == Type::sections || !is_plain(f.element)) return;
    for (size_t i = 0; i < value.items.size(); ++i)
      check_plain(f, f.element, value.items[i], fmt::format("{}[{}]", path, i));
  } else if (f.type == Type::map && value.kind == Node::Kind::mapping) {
    for (const Node::Member& member : value.members) {
      if (is_name(member)) diagnostics_->open(member.key_place);
      check_plain(f, f.element, member.value, is_name(member) ? join(path, member.key) : path);
    }
  } else if (is_plain(f.type) || (f.type == Type::list && is_plain(f.element) && value.kind == Node::Kind::scalar)) {
    check_plain(f, is_plain(f.type) ? f.type : f.element, value, path);
  } else {
    diagnostics_->error(code::kWrongKind, value.place,
                        fmt::format("'{}' must be {}, not {}", path, noun(f.type), kind_name(value.kind)));
  }
}

void Section::check_plain(const Field& f, Type type, const Node& value, const std::string& path) {
  if (value.kind == Node::Kind::scalar && may_open(f, type, value)) diagnostics_->open(value.place);
  if (value.kind == Node::Kind::null) {
    diagnostics_->error(code::kNoValue, value.place, fmt::format("'{}' has no value", path),
                        fmt::format("give it {}, or remove it", noun(type)));
  } else if (value.kind != Node::Kind::scalar) {
    diagnostics_->error(code::kWrongKind, value.place,
                        fmt::format("'{}' must be {}, not {}", path, noun(type), kind_name(value.kind)));
  } else if (value.refused) {
    return;
  } else if (std::optional<Refusal> refusal = check_scalar(f, type, value)) {
    refuse(*refusal, type, value, path);
  }
}

/// A secret must not come back in the words of its refusal.
void Section::refuse(Refusal& refusal, Type type, const Node& value, const std::string& path) {
  const bool repeatable = is_one_word(value.scalar) || is_quantity(value.scalar);
  if (refusal.repeats && !(repeatable && diagnostics_->is_open(value.place))) {
    refusal.message = unsaid(type);
    if (type != Type::enumeration && type != Type::country) refusal.hint.clear();  // those say what is allowed
  }
  diagnostics_->error(refusal.code, value.place, fmt::format("{}: {}", path, refusal.message), std::move(refusal.hint));
}

const Field* Section::field(std::string_view key) const {
  const auto row = std::find_if(fields_.begin(), fields_.end(), [&](const Field& f) { return f.name == key; });
  RHUMB_ASSERT(row != fields_.end());
  return &*row;
}

const Node* Section::value(std::string_view key) const noexcept {
  return node_ == nullptr ? nullptr : find_given(*node_, fields_, key);
}

/// What the file says if that is right, else what the table says.
std::string_view Section::text(std::string_view key) const {
  const Field& f = *field(key);
  return is_plain(f.type) && good(key) ? std::string_view(value(key)->scalar) : f.fallback;
}

bool Section::has(std::string_view key) const noexcept { return value(key) != nullptr; }

bool Section::good(std::string_view key) const noexcept {
  const Field& f = *field(key);
  const Node* node = value(key);
  if (node == nullptr || node->refused || node->kind == Node::Kind::null) return false;
  if (!is_plain(f.type)) return true;
  return node->kind == Node::Kind::scalar && !check_scalar(f, f.type, *node);
}

bool Section::boolean(std::string_view key) const { return read_boolean(text(key)).value_or(false); }
int64_t Section::integer(std::string_view key) const { return read_integer(text(key)).value_or(0); }
double Section::number(std::string_view key) const { return read_number(text(key)).value_or(0.0); }
double Section::percent(std::string_view key) const { return base::parse_percent(text(key)).value_or(0.0); }
double Section::rate(std::string_view key) const { return base::parse_rate(text(key)).value_or(0.0); }
base::Micros Section::duration(std::string_view key) const {
  return base::parse_duration(text(key)).value_or(base::Micros(0));
}
uint64_t Section::size(std::string_view key) const { return base::parse_size(text(key)).value_or(uint64_t{0}); }
std::string Section::string(std::string_view key) const { return std::string(text(key)); }
base::Secret Section::secret(std::string_view key) const { return base::Secret(text(key)); }

std::vector<std::string> Section::strings(std::string_view key) const {
  std::vector<std::string> result;
  const Node* node = value(key);
  if (node != nullptr && node->kind == Node::Kind::sequence) {
    for (const Node& item : node->items) result.push_back(item.refused ? std::string() : item.scalar);
  } else if (node != nullptr && node->kind == Node::Kind::scalar) {
    result.push_back(node->refused ? std::string() : node->scalar);
  } else {
    for (const std::string_view word : words(field(key)->fallback)) result.emplace_back(word);
  }
  return result;
}

std::vector<base::Cidr> Section::cidrs(std::string_view key) const {
  std::vector<base::Cidr> result;
  for (const std::string& text : strings(key)) {
    if (const auto cidr = base::Cidr::parse(text)) result.push_back(*cidr);
  }
  return result;
}

std::vector<std::pair<std::string, std::string>> Section::map(std::string_view key) const {
  std::vector<std::pair<std::string, std::string>> result;
  if (const Node* node = value(key)) {
    for (const Node::Member& member : node->members)
      result.emplace_back(member.key, member.value.refused ? std::string() : member.value.scalar);
  }
  return result;
}

std::vector<std::pair<std::string, double>> Section::number_map(std::string_view key) const {
  std::vector<std::pair<std::string, double>> result;
  for (const auto& [name, text] : map(key)) result.emplace_back(name, read_number(text).value_or(0.0));
  return result;
}

std::vector<const Node::Member*> Section::other_members() const {
  std::vector<const Node::Member*> result;
  if (node_ == nullptr) return result;
  for (const Node::Member& member : node_->members) {
    const Field* row = row_of(fields_, member.key);
    if (row != nullptr && row->name == kAnyKey) result.push_back(&member);
  }
  return result;
}

Section Section::section(std::string_view key) const {
  return {value(key), field(key)->fields, join(path_, key), *diagnostics_};
}

std::vector<Section> Section::sections(std::string_view key) const {
  std::vector<Section> result;
  const Field& f = *field(key);
  const Node* node = value(key);
  if (node == nullptr) return result;
  for (size_t i = 0; i < node->items.size(); ++i) {
    result.emplace_back(&node->items[i], f.fields, fmt::format("{}[{}]", join(path_, key), i), *diagnostics_);
  }
  return result;
}

Section Section::default_item(std::string_view key) const {
  return {nullptr, field(key)->fields, join(path_, key), *diagnostics_};
}

Place Section::place() const noexcept { return node_ ? node_->place : Place{}; }

Place Section::place(std::string_view key) const noexcept {
  const Node* node = value(key);
  return node ? node->place : place();
}

std::string Section::said(std::string_view key) const { return diagnostics_->said(string(key), place(key)); }

Place Section::key_place(std::string_view key) const noexcept {
  if (node_ != nullptr) {
    for (const Node::Member& member : node_->members) {
      if (member.key == key) return member.key_place;
    }
  }
  return place();
}

Place Section::item_place(std::string_view key, size_t index) const noexcept {
  const Node* node = value(key);
  if (node == nullptr) return place();
  if (node->kind == Node::Kind::sequence && index < node->items.size()) return node->items[index].place;
  if (node->kind == Node::Kind::mapping && index < node->members.size()) return node->members[index].value.place;
  return node->place;
}

void Section::error(uint16_t number, std::string_view key, std::string message, std::string hint) const {
  diagnostics_->error(number, place(key), fmt::format("{}: {}", join(path_, key), message), std::move(hint));
}

}  // namespace rhumb::config
