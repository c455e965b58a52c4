// SPDX-License-Identifier: Apache-2.0
// Who may come in, by address.
#include "config/codes.h"
#include "filters/registry.h"

namespace rhumb::filters {
namespace {

using config::Field;
using config::Section;
using config::Type;

class IpAcl final : public Filter {
 public:
  IpAcl(base::PrefixSet allow, base::PrefixSet deny) : allow_(std::move(allow)), deny_(std::move(deny)) {}

  Verdict on_request(FilterContext& ctx) const override {
    const base::IpAddress& client = ctx.facts().client;
    const bool in = !deny_.contains(client) && (allow_.empty() || allow_.contains(client));
    return in ? Verdict::next() : Verdict::fail({base::FaultKind::denied, "ip_acl"});
  }

 private:
  base::PrefixSet allow_, deny_;
};

constexpr Field kOptions[] = {
    {.name = "allow",
     .type = Type::list,
     .fallback = "[]",
     .doc = "Networks whose clients may pass; when any is given, nobody else may.",
     .element = Type::cidr},
    {.name = "deny",
     .type = Type::list,
     .fallback = "[]",
     .doc = "Networks whose clients may not, even if allowed.",
     .element = Type::cidr},
};

std::unique_ptr<const Filter> make(const Section& section, const BuildContext&) {
  const size_t errors = section.diagnostics().errors();
  std::vector<base::Cidr> allow = section.cidrs("allow"), deny = section.cidrs("deny");
  const bool misspelt =
      section.node() != nullptr && !section.node()->members.empty() && !section.has("allow") && !section.has("deny");
  if (section.strings("allow").empty() && section.strings("deny").empty() && !misspelt)
    section.diagnostics().error(config::code::kEmpty, section.place(),
                                section.path() + ": neither allow nor deny names a network",
                                "write ip_acl: {deny: [192.0.2.0/24]}");
  if (section.diagnostics().errors() != errors) return nullptr;
  return std::make_unique<IpAcl>(base::PrefixSet(std::move(allow)), base::PrefixSet(std::move(deny)));
}

}  // namespace

constinit const FilterType ip_acl_filter{
    .name = "ip_acl",
    .summary = "Answers 403 to clients by address.",
    .phase = Phase::guard,
    .on_request = true,
    .on_response = false,
    .options = kOptions,
    .make = make,
};

}  // namespace rhumb::filters
