// SPDX-License-Identifier: Apache-2.0
// The reference page of the configuration (docs/reference.md), made from the option tables and the list of diagnostic
// codes. Pure; any thread.
#pragma once
#include <span>
#include <string>

#include "config/field.h"

namespace rhumb::config {

/// Markdown. `filters` are filters::filter_rows().
std::string reference_markdown(std::span<const Field> filters);

}  // namespace rhumb::config
