// SPDX-License-Identifier: Apache-2.0
// Numbers that a region announces in a field of its responses, for the operator's terms: read by the worker that has
// the head, into a cell of its own; the control thread's board takes the newest of all workers.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/counters.h"
#include "http/headers.h"

namespace rhumb::upstream {

/// So old an announcement tells nothing any more: a region that gets no request announces nothing either, and must be
/// tried again some time.
inline constexpr base::Micros kAnnouncedFor = base::Seconds(60);

/// The last number one worker read of one field of one region. Written by that worker, read by the control thread: the
/// two cells may be of two announcements, which is as good as either of them.
struct alignas(64) Announced {
  base::Cell bits;   // of a double
  base::Cell since;  // microseconds on the monotonic clock; zero: never
};

/// A field to be read, on one worker.
struct AnnouncedField {
  std::string name;  // lower-case
  http::FieldId id = http::FieldId::other;
  Announced* to = nullptr;
};

/// Reads each of the fields; one that is not there, or is no decimal number of at least zero, leaves what was. No
/// allocation.
void read_announced(std::span<const AnnouncedField> fields, const http::Headers& head, base::Instant now) noexcept;

/// The newest, unknown when none is fresh.
float newest(const std::vector<Announced*>& of, base::Instant now) noexcept;

}  // namespace rhumb::upstream
