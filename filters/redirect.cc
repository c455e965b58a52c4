// SPDX-License-Identifier: Apache-2.0
// Sends the client elsewhere: to https, to another host, to where a path has moved.
#include <algorithm>

#include "base/bytes.h"
#include "config/codes.h"
#include "filters/registry.h"
#include "filters/template.h"

namespace rhumb::filters {
namespace {

using config::Field;
using config::Section;
using config::Type;

enum class From : uint8_t { any, http, https };

class Redirect final : public Filter {
 public:
  Redirect(Template to, uint16_t status, From from) : to_(std::move(to)), status_(status), from_(from) {}

  Verdict on_request(FilterContext& ctx) const override {
    // OPTIONS * names no resource that could have moved.
    if (ctx.request().form == http::TargetForm::asterisk || !applies(ctx)) return Verdict::next();
    Reply reply{.status = status_, .location = within_site(to_.expand_uri(ctx.view()))};
    // A shared cache may store a 301 or 308, and would send others where this client was to go.
    if (!to_.of_uri_alone()) reply.extra_name = "Cache-Control", reply.extra_value = "private";
    return Verdict::reply(reply);
  }

 private:
  bool applies(FilterContext& ctx) const noexcept {
    if (from_ == From::any) return true;
    const std::string_view told = ctx.request().fields.get(http::FieldId::x_forwarded_proto);
    const bool https = told.empty() ? ctx.view().tls : base::iequals(told, "https");
    return https == (from_ == From::https);
  }

  /// A target that begins with a variable is meant to stay on this host: "//elsewhere" would leave it.
  std::string_view within_site(std::string_view target) const noexcept {
    const std::string_view prefix = to_.prefix();
    if (!prefix.empty() && prefix != "/") return target;
    while (target.size() > 1 && target[0] == '/' && target[1] == '/') target.remove_prefix(1);
    return target;
  }

  Template to_;
  uint16_t status_;
  From from_;
};

constexpr Field kOptions[] = {
    {.name = "to", .doc = "Where to, as a URL or path with variables: \"https://%{host}%{target}\".", .required = true},
    {.name = "status",
     .type = Type::enumeration,
     .fallback = "302",
     .doc = "The answer.",
     .allowed = "301 302 303 307 308"},
    {.name = "from",
     .type = Type::enumeration,
     .fallback = "any",
     .doc = "Redirects only requests that came this way; http for a redirect to https.",
     .allowed = "any http https"},
};

/// "https://user:password@host/"
bool names_a_user(std::string_view url) {
  const size_t slashes = url.find("//");
  if (slashes == std::string_view::npos) return false;
  const std::string_view authority = url.substr(slashes + 2);
  return authority.substr(0, authority.find_first_of("/?#")).find('@') != std::string_view::npos;
}

uint16_t read_status(const Section& section) {
  return base::parse_digits<uint16_t>(section.string("status")).value_or(uint16_t{302});
}

std::unique_ptr<const Filter> make(const Section& section, const BuildContext&) {
  const size_t errors = section.diagnostics().errors();
  const std::string text = section.string("to");
  const std::string path = section.path() + ".to";
  if (section.has("to") && text.empty()) section.error(config::code::kEmpty, "to", "a redirect needs a target");
  auto to = Template::compile(text, section.place("to"), path, section.diagnostics());
  const bool strange = std::any_of(text.begin(), text.end(), [](char c) { return c <= 0x20 || c >= 0x7f; });
  if (strange)
    section.error(config::code::kNotAllowed, "to", "a URL holds no spaces, controls or characters beyond ASCII",
                  "percent-encode them: %%20");
  if (names_a_user(text))
    section.error(config::code::kNotAllowed, "to", "a user and password must not be sent in a URL (RFC 9110 4.2.4)");
  const std::string from = section.string("from");
  if (section.diagnostics().errors() != errors || !to || text.empty()) return nullptr;
  const From which = from == "http" ? From::http : from == "https" ? From::https : From::any;
  return std::make_unique<Redirect>(std::move(*to), read_status(section), which);
}

}  // namespace

constinit const FilterType redirect_filter{
    .name = "redirect",
    .summary = "Answers with a redirect.",
    .phase = Phase::guard,
    .on_request = true,
    .on_response = false,
    .options = kOptions,
    .make = make,
};

}  // namespace rhumb::filters
