// SPDX-License-Identifier: Apache-2.0
// Regions: where they are, how they are doing, what was decided and what was sent to them.
#include <algorithm>

#include "admin/metrics.h"
#include "base/units.h"

namespace rhumb::admin {
namespace {

using Report = upstream::RegionReport;
using Meter = upstream::RegionMeter;
using Sources = std::shared_ptr<const MetricSources>;

template <class Read>
Family gauge(std::string_view name, std::string_view help, const Sources& from, Read read) {
  return {name, "gauge", help, [from, read](Samples& to, size_t) {
            for (const Report& report : from->regions) to.add(label("region", report.name), read(report));
            return false;
          }};
}

/// The meters of all regions that ever were, in the order of their names. They are never taken away.
using Metered = std::vector<std::pair<std::string_view, const std::vector<Meter>*>>;

std::shared_ptr<const Metered> metered(const MetricSources& from) {
  auto out = std::make_shared<Metered>();
  from.meters.for_each(
      [&](const std::string& region, const std::vector<Meter>& all) { out->emplace_back(region, &all); });
  return out;
}

/// A family of which each metered region writes a part.
Family by_meter(std::string_view name, std::string_view type, std::string_view help, const Sources& from,
                void (*write)(Samples&, std::string_view region, const std::vector<Meter>&)) {
  return {name, type, help, [from, all = metered(*from), write](Samples& to, size_t part) {
            if (part < all->size()) write(to, (*all)[part].first, *(*all)[part].second);
            return part + 1 < all->size();
          }};
}

Family counter(std::string_view name, std::string_view help, const Sources& from, base::Cell Meter::*which) {
  return {name, "counter", help, [from, which](Samples& to, size_t) {
            from->meters.for_each([&](const std::string& region, const std::vector<Meter>& all) {
              uint64_t total = 0;
              for (const Meter& meter : all) total += (meter.*which).get();
              to.add(label("region", region), total);
            });
            return false;
          }};
}

bool add_info(Samples& to, const MetricSources& from) {
  for (const RegionFacts& region : from.info.regions)
    to.add(label("region", region.name) + "," +
               label("latitude", region.located ? fmt::format("{}", region.latitude) : "") + "," +
               label("longitude", region.located ? fmt::format("{}", region.longitude) : "") + "," +
               label("country", region.country),
           1);
  return false;
}

bool add_capacity(Samples& to, const MetricSources& from) {
  for (const RegionFacts& facts : from.info.regions)
    for (const Report& report : from.regions)
      if (facts.max_requests != 0 && report.name == facts.name)
        to.add(label("region", facts.name),
               static_cast<double>(report.state.in_flight) / static_cast<double>(facts.max_requests));
  return false;
}

void add_decision(Samples& to, std::string_view region, size_t reason, uint64_t total) {
  if (total != 0)
    to.add(label("region", region) + "," + label("reason", decision::name(static_cast<decision::Reason>(reason))),
           total);
}

/// First those that found no region, then each region.
bool add_decisions(Samples& to, const MetricSources& from, const Metered& regions, size_t part) {
  for (size_t reason = 0; reason < static_cast<size_t>(decision::Reason::kCount); ++reason) {
    uint64_t total = 0;
    if (part == 0)
      from.registry.for_each_worker([&](const WorkerCells& cells) { total += cells.undecided[reason].get(); });
    else
      for (const Meter& meter : *regions[part - 1].second) total += meter.decisions[reason].get();
    add_decision(to, part == 0 ? "" : regions[part - 1].first, reason, total);
  }
  return part < regions.size();
}

void add_detours(Samples& to, std::string_view region, const std::vector<Meter>& all) {
  to.histogram<base::DistanceHistogram>(label("region", region), [&](auto take) {
    for (const Meter& meter : all) take(meter.detour);
  });
}

void add_overrides(Samples& to, const Report& report) {
  for (size_t kind = 0; kind < static_cast<size_t>(upstream::OverrideKind::kCount); ++kind) {
    const auto which = static_cast<upstream::OverrideKind>(kind);
    const auto count = std::count_if(report.overrides.begin(), report.overrides.end(),
                                     [&](const upstream::Override& o) { return o.kind == which; });
    to.add(label("region", report.name) + "," + label("kind", upstream::name(which)), count);
  }
}

void add_changes(Samples& to, const Report& report) {
  to.add(label("region", report.name) + ",to=\"up\"", report.went_up);
  to.add(label("region", report.name) + ",to=\"down\"", report.went_down);
}

/// A family of which every region writes its own samples.
Family each(std::string_view name, std::string_view type, std::string_view help, const Sources& from,
            void (*write)(Samples&, const Report&)) {
  return {name, type, help, [from, write](Samples& to, size_t) {
            for (const Report& report : from->regions) write(to, report);
            return false;
          }};
}

void add_states(std::vector<Family>& to, const Sources& from) {
  to.push_back({"rhumb_region_info", "gauge", "Where each region is; empty when its place is not configured.",
                [from](Samples& samples, size_t) { return add_info(samples, *from); }});
  to.push_back(gauge("rhumb_region_healthy", "1 when the region takes traffic.", from,
                     [](const Report& r) { return r.state.healthy ? 1 : 0; }));
  to.push_back(each("rhumb_region_changes_total", "counter",
                    "Times the region went up or down, since it is configured.", from, add_changes));
  to.push_back(gauge("rhumb_region_draining", "1 when the region takes no new clients by an operator's wish.", from,
                     [](const Report& r) { return r.state.draining ? 1 : 0; }));
  to.push_back(gauge("rhumb_region_dial", "Share of new clients that the region takes, in force.", from,
                     [](const Report& r) { return r.state.dial; }));
  to.push_back(each("rhumb_region_override", "gauge", "Overrides in force for the region or its endpoints, by kind.",
                    from, add_overrides));
  to.push_back(gauge("rhumb_region_latency_seconds", "Average time to a response head; 0 when not measured.", from,
                     [](const Report& r) { return base::in_seconds(r.state.rtt); }));
  to.push_back(gauge("rhumb_region_in_flight", "Requests in progress.", from,
                     [](const Report& r) { return r.state.in_flight; }));
  to.push_back({"rhumb_region_capacity_ratio", "gauge",
                "Requests in progress as a share of the region's max_requests; only of regions that have one.",
                [from](Samples& samples, size_t) { return add_capacity(samples, *from); }});
  to.push_back(gauge("rhumb_region_error_ratio", "Average share of failed attempts.", from,
                     [](const Report& r) { return r.state.error_rate; }));
  to.push_back(gauge("rhumb_region_worst_detection_seconds", "Longest time until probes notice a loss.", from,
                     [](const Report& r) { return base::in_seconds(r.worst_detection); }));
}

void add_attempts(std::vector<Family>& to, const Sources& from) {
  to.push_back(counter("rhumb_upstream_requests_total", "Attempts sent to the region.", from, &Meter::requests));
  to.push_back(counter("rhumb_upstream_errors_total", "Attempts that failed or answered 5xx.", from, &Meter::errors));
  to.push_back(counter("rhumb_upstream_retries_total", "Attempts that were not the first one of their request.", from,
                       &Meter::retries));
  to.push_back(counter("rhumb_upstream_timeouts_total",
                       "Attempts given up: no connection, no response head, or no more of the response in time.", from,
                       &Meter::timeouts));
  to.push_back(counter("rhumb_upstream_connects_total", "Connections opened.", from, &Meter::connects));
  to.push_back(counter("rhumb_upstream_connect_failures_total", "Connections that could not be opened.", from,
                       &Meter::connect_failures));
  to.push_back(
      counter("rhumb_upstream_reused_total", "Attempts on a connection that had served before.", from, &Meter::reused));
  to.push_back(counter("rhumb_region_failovers_total",
                       "Requests that went on to another region after an attempt at this one.", from,
                       &Meter::failovers));
}

}  // namespace

void add_region_families(std::vector<Family>& to, Sources from) {
  add_states(to, from);
  add_attempts(to, from);
  to.push_back({"rhumb_route_decisions_total", "counter",
                "Region decisions, by region chosen and reason; region is empty when there was none to choose.",
                [from, all = metered(*from)](Samples& samples, size_t part) {
                  return add_decisions(samples, *from, *all, part);
                }});
  to.push_back(by_meter("rhumb_route_detour_km", "histogram",
                        "Kilometres by which the chosen region is farther from the client than the nearest one; of "
                        "clients whose place is known.",
                        from, add_detours));
}

}  // namespace rhumb::admin
