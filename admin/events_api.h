// SPDX-License-Identifier: Apache-2.0
// GET /v1/events: as server-sent events (HTML, 9.2) that go on, or with ?format=json a page at once. Control thread.
#pragma once
#include "admin/events.h"
#include "admin/router.h"
#include "net/loop.h"

namespace rhumb::admin {

/// `events` and `loop` outlive the router's use, and the streams that it began.
void add_events_api(Router& router, Events& events, net::Loop& loop);

}  // namespace rhumb::admin
