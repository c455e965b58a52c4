// SPDX-License-Identifier: Apache-2.0
// JSON Schema (draft 2020-12) of the configuration, made from the option tables: what an editor checks and completes
// with. It is as strict as a schema can be: references between parts, bounds of values with units and what belongs
// together are said by `rhumb check` alone. Pure; any thread.
#pragma once
#include <span>
#include <string>

#include "config/field.h"

namespace rhumb::config {

/// `filters` are filters::filter_rows().
std::string json_schema(std::span<const Field> filters);

}  // namespace rhumb::config
