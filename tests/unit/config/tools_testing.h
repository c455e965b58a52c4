// SPDX-License-Identifier: Apache-2.0
// Filters for the tests of what is made from the option tables: this layer knows no real ones.
#pragma once
#include <span>

#include "config/field.h"

namespace rhumb::config::testing {

inline constexpr Field kWallOptions[] = {
    {.name = "deny", .type = Type::list, .fallback = "[]", .doc = "Networks kept out.", .element = Type::cidr},
    {.name = "rate", .type = Type::rate, .fallback = "10r/s", .doc = "How many may knock.", .min = 1, .max = 100},
};
inline constexpr Field kPaintOptions[] = {
    {.name = "colour", .type = Type::enumeration, .doc = "Which one.", .allowed = "red 301", .required = true},
    {.name = "hue", .renamed_to = "colour"},
    {.name = "notes", .type = Type::map, .fallback = "{}", .doc = "Whatever.", .secret = true},
};
inline constexpr Field kFilters[] = {
    {.name = "wall", .type = Type::section, .doc = "Keeps networks out.", .fields = kWallOptions},
    {.name = "paint", .type = Type::section, .doc = "Paints.", .fields = kPaintOptions},
    {.name = "pass", .type = Type::section, .doc = "Does nothing."},
};

}  // namespace rhumb::config::testing
