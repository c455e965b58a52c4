// SPDX-License-Identifier: Apache-2.0
#include "filters/refusal.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "filters/registry.h"

namespace rhumb::filters {

std::shared_ptr<const Chain> some_of(const config::Spec& spec, const config::RouteSpec& route,
                                     bool (*wanted)(std::string_view name)) {
  std::vector<config::FilterSpec> some;
  std::copy_if(route.filters.begin(), route.filters.end(), std::back_inserter(some),
               [&](const config::FilterSpec& filter) { return wanted(filter.name); });
  config::Diagnostics said_when_loaded;
  return some.empty() ? nullptr : build_chain(some, {spec.geo, spec.tenant, route.name}, said_when_loaded);
}

std::optional<Refusal> refusal(const Chain& chain, ExchangeView& view) {
  ChainCursor cursor;
  cursor.start(chain, view);
  FilterContext context(view, {}, nullptr);
  const Verdict verdict = cursor.run_request(context, Phase::guard, Phase::shape);
  if (verdict.kind() != Verdict::Kind::reply && verdict.kind() != Verdict::Kind::fail) return std::nullopt;
  return Refusal{cursor.stopped_by().name, status_of(verdict)};
}

int status_of(const Verdict& verdict) noexcept {
  return verdict.kind() == Verdict::Kind::reply ? verdict.reply().status : base::info(verdict.fault().kind).status;
}

}  // namespace rhumb::filters
