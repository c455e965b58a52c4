// SPDX-License-Identifier: Apache-2.0
#include "config/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "config/json_writer.h"
#include "config/meaning.h"

namespace rhumb::config {
namespace {

using Kind = Change::Kind;
using Index = std::unordered_map<std::string_view, size_t>;

Index index_of(const Value& value) {
  Index index;
  for (size_t i = 0; i < value.items.size(); ++i) index.emplace(value.items[i].key, i);
  return index;
}

std::string list_text(const Value& value) {
  std::vector<std::string_view> texts;
  for (const Value& item : value.items) texts.push_back(item.text);
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

/// What is shown of a value: nothing of a mapping, whose path says enough.
std::string text_of(const Value& value) {
  if (value.kind == Value::Kind::scalar) return value.text;
  return value.kind == Value::Kind::list ? list_text(value) : std::string();
}

/// Which of `places` (all different) need not move for all to ascend: the longest ascending run through them.
std::vector<bool> stays(const std::vector<size_t>& places) {
  constexpr size_t kNone = SIZE_MAX;
  std::vector<size_t> ends, before(places.size(), kNone);  // ends[n]: the smallest end of a run of n + 1
  for (size_t i = 0; i < places.size(); ++i) {
    const auto at = std::lower_bound(ends.begin(), ends.end(), places[i],
                                     [&](size_t run, size_t place) { return places[run] < place; });
    if (at != ends.begin()) before[i] = *(at - 1);
    at == ends.end() ? ends.push_back(i) : void(*at = i);
  }
  std::vector<bool> result(places.size(), false);
  for (size_t i = ends.empty() ? kNone : ends.back(); i != kNone; i = before[i]) result[i] = true;
  return result;
}

class Differ {
 public:
  void compare(const Value& before, const Value& after, const std::string& path) {
    switch (after.kind) {
      case Value::Kind::scalar:
        if (before.meaning != after.meaning) add(Kind::changed, path, before, after);
        return;
      case Value::Kind::list:
        return lists(before, after, path);
      case Value::Kind::map:
      case Value::Kind::section:
        return members(before, after, [&](const Value& item) { return join(path, item.key); });
      case Value::Kind::sections:
        members(before, after, [&](const Value& item) { return fmt::format("{}[{}]", path, item.key); });
        if (after.field != nullptr && after.field->ordered) moves(before, after, path);
    }
  }
  std::vector<Change> take() { return std::move(changes_); }

 private:
  static std::string join(const std::string& path, const std::string& key) {
    return path.empty() ? key : fmt::format("{}.{}", path, key);
  }

  void add(Kind kind, std::string path, const Value& before, const Value& after) {
    Change change{kind, std::move(path), {}, {}, after.secret || before.secret, std::max(before.effect, after.effect)};
    if (!change.secret && kind != Kind::added) change.before = text_of(before);
    if (!change.secret && kind != Kind::removed) change.after = text_of(after);
    changes_.push_back(std::move(change));
  }

  /// First what was there, in its order; then what is new.
  template <class Path>
  void members(const Value& before, const Value& after, Path path) {
    const Index was = index_of(before), is = index_of(after);
    for (const Value& item : before.items) {
      const auto same = is.find(item.key);
      if (same == is.end()) {
        add(Kind::removed, path(item), item, item);
      } else {
        compare(item, after.items[same->second], path(item));
      }
    }
    for (const Value& item : after.items)
      if (!was.contains(item.key)) add(Kind::added, path(item), item, item);
  }

  void lists(const Value& before, const Value& after, const std::string& path) {
    if (after.field->ordered) {
      const auto same = [](const Value& a, const Value& b) { return a.meaning == b.meaning; };
      if (!std::equal(before.items.begin(), before.items.end(), after.items.begin(), after.items.end(), same))
        add(Kind::changed, path, before, after);
      return;
    }
    elements(before, after, path, Kind::removed);
    elements(after, before, path, Kind::added);
  }

  /// Those of `from` that `other` lacks, as often as it lacks them.
  void elements(const Value& from, const Value& other, const std::string& path, Kind kind) {
    std::unordered_map<std::string_view, size_t> there;
    for (const Value& item : other.items) ++there[item.meaning];
    for (const Value& item : from.items) {
      size_t& left = there[item.meaning];
      left > 0 ? void(--left) : add(kind, path, item, item);
    }
  }

  void moves(const Value& before, const Value& after, const std::string& path) {
    const Index was = index_of(before);
    std::vector<size_t> common, places;  // index in `after`, in `before`
    for (size_t i = 0; i < after.items.size(); ++i) {
      const auto same = was.find(after.items[i].key);
      if (same != was.end()) common.push_back(i), places.push_back(same->second);
    }
    const std::vector<bool> keeps = stays(places);
    for (size_t i = 0; i < common.size(); ++i) {
      if (keeps[i]) continue;
      const Value& item = after.items[common[i]];
      changes_.push_back({Kind::moved, fmt::format("{}[{}]", path, item.key), std::to_string(places[i] + 1),
                          std::to_string(common[i] + 1), false, item.effect});
    }
  }

  std::vector<Change> changes_;
};

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::added:
      return "added";
    case Kind::removed:
      return "removed";
    case Kind::moved:
      return "moved";
    case Kind::changed:
      break;
  }
  return "changed";
}

std::string line_of(const Change& c) {
  const auto one = [](const std::string& text) { return text.empty() ? std::string("\"\"") : text; };
  switch (c.kind) {
    case Kind::added:
      return fmt::format("+ {}{}{}", c.path, c.after.empty() ? "" : ": ", c.after);
    case Kind::removed:
      return fmt::format("- {}{}{}", c.path, c.before.empty() ? "" : ": ", c.before);
    case Kind::moved:
      return fmt::format("> {}: place {} -> {}", c.path, c.before, c.after);
    case Kind::changed:
      break;
  }
  if (c.secret) return fmt::format("~ {}: changed (secret)", c.path);
  return fmt::format("~ {}: {} -> {}", c.path, one(c.before), one(c.after));
}

}  // namespace

std::vector<Change> diff(const Node& before, const Node& after, std::span<const Field> filters) {
  Differ differ;
  differ.compare(meaning_of(before, filters), meaning_of(after, filters), {});
  return differ.take();
}

std::string diff_text(const std::vector<Change>& changes) {
  std::string text;
  for (const Change& change : changes) {
    text += line_of(change);
    text += change.effect == Effect::restart ? " (takes effect at the next start)\n" : "\n";
  }
  return text;
}

std::string diff_json(const std::vector<Change>& changes) {
  JsonWriter out;
  out.open('[');
  for (const Change& change : changes) {
    out.open('{');
    out.member("path", change.path);
    out.member("kind", kind_name(change.kind));
    if (!change.before.empty()) out.member("before", change.before);
    if (!change.after.empty()) out.member("after", change.after);
    if (change.secret) out.key("secret"), out.raw("true");
    out.member("effect", change.effect == Effect::restart ? "restart" : "reload");
    out.close();
  }
  out.close();
  return out.take();
}

}  // namespace rhumb::config
