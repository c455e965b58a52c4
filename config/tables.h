// SPDX-License-Identifier: Apache-2.0
// The option tables of everything but filters, which bring their own: load_*.cc reads by them, the reference page is
// made from them. Constants; any thread.
#pragma once
#include <span>

#include "config/field.h"

namespace rhumb::config {

/// The top level; every other table hangs below it.
std::span<const Field> root_fields() noexcept;

}  // namespace rhumb::config
