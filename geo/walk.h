// SPDX-License-Identifier: Apache-2.0
// All networks of a database, once each. Blocks while it walks (about a second for a city database); any thread.
#pragma once
#include <functional>

#include "base/ip.h"
#include "geo/database.h"

namespace rhumb::geo {

/// The facts view the database's memory. Networks it says nothing of are left out.
using NetworkVisitor = std::function<void(const base::Cidr&, const Facts&)>;

/// IPv4 first, then the IPv6 addresses in use (2000::/3); what stands there for IPv4 once more (6to4, Teredo) is passed
/// over. In the order of addresses.
void walk(const Database& database, const NetworkVisitor& visit);

}  // namespace rhumb::geo
