// SPDX-License-Identifier: Apache-2.0
// Requests: by route and region, by listener, and how they ended.
#include "admin/metrics.h"

namespace rhumb::admin {
namespace {

constexpr std::string_view kClasses[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

/// The cells of a route and region that have seen a request: the others would be thousands of zeros.
struct Pair {
  std::string labels;
  const std::vector<RouteCells>* cells;
};
using Pairs = std::vector<Pair>;

bool used(const std::vector<RouteCells>& cells) {
  for (const RouteCells& cell : cells)
    for (const base::Cell& count : cell.responses)
      if (count.get() != 0) return true;
  return false;
}

std::shared_ptr<const Pairs> pairs_of(const Registry& registry) {
  auto pairs = std::make_shared<Pairs>();
  registry.for_each_route([&](const auto& route, const auto& region, const auto& cells) {
    if (used(cells)) pairs->push_back({label("route", route) + "," + label("region", region), &cells});
  });
  return pairs;
}

/// A family with a part for each pair.
template <class Write>
Family by_pair(std::string_view name, std::string_view type, std::string_view help, std::shared_ptr<const Pairs> pairs,
               Write write) {
  return {name, type, help, [pairs = std::move(pairs), write](Samples& to, size_t part) {
            if (part < pairs->size()) write(to, (*pairs)[part]);
            return part + 1 < pairs->size();
          }};
}

/// Of cells by status class, those that counted something.
template <class Sum>
void add_classes(Samples& to, const std::string& labels, Sum sum) {
  for (size_t i = 0; i < std::size(kClasses); ++i)
    if (const uint64_t total = sum(i); total != 0) to.add(labels + "," + label("code_class", kClasses[i]), total);
}

Family histograms(std::string_view name, std::string_view help, std::shared_ptr<const Pairs> pairs,
                  base::LatencyHistogram RouteCells::*which) {
  return by_pair(name, "histogram", help, std::move(pairs), [which](Samples& to, const Pair& pair) {
    to.histogram<base::LatencyHistogram>(pair.labels, [&](auto take) {
      for (const RouteCells& cell : *pair.cells) take(cell.*which);
    });
  });
}

void add_requests(Samples& to, const Pair& pair) {
  add_classes(to, pair.labels, [&](size_t i) {
    uint64_t total = 0;
    for (const RouteCells& cell : *pair.cells) total += cell.responses[i].get();
    return total;
  });
}

void add_bytes(Samples& to, const Pair& pair) {
  uint64_t in = 0, out = 0;
  for (const RouteCells& cell : *pair.cells) in += cell.bytes_in.get(), out += cell.bytes_out.get();
  to.add(pair.labels + ",direction=\"in\"", in);
  to.add(pair.labels + ",direction=\"out\"", out);
}

void add_listeners(Samples& to, const Registry& registry) {
  registry.for_each_listener([&](const std::string& name, const ListenerCells& cells) {
    add_classes(to, label("listener", name), [&](size_t i) {
      uint64_t total = 0;
      for (const ListenerCounts& counts : cells.by_worker) total += counts.responses[i].get();
      return total;
    });
  });
}

/// The ledger: rhumb_exchanges_total is all of these plus rhumb_exchanges.
void add_outcomes(Samples& to, const Registry& registry) {
  const auto add = [&](base::Outcome outcome, std::string_view reason, uint64_t total) {
    to.add(label("outcome", base::name(outcome)) + "," + label("reason", reason), total);
  };
  uint64_t answered = 0;
  registry.for_each_worker([&](const WorkerCells& cells) { answered += cells.answered.get(); });
  add(base::Outcome::answered, "none", answered);
  for (size_t i = 0; i < static_cast<size_t>(base::FaultKind::kCount); ++i) {
    uint64_t total = 0;
    registry.for_each_worker([&](const WorkerCells& cells) { total += cells.cut[i].get(); });
    const auto kind = static_cast<base::FaultKind>(i);
    add(base::outcome_of(kind), base::info(kind).name, total);
  }
}

}  // namespace

void add_request_families(std::vector<Family>& to, std::shared_ptr<const MetricSources> from) {
  const auto pairs = pairs_of(from->registry);
  to.push_back(by_pair("rhumb_requests_total", "counter",
                       "Requests ended, by route, region and class of the status told to the client; route and region "
                       "are empty for those that did not get so far.",
                       pairs, add_requests));
  to.push_back(histograms("rhumb_request_duration_seconds", "From the request head to the end of the response.", pairs,
                          &RouteCells::duration));
  to.push_back(histograms("rhumb_proxy_overhead_seconds",
                          "Time the gateway itself took of a request that reached a region.", pairs,
                          &RouteCells::overhead));
  to.push_back(by_pair("rhumb_body_bytes_total", "counter",
                       "Bytes of bodies that passed through, from clients (in) and to clients (out).", pairs,
                       add_bytes));
  to.push_back({"rhumb_listener_requests_total", "counter",
                "Requests ended, by listener and class of the status told to the client.",
                [from](Samples& samples, size_t) { return add_listeners(samples, from->registry), false; }});
  to.push_back({"rhumb_requests_ended_total", "counter", "Requests ended, by how; of those cut, by what.",
                [from](Samples& samples, size_t) { return add_outcomes(samples, from->registry), false; }});
}

}  // namespace rhumb::admin
