// SPDX-License-Identifier: Apache-2.0
#include "config/overrides.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "config/codes.h"
#include "config/tables.h"
#include "config/value.h"

namespace rhumb::config {
namespace {

constexpr std::string_view kPrefix = "RHUMB_";

struct Override {
  std::string variable;  // RHUMB_GATEWAY_WORKERS
  std::string_view section, key;
};

std::string upper_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; });
  return out;
}

std::string variable_prefix(const Field& section) { return fmt::format("{}{}_", kPrefix, upper_case(section.name)); }

std::vector<Override> all_overrides() {
  std::vector<Override> all;
  for (const Field& section : root_fields()) {
    for (const Field& field : section.type == Type::section ? section.fields : std::span<const Field>()) {
      if (!is_plain(field.type) || field.secret || !field.renamed_to.empty()) continue;
      all.push_back({variable_prefix(section) + upper_case(field.name), section.name, field.name});
    }
  }
  return all;
}

/// NAME=value of every variable that could be meant, sorted, so that diagnostics do not depend on the environment's
/// order.
std::vector<std::string_view> candidates() {
  std::vector<std::string_view> found;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (text.starts_with(kPrefix) && equals != std::string_view::npos && equals + 1 < text.size())
      found.push_back(text);
  }
  std::sort(found.begin(), found.end());
  return found;
}

Node& member_of(Node& mapping, std::string_view key, Place place) {
  for (Node::Member& member : mapping.members) {
    if (member.key == key) return member.value;
  }
  Node::Member fresh;
  fresh.key = key;
  fresh.key_place = fresh.value.place = place;
  mapping.members.push_back(std::move(fresh));
  return mapping.members.back().value;
}

class Environment {
 public:
  Environment(Node& root, SourceList& sources, Diagnostics& diagnostics)
      : root_(root), sources_(sources), diagnostics_(diagnostics) {}

  void take(std::string_view entry) {
    const size_t equals = entry.find('=');
    const std::string_view name = entry.substr(0, equals);
    const auto known = std::find_if(all_.begin(), all_.end(), [&](const Override& o) { return o.variable == name; });
    known == all_.end() ? warn(name) : put(*known, entry.substr(equals + 1));
  }

 private:
  Place place_of(std::string_view variable) {
    return {sources_.add(fmt::format("environment {}", shown(variable)), {}), 0, 0, 1};
  }

  void put(const Override& known, std::string_view text) {
    const Place place = place_of(known.variable);
    if (!is_one_line(text)) {
      return diagnostics_.error(code::kControlCharacter, place,
                                "the variable holds control characters, or bytes that are not UTF-8");
    }
    const Node* was = root_.find(known.section);
    if (was != nullptr && was->kind != Node::Kind::mapping) return;  // reported when the section is read
    Node& section = member_of(root_, known.section, place);
    section.kind = Node::Kind::mapping;
    Node& value = member_of(section, known.key, place);
    value = Node();
    value.kind = Node::Kind::scalar;
    value.place = place;
    value.replaced = true;
    value.scalar = text;
  }

  void warn(std::string_view name) {
    std::vector<std::string_view> names;
    for (const Override& o : all_) names.push_back(o.variable);
    const std::string_view meant = closest(name, names);
    const auto sections = root_fields();
    const bool in_section = std::any_of(sections.begin(), sections.end(), [&](const Field& f) {
      return f.type == Type::section && name.starts_with(variable_prefix(f));
    });
    if (meant.empty() && !in_section) return;
    diagnostics_.warning(code::kOverride, place_of(name), "the variable overrides nothing",
                         meant.empty() ? "single values of sections can be overridden; lists and secrets cannot"
                                       : fmt::format("did you mean {}?", meant));
  }

  Node& root_;
  SourceList& sources_;
  Diagnostics& diagnostics_;
  const std::vector<Override> all_ = all_overrides();
};

}  // namespace

void apply_environment(Node& root, SourceList& sources, Diagnostics& diagnostics) {
  Environment environment(root, sources, diagnostics);
  for (const std::string_view entry : candidates()) environment.take(entry);
}

}  // namespace rhumb::config
