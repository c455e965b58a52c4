// SPDX-License-Identifier: Apache-2.0
// Who the client is, whether its word about itself counts, and what the upstream is told of it.
#include <cstring>

#include "base/bytes.h"
#include "filters/forwarded.h"
#include "filters/identity.h"
#include "filters/registry.h"
#include "http/uri.h"

namespace rhumb::filters {
namespace {

using http::FieldId;

/// What a hop that trusts us may find in Connection: RFC 9110 7.6.1 would have us drop these after we set them.
constexpr std::string_view kOwnFields[] = {"host", "via", "traceparent", "tracestate"};

class ClientIp final : public Filter {
 public:
  explicit ClientIp(const config::GeoSpec& geo) : trusted_(geo.trusted_proxies), names_(geo), which_(geo.forwarded) {}

  Verdict on_request(FilterContext& ctx) const override {
    ExchangeView& view = ctx.view();
    http::Headers& fields = ctx.request().fields;
    if (nominates_ours(fields)) return Verdict::fail({base::FaultKind::bad_request, "Connection names a field we set"});
    view.peer_trusted = trusted_.contains(view.peer);
    ctx.facts().client = view.peer_trusted ? walk(fields, which_, view.peer, trusted_) : view.peer;
    strip(fields, view.peer_trusted);
    tell_upstream(ctx);
    return Verdict::next();
  }

 private:
  bool nominates_ours(const http::Headers& fields) const noexcept {
    if (!fields.has(FieldId::connection)) return false;
    for (const http::Field& field : fields.all()) {
      if (field.id != FieldId::connection) continue;
      std::string_view rest = field.value;
      while (!rest.empty()) {
        const std::string_view token = base::trim(base::take_until(rest, ','));
        if (names_.contains(token)) return true;
        for (const std::string_view own : kOwnFields)
          if (base::iequals(token, own)) return true;
      }
    }
    return false;
  }

  /// A trusted hop writes the usual spellings; one with '_' came from someone behind it.
  void strip(http::Headers& fields, bool trusted) const noexcept {
    for (size_t i = 0; i < fields.all().size(); ++i) {
      const http::Field& field = fields.all()[i];
      if (field.id == FieldId::removed || !names_.contains(field.name)) continue;
      if (!trusted || field.name.find('_') != std::string_view::npos) fields.remove_at(i);
    }
  }

  void tell_upstream(FilterContext& ctx) const {
    ExchangeView& view = ctx.view();
    http::RequestHead& request = ctx.request();
    const std::string_view peer = text(ctx.arena(), view.peer);
    const bool same = ctx.facts().client == view.peer;
    request.fields.set(FieldId::x_real_ip, same ? peer : text(ctx.arena(), ctx.facts().client));
    append(ctx, FieldId::x_forwarded_for, peer);
    if (which_ == config::GeoSpec::Forwarded::forwarded)
      append(ctx, FieldId::forwarded, element(ctx.arena(), view.peer));
    if (!believable_proto(request.fields)) request.fields.set(FieldId::x_forwarded_proto, view.tls ? "https" : "http");
    if (!believable_host(request.fields)) {
      request.fields.remove(FieldId::x_forwarded_host);
      if (!request.authority.empty()) request.fields.add(FieldId::x_forwarded_host, request.authority);
    }
  }

  // An untrusted client's fields are gone by now: what is still there was written by a trusted hop.
  static bool believable_proto(const http::Headers& fields) noexcept {
    const std::string_view proto = fields.get(FieldId::x_forwarded_proto);
    return fields.count(FieldId::x_forwarded_proto) == 1 &&
           (base::iequals(proto, "http") || base::iequals(proto, "https"));
  }
  static bool believable_host(const http::Headers& fields) noexcept {
    return fields.count(FieldId::x_forwarded_host) == 1 && http::parse_authority(fields.get(FieldId::x_forwarded_host));
  }

  static std::string_view text(base::Arena& arena, const base::IpAddress& address) {
    char* to = arena.allocate_chars(46);
    return {to, address.write(to)};
  }

  /// RFC 7239 6: IPv6 in brackets, and then in quotes.
  static std::string_view element(base::Arena& arena, const base::IpAddress& address) {
    const std::string_view before = address.is_v4() ? "for=" : "for=\"[", after = address.is_v4() ? "" : "]\"";
    char* const to = arena.allocate_chars(46 + 8);
    std::memcpy(to, before.data(), before.size());
    size_t size = before.size();
    size += address.write(to + size);
    std::memcpy(to + size, after.data(), after.size());
    return {to, size + after.size()};
  }

  /// All fields of the name become one, with `last` behind them.
  static void append(FilterContext& ctx, FieldId id, std::string_view last) {
    http::Headers& fields = ctx.request().fields;
    size_t size = last.size();
    for (const http::Field& field : fields.all())
      if (field.id == id && !field.value.empty()) size += field.value.size() + 2;
    if (size == last.size()) {
      fields.set(id, last);
      return;
    }
    char* const to = ctx.arena().allocate_chars(size);
    char* at = to;
    for (const http::Field& field : fields.all()) {
      if (field.id != id || field.value.empty()) continue;
      std::memcpy(at, field.value.data(), field.value.size());
      at += field.value.size();
      *at++ = ',', *at++ = ' ';
    }
    std::memcpy(at, last.data(), last.size());
    fields.set(id, {to, size});
  }

  base::PrefixSet trusted_;
  IdentityNames names_;
  config::GeoSpec::Forwarded which_;
};

std::unique_ptr<const Filter> make(const config::Section&, const BuildContext& context) {
  return std::make_unique<ClientIp>(context.geo);
}

}  // namespace

constinit const FilterType client_ip_filter{
    .name = "client_ip",
    .summary = "Finds the client behind trusted proxies and tells the upstream.",
    .phase = Phase::identify,
    .on_request = true,
    .on_response = false,
    .options = {},
    .make = make,
};

}  // namespace rhumb::filters
