// SPDX-License-Identifier: Apache-2.0
// Policies as bytes: what a recording keeps of a configuration. Holds what decides and nothing else: no address of an
// endpoint, no secret, of tenants the key alone. The same policies give the same bytes in every process. Any thread.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "decision/policies.h"

namespace rhumb::foresight {

std::string pack_policies(const decision::Policies& policies);
/// An error says what is wrong: not such bytes, of another version, a strategy or term that this binary does not have.
base::Result<decision::Policies, std::string> unpack_policies(std::string_view bytes);
/// The name of such bytes, by their content.
uint64_t policies_id(std::string_view bytes) noexcept;

}  // namespace rhumb::foresight
