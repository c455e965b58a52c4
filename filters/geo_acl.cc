// SPDX-License-Identifier: Apache-2.0
// Who may come in, by where they are.
#include <algorithm>

#include "config/codes.h"
#include "filters/registry.h"

namespace rhumb::filters {
namespace {

using config::Field;
using config::Section;
using config::Type;
using Code = std::array<char, 2>;

/// Two-letter codes, sorted.
class Codes {
 public:
  explicit Codes(const std::vector<std::string>& texts) {
    for (const std::string& text : texts)
      if (text.size() == 2) of_.push_back({text[0], text[1]});
    std::sort(of_.begin(), of_.end());
  }
  bool contains(Code code) const noexcept { return std::binary_search(of_.begin(), of_.end(), code); }
  bool empty() const noexcept { return of_.empty(); }

 private:
  std::vector<Code> of_;
};

struct Rules {
  Codes allow, deny, allow_continents, deny_continents;
  bool unknown_allowed;
  uint16_t status;
};

class GeoAcl final : public Filter {
 public:
  explicit GeoAcl(Rules rules) : rules_(std::move(rules)) {}

  Verdict on_request(FilterContext& ctx) const override {
    if (may_pass(ctx.facts().where)) return Verdict::next();
    if (rules_.status == 403) return Verdict::fail({base::FaultKind::denied, "geo_acl"});
    return Verdict::reply({.status = 451, .body = "not available where you are\n"});
  }

 private:
  bool may_pass(const geo::Facts& where) const noexcept {
    if (!where.country.known() && where.continent[0] == 0) return rules_.unknown_allowed;
    if (rules_.deny.contains(where.country.code) || rules_.deny_continents.contains(where.continent)) return false;
    if (rules_.allow.empty() && rules_.allow_continents.empty()) return true;
    return rules_.allow.contains(where.country.code) || rules_.allow_continents.contains(where.continent);
  }

  Rules rules_;
};

constexpr std::string_view kContinents = "AF AN AS EU NA OC SA";

constexpr Field kOptions[] = {
    {.name = "allow",
     .type = Type::list,
     .fallback = "[]",
     .doc = "Countries whose clients may pass; when a country or continent is allowed, nobody else may.",
     .element = Type::country},
    {.name = "deny",
     .type = Type::list,
     .fallback = "[]",
     .doc = "Countries whose clients may not, even if allowed.",
     .element = Type::country},
    {.name = "allow_continents",
     .type = Type::list,
     .fallback = "[]",
     .doc = "Continents whose clients may pass.",
     .allowed = kContinents,
     .element = Type::enumeration},
    {.name = "deny_continents",
     .type = Type::list,
     .fallback = "[]",
     .doc = "Continents whose clients may not.",
     .allowed = kContinents,
     .element = Type::enumeration},
    {.name = "unknown",
     .type = Type::enumeration,
     .fallback = "allow",
     .doc = "What happens to clients nothing is known of.",
     .allowed = "allow deny"},
    {.name = "status", .type = Type::enumeration, .fallback = "403", .doc = "The answer.", .allowed = "403 451"},
};

bool gives_any(const Section& section) {
  return std::any_of(std::begin(kOptions), std::end(kOptions), [&](const Field& f) { return section.has(f.name); });
}

std::unique_ptr<const Filter> make(const Section& section, const BuildContext&) {
  const size_t errors = section.diagnostics().errors();
  Rules rules{Codes(section.strings("allow")),
              Codes(section.strings("deny")),
              Codes(section.strings("allow_continents")),
              Codes(section.strings("deny_continents")),
              section.string("unknown") == "allow",
              static_cast<uint16_t>(section.string("status") == "451" ? 451 : 403)};
  const bool idle =
      rules.allow.empty() && rules.deny.empty() && rules.allow_continents.empty() && rules.deny_continents.empty();
  const bool misspelt = section.node() != nullptr && !section.node()->members.empty() && !gives_any(section);
  if (idle && rules.unknown_allowed && !misspelt)
    section.diagnostics().error(config::code::kEmpty, section.place(),
                                section.path() + ": neither allow nor deny names a country",
                                "write geo_acl: {deny: [KP]}");
  if (section.diagnostics().errors() != errors) return nullptr;
  return std::make_unique<GeoAcl>(std::move(rules));
}

}  // namespace

constinit const FilterType geo_acl_filter{
    .name = "geo_acl",
    .summary = "Answers 403 or 451 to clients by country or continent.",
    .phase = Phase::guard,
    .on_request = true,
    .on_response = false,
    .options = kOptions,
    .make = make,
};

}  // namespace rhumb::filters
