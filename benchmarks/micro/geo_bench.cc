// SPDX-License-Identifier: Apache-2.0
// What a look-up and a distance cost. The databases are made here: random blocks of the size real sets have, cut down
// so that making them takes a second.
#include <benchmark/benchmark.h>

#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "geo/cache.h"
#include "geo/centroids.h"
#include "geo/distance.h"
#include "geo/locator.h"
#include "geo/mmdb_writer.h"

namespace rhumb::geo {
namespace {

constexpr int kBlocks = 200'000;

base::IpAddress random_v6(base::Random& random) {
  std::array<uint8_t, 16> bytes{0x20, 0x01};
  for (size_t i = 2; i < 8; ++i) bytes[i] = static_cast<uint8_t>(random.next());
  return base::IpAddress::v6(bytes);
}

Database make_database(bool cities) {
  base::Random random(1);
  MmdbWriter writer;
  const auto countries = all_countries();
  for (int i = 0; i < kBlocks; ++i) {
    RecordFields fields;
    const CountryInfo& info = countries[random.below(countries.size())];
    fields.country = Country::of(info.code);
    if (cities) {
      fields.point =
          Point{info.centroid.latitude + static_cast<double>(random.below(100)) / 100, info.centroid.longitude};
      fields.city = "City " + std::to_string(random.below(5000));
      fields.accuracy_km = 20;
    }
    const bool v6 = i % 4 == 0;
    const auto bits = static_cast<uint8_t>(v6 ? 32 + random.below(17) : 8 + random.below(17));
    const base::IpAddress address = v6 ? random_v6(random) : base::IpAddress::v4(static_cast<uint32_t>(random.next()));
    writer.insert({address.masked(bits), bits}, fields);
  }
  auto opened = Database::from_bytes("bench", writer.finish({}), false);
  RHUMB_ASSERT(opened.has_value());
  return std::move(*opened);
}

const Locator& locator(bool cities) {
  const auto make = [](bool kind) {
    std::vector<Database> one;
    one.push_back(make_database(kind));
    return Locator(std::move(one));
  };
  static const Locator city = make(true), country = make(false);
  return cities ? city : country;
}

void locate(benchmark::State& state, bool cities, bool v6) {
  const Locator& where = locator(cities);
  base::Random random(2);
  std::vector<base::IpAddress> addresses;
  for (int i = 0; i < 1 << 16; ++i)
    addresses.push_back(v6 ? random_v6(random) : base::IpAddress::v4(static_cast<uint32_t>(random.next())));
  size_t at = 0;
  for (auto _ : state) benchmark::DoNotOptimize(where.locate(addresses[at++ & 0xffff]));
}
BENCHMARK_CAPTURE(locate, city_v4, true, false);
BENCHMARK_CAPTURE(locate, city_v6, true, true);
BENCHMARK_CAPTURE(locate, country_v4, false, false);
BENCHMARK_CAPTURE(locate, country_v6, false, true);

/// An address that was asked for lately.
void locate_again(benchmark::State& state) {
  const auto cache = std::make_unique<Cache>(locator(true));
  const base::IpAddress address = base::IpAddress::v4(0x5db8d822);
  for (auto _ : state) {
    const Facts* where = &cache->locate(address);
    benchmark::DoNotOptimize(where);
  }
}
BENCHMARK(locate_again);

/// Between places that are known: what a decision asks for each region.
void distance(benchmark::State& state) {
  base::Random random(3);
  std::vector<Site> points;
  for (int i = 0; i < 1024; ++i)
    points.emplace_back(static_cast<double>(random.below(180)) - 90, static_cast<double>(random.below(360)) - 180);
  size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(distance_km(points[at & 1023], points[(at + 1) & 1023]));
    ++at;
  }
}
BENCHMARK(distance);

void validate(benchmark::State& state) {
  MmdbWriter writer;
  base::Random random(4);
  RecordFields fields;
  for (int i = 0; i < kBlocks; ++i) {
    fields.country = Country::of(all_countries()[random.below(250)].code);
    writer.insert({base::IpAddress::v4(static_cast<uint32_t>(random.next())).masked(24), 24}, fields);
  }
  const std::string bytes = writer.finish({});
  for (auto _ : state)
    benchmark::DoNotOptimize(validate_mmdb({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes.size()));
}
BENCHMARK(validate)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace rhumb::geo
