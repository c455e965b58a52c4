// SPDX-License-Identifier: Apache-2.0
#include "geo/locator.h"

#include "base/check.h"
#include "geo/centroids.h"

namespace rhumb::geo {
namespace {

constexpr size_t kMaxDatabases = 32;

/// What follows from the country: its continent, and for an answer without a point its middle.
void complete(Facts& facts) noexcept {
  const CountryInfo* info = country_info(facts.country);
  if (info == nullptr) return;
  if (facts.continent[0] == 0) facts.continent = {info->continent[0], info->continent[1]};
  if (facts.has_point) return;
  facts.point = info->centroid;
  facts.has_point = true;
  facts.accuracy_km = kCentroidAccuracyKm;
  facts.source = Source::centroid;
}

}  // namespace

base::Result<std::shared_ptr<const Locator>, std::string> Locator::open(const std::vector<Input>& files,
                                                                        Validator validator) {
  if (files.size() > kMaxDatabases)
    return base::Unexpected("at most " + std::to_string(kMaxDatabases) + " geo databases can be used together");
  std::vector<Database> databases;
  for (const Input& file : files) {
    auto database = Database::open(file.path, file.overlay, validator);
    if (!database) return base::Unexpected(std::move(database).error());
    databases.push_back(std::move(*database));
  }
  return std::shared_ptr<const Locator>(std::make_shared<Locator>(std::move(databases)));
}

Locator::Locator(std::vector<Database> databases) {
  RHUMB_ASSERT(databases.size() <= kMaxDatabases);
  databases_.reserve(databases.size());
  for (bool overlays : {true, false})
    for (Database& database : databases)
      if (database.overlay() == overlays) databases_.push_back(std::move(database));
}

Facts Locator::locate(const base::IpAddress& address) const noexcept {
  Facts best;
  for (size_t i = 0; i < databases_.size(); ++i) {
    Facts facts = databases_[i].lookup(address);
    if (facts.source == Source::none) continue;
    facts.database = static_cast<uint8_t>(i);
    if (best.source == Source::none) {
      best = facts;
    } else if (facts.has_point && (facts.country == best.country || !facts.country.known())) {
      // The first database has the say about the country (an overlay corrects the others); a later one that does not
      // contradict it may know the place better.
      facts.country = best.country;
      best = facts;
    }
    if (best.has_point) break;
  }
  complete(best);
  return best;
}

}  // namespace rhumb::geo
