// SPDX-License-Identifier: Apache-2.0
#include "config/show.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "base/bytes.h"
#include "base/log.h"
#include "config/json_writer.h"
#include "config/meaning.h"
#include "config/origin.h"
#include "config/value.h"

namespace rhumb::config {
namespace {

/// Whether a text can stand in YAML without quotes and is that text to every reader, of YAML 1.1 too.
bool plain(std::string_view text) {
  constexpr std::string_view kWords[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
  constexpr std::string_view kInside = "._/%+-";
  if (text.empty() || (!base::is_alpha(text[0]) && !base::is_digit(text[0]) && text[0] != '/')) return false;
  if (std::any_of(std::begin(kWords), std::end(kWords), [&](std::string_view w) { return base::iequals(w, text); }))
    return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return base::is_alpha(c) || base::is_digit(c) || kInside.find(c) != std::string_view::npos;
  });
}

std::string quoted(std::string_view text, bool reference) {
  std::string doubled;
  for (const char c : text) doubled += c == '$' && !reference ? std::string("$$") : std::string(1, c);
  return base::json_text(doubled);
}

/// Only what stands in the file, unless defaults are wanted.
bool visible(const Value& value, ShowOptions options) {
  if (options.effective || value.given) return true;
  return value.kind == Value::Kind::section &&
         std::any_of(value.items.begin(), value.items.end(), [&](const Value& item) { return visible(item, options); });
}

/// One form of the file, told part by part: begin(), the members of the root and between them its lists, end().
class Show {
 public:
  virtual ~Show() = default;
  virtual void begin() {}
  virtual void member(const Value& value) = 0;
  virtual void open_list(const Value& list) = 0;
  virtual void item(const Value& item) = 0;
  virtual void close_list() {}
  virtual void end() {}
  /// What was told since the last time.
  virtual void move_to(std::string& to) = 0;
};

class YamlShow final : public Show {
 public:
  YamlShow(const SourceList& sources, ShowOptions options) : sources_(sources), options_(options) {}

  void member(const Value& value) override {
    out_ += value.key + ":";
    below(value, 1);
  }
  void open_list(const Value& list) override { out_ += list.key + ":\n"; }
  void item(const Value& item) override { dash(item, 1); }
  void move_to(std::string& to) override {
    to += out_;
    out_.clear();
  }

 private:
  /// The members of a section, each on lines of its own.
  void members(const Value& section, size_t depth, bool first_stands) {
    for (const Value& item : section.items) {
      if (!visible(item, options_)) continue;
      indent(first_stands ? 0 : depth);
      first_stands = false;
      out_ += item.key + ":";
      below(item, depth + 1);
    }
  }
  void indent(size_t depth) { out_ += std::string(2 * depth, ' '); }

  bool any_visible(const Value& value) const {
    return std::any_of(value.items.begin(), value.items.end(), [&](const Value& v) { return visible(v, options_); });
  }

  /// What follows "key:" up to the end of the line, and the lines below.
  void below(const Value& value, size_t depth) {
    switch (value.kind) {
      case Value::Kind::scalar:
        out_ += " " + scalar(value);
        return end_line(value);
      case Value::Kind::list:
        return list(value);
      case Value::Kind::map:
        if (value.items.empty()) return out_ += " {}", end_line(value);
        out_ += "\n";
        for (const Value& item : value.items) {
          indent(depth);
          out_ += name(item.key) + ": " + scalar(item);
          end_line(item);
        }
        return;
      case Value::Kind::section:
        if (!any_visible(value)) return out_ += " {}", end_line(value);
        out_ += "\n";
        return members(value, depth, false);
      case Value::Kind::sections:
        if (value.items.empty()) return out_ += " []", end_line(value);
        out_ += "\n";
        for (const Value& item : value.items) dash(item, depth);
    }
  }

  void dash(const Value& item, size_t depth) {
    indent(depth);
    out_ += "- ";
    if (item.name.empty()) return members(item, depth + 1, true);
    out_ += item.name;  // a filter
    if (!any_visible(item)) return end_line(item);
    out_ += ":\n";
    members(item, depth + 2, false);
  }

  void list(const Value& value) {
    std::vector<std::string> texts;
    for (const Value& item : value.items) texts.push_back(scalar(item));
    out_ += fmt::format(" [{}]", fmt::join(texts, ", "));
    end_line(value);
  }

  static std::string name(const std::string& key) { return plain(key) ? key : base::json_text(key); }

  std::string scalar(const Value& value) const {
    bool reference = false;
    const std::string text = shown_text(value, sources_, &reference);
    const bool typed = value.type == Type::boolean || value.type == Type::integer || value.type == Type::number;
    const bool digits = text.find_first_not_of("0123456789.") == std::string::npos;  // to some readers a number
    if (!reference && (typed || (plain(text) && !digits))) return text;
    return quoted(text, reference);
  }

  void end_line(const Value& value) {
    if (!value.given) {
      out_ += "  # default";
    } else if (options_.origin) {
      if (const std::string origin = origin_of(value, sources_); !origin.empty()) out_ += "  # " + origin;
    }
    out_ += "\n";
  }

  const SourceList& sources_;
  ShowOptions options_;
  std::string out_;
};

class JsonShow final : public Show {
 public:
  JsonShow(const SourceList& sources, ShowOptions options) : sources_(sources), options_(options) {}

  void begin() override { out_.open('{'); }
  void member(const Value& value) override {
    out_.key(value.key);
    any(value);
  }
  void open_list(const Value& list) override {
    out_.key(list.key);
    out_.open('[');
  }
  void item(const Value& item) override { named(item); }
  void close_list() override { out_.close(); }
  void end() override { out_.close(), end_ = "\n"; }
  void move_to(std::string& to) override {
    out_.move_to(to);
    to += end_;
  }

 private:
  void section(const Value& value) {
    out_.open('{');
    for (const Value& item : value.items) {
      if (!visible(item, options_)) continue;
      out_.key(item.key);
      any(item);
    }
    out_.close();
  }

  void any(const Value& value) {
    if (value.kind == Value::Kind::section) return section(value);
    if (value.kind == Value::Kind::sections && !value.items.empty()) {
      out_.open('[');
      for (const Value& item : value.items) named(item);
      return out_.close();
    }
    out_.open('{');
    out_.key("value");
    bare(value);
    out_.key("default"), out_.raw(value.given ? "false" : "true");
    if (options_.origin) out_.member("origin", origin_of(value, sources_));
    out_.close();
  }

  void named(const Value& item) {
    if (item.name.empty()) return section(item);
    out_.open('{'), out_.key(item.name);
    section(item);
    out_.close();
  }

  void bare(const Value& value) {
    if (value.kind == Value::Kind::scalar) return scalar(value);
    const bool map = value.kind == Value::Kind::map;
    out_.open(map ? '{' : '[');
    for (const Value& item : value.items) {
      if (map) out_.key(item.key);
      scalar(item);
    }
    out_.close();
  }

  void scalar(const Value& value) {
    const std::string text = shown_text(value, sources_);
    const bool number = value.type == Type::integer || value.type == Type::number;
    if (!value.secret && (value.type == Type::boolean || (number && read_number(text)))) return out_.raw(text);
    out_.text(text);
  }

  const SourceList& sources_;
  ShowOptions options_;
  JsonWriter out_;
  std::string_view end_;
};

std::unique_ptr<Show> make_show(const SourceList& sources, ShowOptions options, ShowForm form) {
  if (form == ShowForm::yaml) return std::make_unique<YamlShow>(sources, options);
  return std::make_unique<JsonShow>(sources, options);
}

}  // namespace

/// Where it is: at item `item_` of the root's value `at_`, if that is a list.
struct ShowPieces::Walk {
  Walk(const Node& tree, const SourceList& sources, std::span<const Field> f, ShowOptions o, ShowForm form)
      : filters(f), options(o), outline(outline_of(tree, filters)), show(make_show(sources, options, form)) {
    show->begin();
  }

  bool step() {
    if (at == outline.items.size()) return show->end(), false;
    const Value& value = outline.items[at];
    const bool list = value.kind == Value::Kind::sections && value.node != nullptr && !value.node->items.empty();
    if (list && visible(value, options)) {
      if (item == 0) show->open_list(value);
      show->item(item_of(value, item, filters));
      if (++item < value.node->items.size()) return true;
      show->close_list();
      item = 0;
    } else if (visible(value, options)) {
      show->member(value);
    }
    ++at;
    return true;
  }

  std::span<const Field> filters;
  ShowOptions options;
  const Value outline;
  std::unique_ptr<Show> show;
  size_t at = 0, item = 0;
};

ShowPieces::ShowPieces(std::shared_ptr<const Node> tree, std::shared_ptr<const SourceList> sources,
                       std::span<const Field> filters, ShowOptions options, ShowForm form)
    : tree_(std::move(tree)),
      sources_(std::move(sources)),
      walk_(std::make_unique<Walk>(*tree_, *sources_, filters, options, form)) {}

ShowPieces::~ShowPieces() = default;

bool ShowPieces::next(std::string& to) {
  const size_t before = to.size();
  bool more = true;
  while (more && to.size() - before < kBit) {
    more = walk_->step();
    walk_->show->move_to(to);
  }
  return more;
}

namespace {

std::string whole(const Node& tree, const SourceList& sources, std::span<const Field> filters, ShowOptions options,
                  ShowForm form) {
  const auto borrowed = [](const auto& what) {
    return std::shared_ptr<const std::remove_cvref_t<decltype(what)>>(&what, [](const auto*) {});
  };
  ShowPieces pieces(borrowed(tree), borrowed(sources), filters, options, form);
  std::string text;
  while (pieces.next(text)) continue;
  return text;
}

}  // namespace

std::string show_yaml(const Node& tree, const SourceList& sources, std::span<const Field> filters,
                      ShowOptions options) {
  return whole(tree, sources, filters, options, ShowForm::yaml);
}

std::string show_json(const Node& tree, const SourceList& sources, std::span<const Field> filters,
                      ShowOptions options) {
  return whole(tree, sources, filters, options, ShowForm::json);
}

}  // namespace rhumb::config
