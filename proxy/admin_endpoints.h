// SPDX-License-Identifier: Apache-2.0
// The endpoints that read: health, metrics, explain, and the index of all. Control thread.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "admin/router.h"
#include "proxy/snapshot.h"
#include "upstream/board.h"

namespace rhumb::proxy {

/// What they look at, asked anew by each request.
struct AdminSources {
  std::function<const World&()> world;
  std::function<std::string()> not_ready;  // why; empty: ready
  std::function<std::unique_ptr<admin::BodySource>()> metrics;
};

/// Why no traffic should come here yet, or any more; empty when it should.
std::string why_not_ready(const upstream::Board& board);
void add_admin_endpoints(admin::Router& router, AdminSources sources);

}  // namespace rhumb::proxy
