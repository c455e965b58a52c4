// SPDX-License-Identifier: Apache-2.0
#include "filters/template.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/bytes.h"
#include "config/template_text.h"
#include "http/chars.h"

namespace rhumb::filters {

enum class Content : uint8_t {
  text,    // about the client or the exchange; in a URI all but unreserved characters are encoded
  uri,     // a part of a URI already: its delimiters are meant
  literal  // the same, and it may bring a fragment
};

struct Variable {
  std::string_view name;
  Content content;
  std::string_view (*value)(const ExchangeView&);
};

namespace {

std::string_view client_ip(const ExchangeView& view) {
  char* to = view.arena->allocate_chars(46);
  return {to, view.facts.client.write(to)};
}

std::string_view continent(const ExchangeView& view) {
  const auto& code = view.facts.where.continent;
  return code[0] == 0 ? std::string_view{} : std::string_view(code.data(), code.size());
}

std::string_view region(const ExchangeView& view) {
  if (view.decision == nullptr || view.policy == nullptr || view.decision->winner == decision::kNoRegion) return {};
  return (*view.policy->regions)[view.decision->winner].name;
}

/// As the outermost trusted hop saw it.
std::string_view scheme(const ExchangeView& view) {
  const std::string_view told = view.request->fields.get(http::FieldId::x_forwarded_proto);
  if (told.empty()) return view.tls ? "https" : "http";
  return base::iequals(told, "https") ? "https" : "http";
}

std::string_view target(const ExchangeView& view) {
  if (!view.request->has_query) return view.path;
  const std::string_view query = view.request->query;
  char* const to = view.arena->allocate_chars(view.path.size() + 1 + query.size());
  char* end = std::copy(view.path.begin(), view.path.end(), to);
  *end++ = '?';
  end = std::copy(query.begin(), query.end(), end);
  return {to, static_cast<size_t>(end - to)};
}

constexpr Variable kVariables[] = {
    {"city", Content::text, [](const ExchangeView& view) { return view.facts.where.city; }},
    {"client_ip", Content::text, client_ip},
    {"continent", Content::text, continent},
    {"country", Content::text, [](const ExchangeView& view) { return view.facts.where.country.view(); }},
    {"host", Content::uri, [](const ExchangeView& view) { return view.host; }},
    {"path", Content::uri, [](const ExchangeView& view) { return view.path; }},
    {"query", Content::uri, [](const ExchangeView& view) { return view.request->query; }},
    {"region", Content::text, region},
    {"request_id", Content::text, [](const ExchangeView& view) { return view.request_id; }},
    {"route", Content::text, [](const ExchangeView& view) { return view.route; }},
    {"scheme", Content::uri, scheme},
    {"target", Content::uri, target},
    {"trace_id", Content::text, [](const ExchangeView& view) { return view.trace_id; }},
};

constexpr bool stays(char c, Content content) noexcept {
  if (content == Content::text) return http::is(http::kUnreserved, c);
  if (c == '#') return content == Content::literal;
  return http::is(http::kTarget, c) && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
}

/// Of each content the characters that stay: a target can be long, and is asked twice.
using Stays = std::array<bool, 256>;
constexpr std::array<Stays, 3> kStays = [] {
  std::array<Stays, 3> all{};
  for (const Content content : {Content::text, Content::uri, Content::literal})
    for (unsigned c = 0; c < 256; ++c) all[static_cast<size_t>(content)][c] = stays(static_cast<char>(c), content);
  return all;
}();

size_t encoded_size(std::string_view text, Content content) noexcept {
  const Stays& plain = kStays[static_cast<size_t>(content)];
  size_t encoded = 0;
  for (const char c : text) encoded += !plain[static_cast<uint8_t>(c)];
  return text.size() + 2 * encoded;
}

char* encode(std::string_view text, Content content, char* to) noexcept {
  const Stays& plain = kStays[static_cast<size_t>(content)];
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (plain[byte]) {
      *to++ = c;
      continue;
    }
    *to++ = '%', *to++ = "0123456789ABCDEF"[byte >> 4], *to++ = "0123456789ABCDEF"[byte & 15];
  }
  return to;
}

const Variable* find_variable(std::string_view name) {
  for (const Variable& variable : kVariables)
    if (variable.name == name) return &variable;
  return nullptr;
}

}  // namespace

struct Template::Values {
  std::array<std::string_view, kMaxPieces> of;
};

std::optional<Template> Template::compile(std::string_view text, config::Place place, std::string_view path,
                                          config::Diagnostics& diagnostics) {
  const auto cut = config::cut_template(text, kMaxPieces, place, path, diagnostics);
  if (!cut) return std::nullopt;
  Template result;
  const size_t errors = diagnostics.errors();
  for (const config::TextPiece& piece : *cut) {
    const Variable* variable = piece.variable ? find_variable(piece.text) : nullptr;
    if (piece.variable && variable == nullptr)
      config::unknown_variable(piece.text, variable_names(), place, path, diagnostics);
    result.pieces_.push_back({piece.variable ? std::string() : piece.text, variable});
  }
  if (diagnostics.errors() != errors) return std::nullopt;
  return result;
}

Template::Values Template::resolve(const ExchangeView& view) const {
  Values values;
  for (size_t i = 0; i < pieces_.size(); ++i)
    values.of[i] =
        pieces_[i].variable != nullptr ? pieces_[i].variable->value(view) : std::string_view(pieces_[i].literal);
  return values;
}

std::string_view Template::expand(const ExchangeView& view) const {
  if (pieces_.size() == 1 && pieces_[0].variable == nullptr) return pieces_[0].literal;
  const Values values = resolve(view);
  if (pieces_.size() == 1) return values.of[0];
  size_t size = 0;
  for (size_t i = 0; i < pieces_.size(); ++i) size += values.of[i].size();
  char* const to = view.arena->allocate_chars(size);
  char* at = to;
  for (size_t i = 0; i < pieces_.size(); ++i) {
    if (!values.of[i].empty()) std::memcpy(at, values.of[i].data(), values.of[i].size());
    at += values.of[i].size();
  }
  return {to, size};
}

std::string_view Template::expand_uri(const ExchangeView& view) const {
  const Values values = resolve(view);
  const auto content = [this](size_t i) {
    return pieces_[i].variable == nullptr ? Content::literal : pieces_[i].variable->content;
  };
  size_t size = 0;
  for (size_t i = 0; i < pieces_.size(); ++i) size += encoded_size(values.of[i], content(i));
  char* const to = view.arena->allocate_chars(size);
  char* at = to;
  for (size_t i = 0; i < pieces_.size(); ++i) at = encode(values.of[i], content(i), at);
  return {to, size};
}

bool Template::constant() const noexcept {
  for (const Piece& piece : pieces_)
    if (piece.variable != nullptr) return false;
  return true;
}

bool Template::of_uri_alone() const noexcept {
  return std::all_of(pieces_.begin(), pieces_.end(), [](const Piece& piece) {
    return piece.variable == nullptr || piece.variable->content != Content::text;
  });
}

std::string_view Template::prefix() const noexcept {
  return pieces_.empty() || pieces_[0].variable != nullptr ? std::string_view{} : std::string_view(pieces_[0].literal);
}

std::vector<std::string_view> variable_names() {
  std::vector<std::string_view> names;
  for (const Variable& variable : kVariables) names.push_back(variable.name);
  return names;
}

}  // namespace rhumb::filters
