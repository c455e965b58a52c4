// SPDX-License-Identifier: Apache-2.0
// All filters there are (list.def), by name, and how the chains of a configuration are built from them. The tables are
// constant; chains are built on the control thread and then shared.
#pragma once
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "config/spec.h"
#include "filters/chain.h"
#include "filters/filter.h"

namespace rhumb::filters {

// Each filter's file defines its own; a name missing in list.def does not link.
#define RHUMB_FILTER(name) extern const FilterType name##_filter;
#include "filters/list.def"
#undef RHUMB_FILTER

/// In the order of list.def.
std::span<const FilterType* const> all_filters() noexcept;
/// Those a route may name, as rows of an option table: name, summary, options.
std::span<const config::Field> filter_rows() noexcept;
/// nullptr when there is none of this name.
const FilterType* find_filter(std::string_view name) noexcept;

/// The chain of one route. What is wrong goes to the diagnostics, and the chain then lacks that filter.
std::shared_ptr<const Chain> build_chain(const std::vector<config::FilterSpec>& specs, const BuildContext& context,
                                         config::Diagnostics& diagnostics);

/// What runs for every request before its route is known: client_ip, tenant, geo_locate, request_id,
/// as the sections geo and tenant say.
std::shared_ptr<const Chain> gateway_chain(const config::Spec& spec);

}  // namespace rhumb::filters
