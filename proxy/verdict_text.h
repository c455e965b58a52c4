// SPDX-License-Identifier: Apache-2.0
// The verdict on a reload, or on what one would do, as JSON in pieces: thousands of changes are a megabyte. Control
// thread.
#pragma once
#include <memory>
#include <string>

#include "admin/api.h"
#include "proxy/reload.h"

namespace rhumb::proxy {

/// `members`: what stands before the rest, as it is to stand there: `"good": true, `. The verdict may be shared.
std::unique_ptr<admin::BodySource> verdict_source(std::shared_ptr<const ReloadVerdict> verdict, std::string members);

}  // namespace rhumb::proxy
