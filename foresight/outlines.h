// SPDX-License-Identifier: Apache-2.0
// The coasts and borders of the world's countries, for maps that people look at; nothing is decided by them. Constant;
// any thread.
#pragma once
#include <string_view>

namespace rhumb::foresight {

/// Commands of an SVG path (SVG 2, section 9.3: M, l): one line for each coast or border, in tenths of a degree, east
/// and south of where the equator meets the prime meridian. Good to half a degree.
std::string_view world_outlines() noexcept;

}  // namespace rhumb::foresight
