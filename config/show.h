// SPDX-License-Identifier: Apache-2.0
// A loaded configuration as the gateway understands it: included files merged, variables put in, defaults if wanted.
// Of rows marked `secret` nothing is shown but where the value comes from ("!file PATH", "${NAME}") or "***"; keys the
// tables do not know (x-*) are left out. The YAML is a configuration again, which means the same as long as nothing had
// to be hidden; a hidden session key is "***", which is too short to be accepted.
// For a running gateway: tree and sources are kept in its snapshot's Spec. Pure; any thread.
#pragma once
#include <span>
#include <string>

#include "config/field.h"
#include "config/node.h"
#include "config/source.h"

namespace rhumb::config {

struct ShowOptions {
  bool effective = false;  // defaults too
  bool origin = false;     // where each value stands: file:line, or the environment variable it was made from
};

/// `filters` are filters::filter_rows(). `tree` must have loaded without errors, from `sources`.
std::string show_yaml(const Node& tree, const SourceList& sources, std::span<const Field> filters, ShowOptions options);
/// The same structure; each value, list of values or map is {"value", "default", "origin"}.
std::string show_json(const Node& tree, const SourceList& sources, std::span<const Field> filters, ShowOptions options);

}  // namespace rhumb::config
