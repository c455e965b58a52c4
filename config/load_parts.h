// SPDX-License-Identifier: Apache-2.0
// The readers load.cc is put together from, one per part of the file, and what they share. Internal to config; one
// thread.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/section.h"
#include "config/spec.h"

namespace rhumb::config {

/// What may be given once only, and where it was given first.
class Once {
 public:
  Once(uint16_t code, std::string what, Diagnostics& diagnostics)
      : code_(code), what_(std::move(what)), diagnostics_(&diagnostics) {}
  /// False, and reported with both places, when `value` came before. An empty value is ignored.
  bool add(const std::string& value, Place place);

 protected:
  uint16_t code_;
  std::string what_;
  Diagnostics* diagnostics_;
  std::map<std::string, Place, std::less<>> seen_;
};

/// The regions of the file, which the other parts refer to.
class RegionNames : private Once {
 public:
  RegionNames(const std::vector<Section>& regions, Diagnostics& diagnostics);
  /// Reports a name that no region has; `path` is the key that refers to it.
  void check(const std::string& name, Place place, std::string_view path) const;
  /// The same for each name of a list, which may also name none twice.
  std::vector<std::string> checked_list(const Section& section, std::string_view key) const;
  const std::vector<std::string>& in_order() const noexcept { return order_; }

 private:
  std::vector<std::string> order_;
};

/// The terms that are not built in, which regions give numbers for and routes weigh.
class OwnTerms {
 public:
  explicit OwnTerms(std::vector<TermSpec> terms) : terms_(std::move(terms)) {}
  const std::vector<TermSpec>& all() const noexcept { return terms_; }
  /// False, and reported as an unknown key of `path`, when none has this name. `others`: what else may stand there.
  bool check(const Node::Member& member, std::string_view path, std::vector<std::string_view> others,
             Diagnostics& diagnostics) const;

 private:
  std::vector<TermSpec> terms_;
};

/// The value of "name": reported when it is not fit for logs, metrics and headers.
std::string read_name(const Section& section);
/// A header or cookie name; "" when not given. `lower` for header names.
std::string read_token(const Section& section, std::string_view key, bool lower);
/// The value of "key", which says what of a request is meant: one of `allowed`, where header:NAME and cookie:NAME stand
/// for any name. A header's becomes lower-case.
std::string read_key(const Section& section, std::initializer_list<std::string_view> allowed);
/// Whether the value of "secret" is long enough; reported when not, without showing it.
bool check_secret(const Section& section, std::string_view secret);
/// Whether `text` can be the path of a request; `place` and `path` for the report when not.
bool check_url_path(const std::string& text, Place place, std::string_view path, Diagnostics& diagnostics);
std::string lower_case(std::string_view text);
/// Reports keys of the mapping `key` that are no country codes: the keys of a mapping are not checked by its table.
void check_country_keys(const Section& section, std::string_view key);

GatewaySpec read_gateway(const Section& section, const RegionNames& regions);
AdminSpec read_admin(const Section& section, Once& addresses);
AccessLogSpec read_access_log(const Section& section);
RecorderSpec read_recorder(const Section& section);
SessionsSpec read_sessions(const Section& section);
LatencySpec read_latency(const Section& section);
GeoSpec read_geo(const Section& section, const RegionNames& regions);
TenantSpec read_tenant(const Section& section);
std::vector<FenceRule> read_fence(const Section& root, const RegionNames& regions);
std::vector<ListenerSpec> read_listeners(const Section& root, Once& addresses);
std::vector<TermSpec> read_terms(const Section& root);
std::vector<RegionSpec> read_regions(const Section& root, const std::vector<Section>& sections,
                                     const RegionNames& names, const OwnTerms& terms);
std::vector<RouteSpec> read_routes(const Section& root, const RegionNames& regions, const OwnTerms& terms);
/// `spec` has its regions and routes.
std::vector<AssertSpec> read_asserts(const Section& root, const RegionNames& regions, const Spec& spec);
/// What matches a request; load_match.cc.
MatchSpec read_match(const Section& section);

}  // namespace rhumb::config
