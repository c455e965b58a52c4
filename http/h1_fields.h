// SPDX-License-Identifier: Apache-2.0
// The part of a head both parsers share: finding its lines while bytes arrive, then reading the field lines (RFC
// 9112 2.2, 5). No state of its own; one thread.
#pragma once
#include "http/chars.h"
#include "http/h1_parser.h"

namespace rhumb::http {

enum class ScanStatus : uint8_t { need_more, done, bad_byte, line_too_long, head_too_large, too_many_fields };

/// Looks for the end of the first line, which begins at `start`, not beyond `limit` bytes. Which fault is found does
/// not depend on how the bytes are cut into calls: the first wrong byte decides.
ScanStatus scan_first_line(std::string_view bytes, size_t start, uint32_t limit, CharClass allowed,
                           HeadScan& scan) noexcept;
/// Goes on from there to the empty line; done: scan.scanned is behind it.
ScanStatus scan_fields(std::string_view bytes, size_t start, const HeadLimits& limits, HeadScan& scan) noexcept;

/// Reads whole field lines into a table with room for them. Returns what is wrong, or nullptr.
const char* parse_fields(std::string_view lines, CharClass name_class, Headers& to) noexcept;

}  // namespace rhumb::http
