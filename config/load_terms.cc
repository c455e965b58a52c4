// SPDX-License-Identifier: Apache-2.0
// Terms of the operator's own.
#include <fmt/format.h>

#include <algorithm>

#include "config/codes.h"
#include "config/load_parts.h"
#include "config/value.h"

namespace rhumb::config {
namespace {

/// What stands beside them in a score and in a line of the access log.
constexpr std::string_view kTaken[] = {
#define RHUMB_TERM(name, weight, counts, what) #name,
#include "config/terms.def"
#undef RHUMB_TERM
    "score", "removed"};

void read_term_name(const Section& section, TermSpec& spec, Once& once) {
  spec.name = read_name(section);
  spec.place = section.place("name");
  if (std::find(std::begin(kTaken), std::end(kTaken), spec.name) != std::end(kTaken)) {
    section.error(code::kDuplicateName, "name", fmt::format("'{}' is built in", spec.name), "take another name");
  } else {
    once.add(spec.name, spec.place);
  }
}

/// The header it is read from; empty: none.
std::string read_from(const Section& section) {
  constexpr std::string_view kHeader = "header:";
  const std::string from = section.string("from");
  if (from == "file" || !section.good("from")) return {};
  if (!from.starts_with(kHeader)) {
    section.error(code::kNotAllowed, "from", section.said("from") + " is neither file nor header:NAME");
    return {};
  }
  const std::string name = from.substr(kHeader.size());
  if (!is_http_token(name))
    section.error(code::kName, "from",
                  section.diagnostics().said(name, section.place("from")) + " cannot be the name of a header");
  return lower_case(name);
}

void read_normaliser(const Section& section, TermSpec& spec) {
  if (section.node() == nullptr) return;  // reported as missing
  const bool half = section.has("half"), max = section.has("max");
  if (half == max) {
    section.diagnostics().error(
        code::kNormaliser, section.place(),
        fmt::format("{}: {}", section.path(), half ? "half and max are both given" : "neither half nor max is given"),
        "give one of them");
  }
  spec.normaliser = max ? TermSpec::Normaliser::max : TermSpec::Normaliser::half;
  spec.scale = section.number(max ? "max" : "half");
}

}  // namespace

bool OwnTerms::check(const Node::Member& member, std::string_view path, std::vector<std::string_view> others,
                     Diagnostics& diagnostics) const {
  for (const TermSpec& term : terms_) {
    if (term.name == member.key) return true;
    others.push_back(term.name);
  }
  const std::string_view meant = closest(member.key, others);
  diagnostics.error(
      code::kUnknownKey, member.key_place,
      fmt::format("unknown key{} in {}", diagnostics.named(member.key, member.key_place), path),
      meant.empty() ? "terms of your own are named in the section terms" : fmt::format("did you mean '{}'?", meant));
  return false;
}

std::vector<TermSpec> read_terms(const Section& root) {
  std::vector<TermSpec> terms;
  Once once(code::kDuplicateName, "term", root.diagnostics());
  for (const Section& section : root.sections("terms")) {
    TermSpec spec;
    read_term_name(section, spec, once);
    spec.unit = section.string("unit");
    spec.header = read_from(section);
    read_normaliser(section.section("normalise"), spec);
    spec.lower_wins = section.boolean("lower_wins");
    if (terms.size() == kMaxTerms)
      section.diagnostics().error(code::kTooManyTerms, section.place(),
                                  fmt::format("a configuration has at most {} terms of its own", kMaxTerms));
    terms.push_back(std::move(spec));
  }
  return terms;
}

}  // namespace rhumb::config
