// SPDX-License-Identifier: Apache-2.0
// Where a value comes from, and what may be shown of a secret one. Pure; any thread.
#pragma once
#include <string>

#include "config/meaning.h"
#include "config/source.h"

namespace rhumb::config {

/// "rhumb.yaml:14"; "${NAME} in rhumb.yaml:14" for a value made from environment variables; "default"; the name
/// of a source without lines; empty when the place is not known.
std::string origin_of(const Value& value, const SourceList& sources);
/// The text of a scalar fit for anybody's eyes. Of a secret: "!file PATH" or "${NAME}" if the file says just that, else
/// "***". `reference`, if given: whether it is such a reference, to be printed without doubling its '$'.
std::string shown_text(const Value& value, const SourceList& sources, bool* reference = nullptr);

}  // namespace rhumb::config
