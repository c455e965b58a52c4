// SPDX-License-Identifier: Apache-2.0
#include "config/expand.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "config/codes.h"
#include "config/secret.h"

namespace rhumb::config {
namespace {

constexpr size_t kMaxExpanded = 4 << 20;  // all values together
constexpr std::string_view kFileMark = "!file ";

bool is_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool is_upper(std::string_view name) {
  return std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

class Expander {
 public:
  explicit Expander(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  /// `may_hide`: the value belongs to a key that holds a secret, whose readers never print it.
  void walk(Node& node, bool may_hide) {
    for (Node& item : node.items) walk(item, false);
    for (Node::Member& member : node.members) walk(member.value, is_secret_key(member.key));
    if (node.kind != Node::Kind::scalar) return;
    node.hidden = may_hide;
    if (node.scalar.find('$') != std::string::npos) variables(node);
    if (node.refused || !node.quoted || !node.scalar.starts_with(kFileMark)) return;
    if (may_hide) return secret(node);
    diagnostics_.error(code::kSecretFile, node.place, "only a key named 'secret' can be read from a file");
    node.refused = true;
  }

 private:
  void variables(Node& node) {
    node.refused = true;  // unless the end is reached
    std::string result;
    const std::string_view text = node.scalar;
    for (size_t i = 0; i < text.size(); ++i) {
      const char next = i + 1 < text.size() ? text[i + 1] : '\0';
      if (text[i] != '$' || (next != '$' && next != '{')) {
        result += text[i];
      } else if (next == '$') {
        result += '$', ++i;
      } else {
        const size_t end = text.find('}', i);
        const bool alone = i == 0 && end + 1 == text.size();
        const std::optional<std::string> value = variable(text.substr(i + 2, end - i - 2), end, node.place, alone);
        if (!value) return;
        result += *value, i = end;
      }
    }
    expanded_ += result.size();
    if (expanded_ > kMaxExpanded) {
      diagnostics_.error(code::kExpansion, node.place, "the values put in for variables are too long together");
      return;
    }
    node.scalar = std::move(result);
    node.refused = false;
    node.replaced = true;
  }

  /// `alone`: nothing stands beside it. "pa${ss}word" is no reference but a secret with a dollar sign, and keeps its
  /// `ss`.
  std::optional<std::string> variable(std::string_view inside, size_t end, Place place, bool alone) {
    const size_t split = inside.find(":-");
    const std::string name(inside.substr(0, split));
    if (end == std::string_view::npos || !is_name(name)) {
      diagnostics_.error(code::kExpansion, place, "this is not a reference to a variable",
                         "write ${NAME} or ${NAME:-default}; '$$' is a dollar sign");
      return std::nullopt;
    }
    const char* value = std::getenv(name.c_str());
    const bool has_default = split != std::string_view::npos;
    if (value != nullptr && (*value != '\0' || !has_default)) return value;
    if (has_default) return std::string(inside.substr(split + 2));
    if (alone || is_upper(name)) {
      diagnostics_.error(code::kEnvironment, place, fmt::format("the environment variable {} is not set", shown(name)),
                         fmt::format("set it, or give a default: ${{{}:-default}}", shown(name)));
    } else {
      diagnostics_.error(code::kEnvironment, place, "an environment variable is not set",
                         "set it, or give a default: ${NAME:-default}; '$$' is a dollar sign");
    }
    return std::nullopt;
  }

  void secret(Node& node) {
    std::string name = node.scalar.substr(kFileMark.size());
    name.erase(0, name.find_first_not_of(' '));
    std::optional<std::string> bytes = read_secret({name, !node.replaced}, node.place, diagnostics_);
    node.refused = !bytes;
    if (bytes) node.scalar = std::move(*bytes);
  }

  Diagnostics& diagnostics_;
  size_t expanded_ = 0;
};

}  // namespace

void expand(Node& root, Diagnostics& diagnostics) {
  Expander expander(diagnostics);
  for (Node::Member& member : root.members) {
    if (!member.key.starts_with("x-")) expander.walk(member.value, false);
  }
}

}  // namespace rhumb::config
