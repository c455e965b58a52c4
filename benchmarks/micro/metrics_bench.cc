// SPDX-License-Identifier: Apache-2.0
// A scrape of a large gateway: the whole page, and the longest of its pieces, which is what other work waits for.
#include <benchmark/benchmark.h>

#include <chrono>

#include "admin/metrics.h"

namespace {

using namespace rhumb;

/// 54 routes of 10 regions, on 4 workers: some 24,000 series.
void metrics_page(benchmark::State& state) {
  admin::Registry registry(4);
  upstream::Meters meters(4);
  for (int route = 0; route < 54; ++route)
    for (int region = 0; region < 10; ++region)
      for (admin::RouteCells* cells :
           registry.route("route-" + std::to_string(route), "region-" + std::to_string(region)))
        cells->responses[2].add(), cells->duration.observe(base::Millis(3));
  double longest = 0;
  size_t bytes = 0;
  for (auto unused : state) {
    (void)unused;
    admin::Page page = admin::metrics_page({registry, meters, {}, {}});
    std::string text;
    bytes = 0;
    for (bool more = true; more;) {
      text.clear();
      const auto begun = std::chrono::steady_clock::now();
      more = page.next(text);
      longest = std::max(longest, std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
      bytes += text.size();
    }
  }
  state.counters["longest_piece_us"] = longest * 1e6;
  state.counters["page_bytes"] = static_cast<double>(bytes);
}
BENCHMARK(metrics_page)->Unit(benchmark::kMillisecond);

}  // namespace
