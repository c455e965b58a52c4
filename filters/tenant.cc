// SPDX-License-Identifier: Apache-2.0
// On whose behalf a request is made, for the fence. A header or a cookie is believed from whoever sends it.
#include "filters/registry.h"
#include "http/cookie.h"

namespace rhumb::filters {
namespace {

class Tenant final : public Filter {
 public:
  explicit Tenant(const config::TenantSpec& spec) {
    const std::string_view key = spec.key;
    if (key == "host") from_ = From::host;
    if (key.starts_with("header:")) from_ = From::header;
    if (key.starts_with("cookie:")) from_ = From::cookie;
    const size_t colon = key.find(':');
    if (colon != std::string_view::npos) name_ = key.substr(colon + 1);
    id_ = http::field_id(name_);
  }

  Verdict on_request(FilterContext& ctx) const override {
    ExchangeView& view = ctx.view();
    const http::Headers& fields = ctx.request().fields;
    switch (from_) {
      case From::nothing:
        return Verdict::next();
      case From::host:
        view.tenant = view.host;
        break;
      case From::header:
        // Of two opinions the upstream might take the other one.
        if ((id_ != http::FieldId::other ? fields.count(id_) : fields.count(name_)) > 1)
          return Verdict::fail({base::FaultKind::bad_request, "the tenant is named twice"});
        view.tenant = id_ != http::FieldId::other ? fields.get(id_) : fields.get(name_);
        break;
      case From::cookie:
        view.tenant = http::find_cookie(fields, name_);
        break;
    }
    ctx.facts().tenant = decision::tenant_key(view.tenant);
    return Verdict::next();
  }

 private:
  enum class From : uint8_t { nothing, host, header, cookie };

  From from_ = From::nothing;
  std::string name_;
  http::FieldId id_ = http::FieldId::other;
};

std::unique_ptr<const Filter> make(const config::Section&, const BuildContext& context) {
  return std::make_unique<Tenant>(context.tenant);
}

}  // namespace

constinit const FilterType tenant_filter{
    .name = "tenant",
    .summary = "Finds on whose behalf a request is made, by its host, a header or a cookie.",
    .phase = Phase::identify,
    .on_request = true,
    .on_response = false,
    .options = {},
    .make = make,
};

}  // namespace rhumb::filters
