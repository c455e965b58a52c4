// SPDX-License-Identifier: Apache-2.0
#include "admin/metrics.h"

#include <fmt/format.h>

#include <iterator>

namespace rhumb::admin {
namespace {

class Text {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(std::back_inserter(out_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  template <class V>
  void sample(std::string_view name, std::string_view labels, V value) {
    if (labels.empty())
      fmt::format_to(std::back_inserter(out_), "{} {}\n", name, value);
    else
      fmt::format_to(std::back_inserter(out_), "{}{{{}}} {}\n", name, labels, value);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// Label values: backslash, quote and newline are escaped.
std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    c == '\n' ? out += "\\n" : out += c;
  }
  return out;
}

std::string route_labels(std::string_view route, std::string_view region) {
  return fmt::format("route=\"{}\",region=\"{}\"", escaped(route), escaped(region));
}

uint64_t sum(const Registry& registry, uint64_t (*read)(const WorkerCells&)) {
  uint64_t total = 0;
  registry.for_each_worker([&](const WorkerCells& cells) { total += read(cells); });
  return total;
}

/// `each` calls back with every part of the histogram, one a worker.
template <class Each>
void histogram(Text& text, std::string_view name, const std::string& labels, Each each) {
  const std::string before = labels.empty() ? "" : labels + ",";
  uint64_t count = 0, total_us = 0;
  for (size_t i = 0; i <= base::LatencyHistogram::kBounds.size(); ++i) {
    each([&](const base::LatencyHistogram& part) { count += part.bucket(i); });
    const std::string bound = i < base::LatencyHistogram::kBounds.size()
                                  ? fmt::format("{}", static_cast<double>(base::LatencyHistogram::kBounds[i]) / 1e6)
                                  : "+Inf";
    text.sample(fmt::format("{}_bucket", name), fmt::format("{}le=\"{}\"", before, bound), count);
  }
  each([&](const base::LatencyHistogram& part) { total_us += part.sum_us(); });
  text.sample(fmt::format("{}_sum", name), labels, static_cast<double>(total_us) / 1e6);
  text.sample(fmt::format("{}_count", name), labels, count);
}

void routes(Text& text, const Registry& registry) {
  static constexpr std::string_view kClasses[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
  text.family("rhumb_requests_total", "counter",
              "Requests ended, by route, region and class of the status told to the client; route and region are empty "
              "for those that did not get so far.");
  registry.for_each_route([&](const auto& route, const auto& region, const auto& cells) {
    for (size_t i = 0; i < 6; ++i) {
      uint64_t total = 0;
      for (const RouteCells& cell : cells) total += cell.responses[i].get();
      if (total != 0)
        text.sample("rhumb_requests_total",
                    fmt::format("{},code_class=\"{}\"", route_labels(route, region), kClasses[i]), total);
    }
  });
  auto all = [&](std::string_view name, std::string_view help, auto which) {
    text.family(name, "histogram", help);
    registry.for_each_route([&](const auto& route, const auto& region, const auto& cells) {
      histogram(text, name, route_labels(route, region), [&](auto take) {
        for (const RouteCells& cell : cells) take(cell.*which);
      });
    });
  };
  all("rhumb_request_duration_seconds", "From the request head to the end of the response.", &RouteCells::duration);
  all("rhumb_proxy_overhead_seconds", "Time the gateway itself took.", &RouteCells::overhead);
  text.family("rhumb_body_bytes_total", "counter", "Body bytes, from clients (in) and to clients (out).");
  registry.for_each_route([&](const auto& route, const auto& region, const auto& cells) {
    uint64_t in = 0, out = 0;
    for (const RouteCells& cell : cells) in += cell.bytes_in.get(), out += cell.bytes_out.get();
    text.sample("rhumb_body_bytes_total", route_labels(route, region) + ",direction=\"in\"", in);
    text.sample("rhumb_body_bytes_total", route_labels(route, region) + ",direction=\"out\"", out);
  });
}

template <size_t N, class Name>
void by_kind(Text& text, const Registry& registry, std::string_view family, std::string_view label,
             std::array<base::Cell, N> WorkerCells::*which, Name name) {
  for (size_t i = 0; i < N; ++i) {
    uint64_t total = 0;
    registry.for_each_worker([&](const WorkerCells& cells) { total += (cells.*which)[i].get(); });
    text.sample(family, fmt::format("{}=\"{}\"", label, name(i)), total);
  }
}

/// The ledger: rhumb_exchanges_total is all of these plus rhumb_exchanges.
void outcomes(Text& text, const Registry& registry) {
  text.family("rhumb_requests_ended_total", "counter", "Requests ended, by how; of those cut, by what.");
  auto sample = [&](base::Outcome outcome, std::string_view reason, uint64_t total) {
    text.sample("rhumb_requests_ended_total", fmt::format("outcome=\"{}\",reason=\"{}\"", base::name(outcome), reason),
                total);
  };
  sample(base::Outcome::answered, "none", sum(registry, [](const WorkerCells& c) { return c.answered.get(); }));
  for (size_t i = 0; i < static_cast<size_t>(base::FaultKind::kCount); ++i) {
    uint64_t total = 0;
    registry.for_each_worker([&](const WorkerCells& cells) { total += cells.cut[i].get(); });
    const auto kind = static_cast<base::FaultKind>(i);
    sample(base::outcome_of(kind), base::info(kind).name, total);
  }
}

void gateway(Text& text, const Registry& registry, const GatewayInfo& info) {
  auto counter = [&](std::string_view name, std::string_view type, std::string_view help,
                     uint64_t (*read)(const WorkerCells&)) {
    text.family(name, type, help);
    text.sample(name, "", sum(registry, read));
  };
  counter("rhumb_connections_accepted_total", "counter", "Client connections accepted.",
          [](const WorkerCells& c) { return c.accepted.get(); });
  counter("rhumb_connections", "gauge", "Client connections open.",
          [](const WorkerCells& c) { return c.connections.get(); });
  text.family("rhumb_connections_refused_total", "counter",
              "Client connections closed at once, by the limit they hit.");
  text.sample("rhumb_connections_refused_total", "reason=\"per_ip\"",
              sum(registry, [](const WorkerCells& c) { return c.refused_per_ip.get(); }));
  text.sample("rhumb_connections_refused_total", "reason=\"descriptors\"",
              sum(registry, [](const WorkerCells& c) { return c.refused_descriptors.get(); }));
  counter("rhumb_exchanges", "gauge", "Requests in progress.", [](const WorkerCells& c) { return c.exchanges.get(); });
  counter("rhumb_exchanges_total", "counter", "Requests begun.", [](const WorkerCells& c) { return c.requests.get(); });
  counter("rhumb_tunnels", "gauge", "Upgraded connections open.", [](const WorkerCells& c) { return c.tunnels.get(); });
  counter("rhumb_retries_total", "counter", "Attempts after a first one.",
          [](const WorkerCells& c) { return c.retries.get(); });
  counter("rhumb_stale_wakes_total", "counter", "Wakes whose exchange was gone.",
          [](const WorkerCells& c) { return c.stale_wakes.get(); });
  counter("rhumb_accept_errors_total", "counter", "Times accepting had to pause for lack of descriptors or memory.",
          [](const WorkerCells& c) { return c.accept_errors.get(); });
  text.family("rhumb_log_lines_dropped_total", "counter", "Access-log lines lost.");
  text.sample("rhumb_log_lines_dropped_total", "reason=\"ring_full\"",
              sum(registry, [](const WorkerCells& c) { return c.log_dropped.get(); }));
  text.sample("rhumb_log_lines_dropped_total", "reason=\"not_written\"", registry.log_unwritten().get());
  text.family("rhumb_memory_strain", "gauge", "0 none; 1 no keep-alive; 2 requests answered 503; 3 nobody accepted.");
  text.sample("rhumb_memory_strain", "", static_cast<unsigned>(registry.strain()));
  text.family("rhumb_geo_lookups_total", "counter", "Client addresses looked up.");
  text.sample("rhumb_geo_lookups_total", "result=\"found\"",
              sum(registry, [](const WorkerCells& c) { return c.geo_found.get(); }));
  text.sample("rhumb_geo_lookups_total", "result=\"unknown\"",
              sum(registry, [](const WorkerCells& c) { return c.geo_unknown.get(); }));
  outcomes(text, registry);
  counter("rhumb_loop_stalls_total", "counter", "Turns of a worker's loop that lasted 100 ms or more.",
          [](const WorkerCells& c) { return c.stalls.get(); });
  text.family("rhumb_loop_turn_seconds", "histogram", "Working time of the turns of the workers' loops.");
  histogram(text, "rhumb_loop_turn_seconds", "",
            [&](auto take) { registry.for_each_worker([&](const WorkerCells& cells) { take(cells.turn); }); });
  text.family("rhumb_faults_total", "counter", "Requests that went wrong, by fault.");
  by_kind(text, registry, "rhumb_faults_total", "fault", &WorkerCells::faults,
          [](size_t i) { return base::info(static_cast<base::FaultKind>(i)).name; });
  text.family("rhumb_route_decisions_total", "counter", "Region decisions, by reason.");
  by_kind(text, registry, "rhumb_route_decisions_total", "reason", &WorkerCells::decisions,
          [](size_t i) { return decision::name(static_cast<decision::Reason>(i)); });
  text.family("rhumb_affinity_total", "counter", "What became of clients' affinity tokens.");
  by_kind(text, registry, "rhumb_affinity_total", "verdict", &WorkerCells::affinity,
          [](size_t i) { return decision::name(static_cast<decision::Affinity>(i)); });
  text.family("rhumb_config_generation", "gauge", "Generation of the configuration in force.");
  text.sample("rhumb_config_generation", "", info.generation);
  text.family("rhumb_config_generations_alive", "gauge", "Configurations still held by somebody.");
  text.sample("rhumb_config_generations_alive", "", info.generations_alive);
  text.family("rhumb_config_last_reload_successful", "gauge", "1 when the last reload was applied.");
  text.sample("rhumb_config_last_reload_successful", "", info.last_reload_ok ? 1 : 0);
  text.family("rhumb_config_last_reload_timestamp_seconds", "gauge", "When the last reload was tried.");
  text.sample("rhumb_config_last_reload_timestamp_seconds", "",
              static_cast<double>(info.last_reload.time_since_epoch().count()) / 1e6);
  text.family("rhumb_config_reloads_total", "counter", "Reloads, by verdict.");
  text.sample("rhumb_config_reloads_total", "verdict=\"applied\"", info.reloads_applied);
  text.sample("rhumb_config_reloads_total", "verdict=\"refused\"", info.reloads_refused);
  text.family("rhumb_config_info", "gauge", "Hash of the configuration in force.");
  text.sample("rhumb_config_info", fmt::format("hash=\"{}\"", escaped(info.config_hash)), 1);
  text.family("rhumb_build_info", "gauge", "Version of the binary.");
  text.sample("rhumb_build_info", fmt::format("version=\"{}\"", escaped(info.version)), 1);
  text.family("rhumb_geo_db_build_timestamp_seconds", "gauge", "Build time of each geo database.");
  for (const auto& [path, epoch] : info.geo_epochs)
    text.sample("rhumb_geo_db_build_timestamp_seconds", fmt::format("path=\"{}\"", escaped(path)), epoch);
}

/// What operators have set for regions, and how often those went up and down.
void overrides_text(Text& text, const std::vector<upstream::RegionReport>& regions) {
  const auto label = [](const upstream::RegionReport& region) {
    return fmt::format("region=\"{}\"", escaped(region.name));
  };
  text.family("rhumb_region_draining", "gauge", "1 when the region takes no new clients by an operator's wish.");
  for (const auto& region : regions) text.sample("rhumb_region_draining", label(region), region.state.draining ? 1 : 0);
  text.family("rhumb_region_dial", "gauge", "Share of new clients that the region takes, in force.");
  for (const auto& region : regions) text.sample("rhumb_region_dial", label(region), region.state.dial);
  text.family("rhumb_region_override", "gauge", "Overrides in force for the region or its endpoints, by kind.");
  for (const auto& region : regions)
    for (size_t kind = 0; kind < static_cast<size_t>(upstream::OverrideKind::kCount); ++kind) {
      const auto which = static_cast<upstream::OverrideKind>(kind);
      const auto count = std::count_if(region.overrides.begin(), region.overrides.end(),
                                       [&](const upstream::Override& o) { return o.kind == which; });
      text.sample("rhumb_region_override", fmt::format("{},kind=\"{}\"", label(region), upstream::name(which)), count);
    }
  text.family("rhumb_region_changes_total", "counter", "Times the region went up or down, since it is configured.");
  for (const auto& region : regions) {
    text.sample("rhumb_region_changes_total", label(region) + ",to=\"up\"", region.went_up);
    text.sample("rhumb_region_changes_total", label(region) + ",to=\"down\"", region.went_down);
  }
}

/// Requests of the admin API that changed something, or wanted to.
void admin_text(Text& text, const GatewayInfo& info) {
  text.family("rhumb_admin_changes_total", "counter", "Changes asked for over the admin API, and denied requests.");
  for (const auto& [outcome, count] : info.admin_changes)
    text.sample("rhumb_admin_changes_total", fmt::format("outcome=\"{}\"", outcome), count);
}

void regions_text(Text& text, const upstream::Meters& meters, const std::vector<upstream::RegionReport>& regions) {
  auto gauge = [&](std::string_view name, std::string_view help, auto read) {
    text.family(name, "gauge", help);
    for (const auto& region : regions)
      text.sample(name, fmt::format("region=\"{}\"", escaped(region.name)), read(region));
  };
  gauge("rhumb_region_healthy", "1 when the region takes traffic.",
        [](const auto& r) { return r.state.healthy ? 1 : 0; });
  gauge("rhumb_region_latency_seconds", "Average time to a response head; 0 when not measured.",
        [](const auto& r) { return static_cast<double>(r.state.rtt.count()) / 1e6; });
  gauge("rhumb_region_in_flight", "Requests in progress.", [](const auto& r) { return r.state.in_flight; });
  gauge("rhumb_region_error_ratio", "Average share of failed attempts.",
        [](const auto& r) { return r.state.error_rate; });
  gauge("rhumb_region_worst_detection_seconds", "Longest time until probes notice a loss.",
        [](const auto& r) { return static_cast<double>(r.worst_detection.count()) / 1e6; });
  auto counter = [&](std::string_view name, std::string_view help, base::Cell upstream::RegionMeter::*which) {
    text.family(name, "counter", help);
    meters.for_each([&](const std::string& region, const std::vector<upstream::RegionMeter>& all) {
      uint64_t total = 0;
      for (const auto& meter : all) total += (meter.*which).get();
      text.sample(name, fmt::format("region=\"{}\"", escaped(region)), total);
    });
  };
  counter("rhumb_upstream_requests_total", "Attempts sent to the region.", &upstream::RegionMeter::requests);
  counter("rhumb_upstream_errors_total", "Attempts that failed or answered 5xx.", &upstream::RegionMeter::errors);
  counter("rhumb_upstream_connects_total", "Connections opened.", &upstream::RegionMeter::connects);
  counter("rhumb_upstream_connect_failures_total", "Connections that could not be opened.",
          &upstream::RegionMeter::connect_failures);
  counter("rhumb_upstream_reused_total", "Attempts on a connection that had served before.",
          &upstream::RegionMeter::reused);
}

}  // namespace

std::string render_metrics(const Registry& registry, const upstream::Meters& meters,
                           const std::vector<upstream::RegionReport>& regions, const GatewayInfo& info) {
  Text text;
  routes(text, registry);
  regions_text(text, meters, regions);
  overrides_text(text, regions);
  admin_text(text, info);
  gateway(text, registry, info);
  return text.take();
}

}  // namespace rhumb::admin
