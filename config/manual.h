// SPDX-License-Identifier: Apache-2.0
// The manual page rhumb.yaml(5), made from the option tables, for man(7). Pure; any thread.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "config/field.h"

namespace rhumb::config {

/// `filters` are filters::filter_rows().
std::string manual_page(std::span<const Field> filters, std::string_view version);

}  // namespace rhumb::config
