// SPDX-License-Identifier: Apache-2.0
// Rows of the option tables in words: what the reference page, the manual and `rhumb help` have in common. Pure; any
// thread.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/field.h"

namespace rhumb::config {

/// A row and where it stands: "regions[].health.interval", "routes[].filters[].ip_acl.allow".
struct Row {
  const Field* field = nullptr;
  std::string path;
  Effect effect = Effect::reload;  // with those of the sections around it
};

/// Every row there is, each before those below it; keys of today alone, no old names. `filters` are
/// filters::filter_rows().
std::vector<Row> all_rows(std::span<const Field> filters);
/// The rows directly below `path`, "" for the top level.
std::vector<Row> rows_below(const std::vector<Row>& rows, std::string_view path);
/// Whether a key holds further keys; of routes[].filters, those are the filters.
bool has_rows(const Field& field) noexcept;

/// What may stand there, with its bounds: "a duration, 10ms to 1d", "a list of networks", "error, warning, info or
/// debug".
std::string value_text(const Field& field);
/// Its default as it would stand in the file; empty when there is none.
std::string default_text(const Field& field);
/// What else holds: required, secret, restart. Sentences, or nothing.
std::string notes_text(const Row& row);

}  // namespace rhumb::config
