// SPDX-License-Identifier: Apache-2.0
// What the filters of a route say of a request that is only described: for explain and plan. Allocates; any thread that
// owns the view.
#pragma once
#include <memory>
#include <optional>
#include <string_view>

#include "config/spec.h"
#include "filters/chain.h"

namespace rhumb::filters {

/// Those filters of a route that was found good whose names `wanted` takes, as a chain of their own. Null: none.
std::shared_ptr<const Chain> some_of(const config::Spec& spec, const config::RouteSpec& route,
                                     bool (*wanted)(std::string_view name));

struct Refusal {
  std::string_view by;  // the filter
  int status = 0;       // what the client is told
};
/// What the chain would answer by itself before a region is decided; none: the request goes on.
std::optional<Refusal> refusal(const Chain& chain, ExchangeView& view);
/// The status of a reply or a fault.
int status_of(const Verdict& verdict) noexcept;

}  // namespace rhumb::filters
