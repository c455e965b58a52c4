// SPDX-License-Identifier: Apache-2.0
// The version of the binary; the one in CMakeLists.txt follows it.
#pragma once
#include <string_view>

namespace rhumb::proxy {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace rhumb::proxy
