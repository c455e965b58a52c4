// SPDX-License-Identifier: Apache-2.0
#include "config/meaning.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/ip.h"
#include "base/units.h"
#include "config/tables.h"
#include "config/value.h"

namespace rhumb::config {
namespace {

/// Makes the keys of a list unique: "headers", then "headers:2", "headers:3".
class Numbered {
 public:
  void add(Value& to, Value item) {
    const int count = ++counts_[item.key];
    if (count > 1) item.key += fmt::format(":{}", count);
    to.items.push_back(std::move(item));
  }

 private:
  std::unordered_map<std::string, int> counts_;
};

/// What holds for a value because of the sections around it.
struct Around {
  Effect effect = Effect::reload;
  bool given = false;  // the mapping it belongs to stands in the file
};

class Reader {
 public:
  /// `outline`: lists of sections stay empty, but for those inside of other sections.
  explicit Reader(std::span<const Field> filters, bool outline = false) : filters_(filters), outline_(outline) {}

  Value section(const Field* field, const Node* node, std::span<const Field> rows, Effect effect) const {
    Value value = made(Value::Kind::section, field, node, effect);
    const bool mapping = node != nullptr && node->kind == Node::Kind::mapping;
    for (const Field& row : rows) {
      if (!row.renamed_to.empty()) continue;  // what it says is said by the key of today
      if (row.name == kAnyKey) {
        if (mapping) add_others(value, row, *node, rows, effect);
        continue;
      }
      const Node* below = mapping ? find_given(*node, rows, row.name) : nullptr;
      std::optional<Value> item = outline_ && field == nullptr && row.type == Type::sections
                                      ? empty_list(row, below, effect)
                                      : read(row, below, {effect, mapping});
      if (!item) continue;
      item->key = row.name;
      value.items.push_back(std::move(*item));
    }
    return value;
  }

 private:
  static Value made(Value::Kind kind, const Field* field, const Node* node, Effect effect) {
    Value value;
    value.kind = kind;
    value.field = field;
    value.given = node != nullptr;
    value.node = node;
    value.effect = field != nullptr ? std::max(effect, field->effect) : effect;
    value.secret = field == nullptr || field->secret;
    return value;
  }

  /// What stands under keys that no row names.
  static void add_others(Value& to, const Field& any, const Node& mapping, std::span<const Field> rows, Effect effect) {
    for (const Node::Member& member : mapping.members) {
      if (row_of(rows, member.key) != &any) continue;
      to.items.push_back(scalar(any, any.type, &member.value, {}, effect));
      to.items.back().key = member.key;
    }
  }

  /// Nothing where the file says nothing and there is no default.
  std::optional<Value> read(const Field& row, const Node* node, Around around) const {
    const Effect effect = std::max(around.effect, row.effect);
    switch (row.type) {
      case Type::section: {
        if (node == nullptr && row.optional) return std::nullopt;
        Value value = section(&row, node, row.fields, effect);
        if (node == nullptr && value.items.empty()) return std::nullopt;
        return value;
      }
      case Type::sections:
        return sections(row, node, effect);
      case Type::list:
        if (row.element == Type::section) return filter_list(row, node, effect);
        return list(row, node, effect);
      case Type::map:
        return map(row, node, effect);
      default: {
        const std::string_view fallback = around.given && !row.beside.empty() ? row.beside : row.fallback;
        if (node == nullptr && fallback.empty()) return std::nullopt;
        return scalar(row, row.type, node, fallback, effect);
      }
    }
  }

  static Value scalar(const Field& row, Type type, const Node* node, std::string_view fallback, Effect effect) {
    Value value = made(Value::Kind::scalar, &row, node, effect);
    value.type = type;
    value.text = node != nullptr ? std::string_view(node->scalar) : fallback;
    value.meaning = normal_form(type, value.text);
    return value;
  }

  static std::optional<Value> list(const Field& row, const Node* node, Effect effect) {
    if (node == nullptr && row.fallback.empty()) return std::nullopt;
    Value value = made(Value::Kind::list, &row, node, effect);
    if (node == nullptr) {
      for (const std::string_view word : words(row.fallback))
        value.items.push_back(scalar(row, row.element, nullptr, word, effect));
    } else if (node->kind == Node::Kind::scalar) {
      value.items.push_back(scalar(row, row.element, node, {}, effect));
    } else {
      for (const Node& item : node->items) value.items.push_back(scalar(row, row.element, &item, {}, effect));
    }
    return value;
  }

  static std::optional<Value> map(const Field& row, const Node* node, Effect effect) {
    if (node == nullptr && row.fallback.empty()) return std::nullopt;
    Value value = made(Value::Kind::map, &row, node, effect);
    if (node == nullptr) return value;
    for (const Node::Member& member : node->members) {
      value.items.push_back(scalar(row, row.element, &member.value, {}, effect));
      value.items.back().key = member.key;
    }
    return value;
  }

  static std::optional<Value> empty_list(const Field& row, const Node* node, Effect effect) {
    if (node == nullptr && row.fallback.empty()) return std::nullopt;
    return made(Value::Kind::sections, &row, node, effect);
  }

  std::optional<Value> sections(const Field& row, const Node* node, Effect effect) const {
    std::optional<Value> list = empty_list(row, node, effect);
    if (node == nullptr) return list;
    Value& value = *list;
    Numbered numbered;
    for (const Node& item : node->items) {
      Value one = section(&row, &item, row.fields, effect);
      one.key = identity(one, row);
      numbered.add(value, std::move(one));
    }
    return list;
  }

  /// What the first of its rows says that says anything.
  static std::string identity(const Value& item, const Field& row) {
    for (const Field& field : row.fields)
      if (std::string text = text_of(item.find(field.name)); !text.empty()) return text;
    return {};
  }

  static std::string text_of(const Value* value) {
    if (value == nullptr) return {};
    if (value->kind == Value::Kind::scalar) return value->meaning;
    std::vector<std::string> texts;
    for (const Value& element : value->items) texts.push_back(element.meaning);
    std::sort(texts.begin(), texts.end());
    return fmt::format("{}", fmt::join(texts, " "));
  }

  std::optional<Value> filter_list(const Field& row, const Node* node, Effect effect) const {
    Value value = made(Value::Kind::sections, &row, node, effect);
    if (node == nullptr) return value;
    Numbered numbered;
    for (const Node& item : node->items) {
      const bool alone = item.kind == Node::Kind::scalar;
      if (!alone && item.members.size() != 1) continue;
      const std::string& name = alone ? item.scalar : item.members[0].key;
      const auto known = std::find_if(filters_.begin(), filters_.end(), [&](const Field& f) { return f.name == name; });
      const Field* filter = known == filters_.end() ? nullptr : &*known;
      const Node* options = alone ? nullptr : &item.members[0].value;
      Value one = section(filter, options, filter != nullptr ? filter->fields : std::span<const Field>(), effect);
      one.name = one.key = name;
      one.given = true;
      one.node = &item;
      numbered.add(value, std::move(one));
    }
    return value;
  }

  std::span<const Field> filters_;
  bool outline_;
};

}  // namespace

const Value* Value::find(std::string_view wanted) const noexcept {
  for (const Value& item : items) {
    if (item.key == wanted) return &item;
  }
  return nullptr;
}

Value meaning_of(const Node& tree, std::span<const Field> filters) {
  return Reader(filters).section(nullptr, &tree, root_fields(), Effect::reload);
}

Value outline_of(const Node& tree, std::span<const Field> filters) {
  return Reader(filters, true).section(nullptr, &tree, root_fields(), Effect::reload);
}

Value item_of(const Value& list, size_t index, std::span<const Field> filters) {
  return Reader(filters).section(list.field, &list.node->items[index], list.field->fields, list.effect);
}

std::string normal_form(Type type, std::string_view text) {
  switch (type) {
    case Type::integer:
    case Type::number:
      if (const auto value = read_number(text)) return fmt::format("{}", *value == 0 ? 0.0 : *value);
      break;
    case Type::duration:
      if (const auto value = base::parse_duration(text)) return base::format_duration(*value);
      break;
    case Type::size:
      if (const auto value = base::parse_size(text)) return base::format_size(*value);
      break;
    case Type::rate:
      if (const auto value = base::parse_rate(text)) return fmt::format("{}r/s", *value);
      break;
    case Type::percent:
      if (const auto value = base::parse_percent(text)) return fmt::format("{:.12g}%", *value * 100);
      break;
    case Type::address:
      if (const auto value = base::SocketAddress::parse(text)) return value->to_string();
      break;
    case Type::cidr:
      if (const auto value = base::Cidr::parse(text)) return value->to_string();
      break;
    default:
      break;
  }
  return std::string(text);
}

}  // namespace rhumb::config
