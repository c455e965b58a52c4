// SPDX-License-Identifier: Apache-2.0
// Option table of the rules that `rhumb verify` checks. Included by tables.cc alone. Constants; any thread.
#pragma once
#include "config/field.h"

namespace rhumb::config::tables {

inline constexpr Field kAssert[] = {
    {.name = "name", .doc = "Its name in what verify prints.", .required = true},
    {.name = "rule",
     .type = Type::enumeration,
     .doc = "stays_in: only these regions serve; served: somebody does; max_load: no region gets too much; unmoved: a "
            "failure moves nobody else; no_oscillation: loads settle.",
     .allowed = "stays_in served max_load unmoved no_oscillation",
     .required = true},
    {.name = "down",
     .type = Type::integer,
     .fallback = "1",
     .doc = "It must hold whenever up to so many regions are down at once.",
     .min = 0,
     .max = 3},
    {.name = "countries",
     .type = Type::list,
     .fallback = "[]",
     .doc = "Countries whose clients it is about; without any, those of all, known or not.",
     .element = Type::country},
    {.name = "tenants",
     .type = Type::list,
     .fallback = "[]",
     .doc = "Tenants whose requests it is about; without any, all requests."},
    {.name = "routes", .type = Type::list, .fallback = "[]", .doc = "Routes it is about; without any, all."},
    {.name = "regions",
     .type = Type::list,
     .fallback = "[]",
     .doc = "Of stays_in: the regions that alone may serve. Of max_load: those whose load is looked at; without any, "
            "those that have max_requests."},
    {.name = "share",
     .type = Type::percent,
     .fallback = "100%",
     .doc = "Of max_load: how much of its max_requests a region may get; 150% allows half as much again.",
     .min = 1,
     .max = 1000},
    {.name = "requests",
     .type = Type::integer,
     .doc = "Of max_load and no_oscillation: requests in flight, in all.",
     .min = 1,
     .max = 1e9},
    {.name = "spread",
     .type = Type::map,
     .fallback = "{}",
     .doc = "Of max_load and no_oscillation: where those requests come from: country to its part, relative to the "
            "others'.",
     .element = Type::number,
     .min = 0,
     .max = 1e9},
};

}  // namespace rhumb::config::tables
