// SPDX-License-Identifier: Apache-2.0
// The gateway itself: connections, faults, loops, logs, configuration.
#include <algorithm>

#include "admin/metrics.h"
#include "base/log_limit.h"
#include "base/log_writer.h"
#include "base/units.h"

namespace rhumb::admin {
namespace {

using Sources = std::shared_ptr<const MetricSources>;
using Read = uint64_t (*)(const WorkerCells&);

uint64_t sum(const Registry& registry, Read read) {
  uint64_t total = 0;
  registry.for_each_worker([&](const WorkerCells& cells) { total += read(cells); });
  return total;
}

/// The families of one page, as this file puts them together.
class Gateway {
 public:
  Gateway(std::vector<Family>& to, Sources from) : to_(to), from_(std::move(from)) {}

  /// `write(Samples&, const MetricSources&)`
  template <class Write>
  void family(std::string_view name, std::string_view type, std::string_view help, Write write) {
    to_.push_back({name, type, help, [from = from_, write](Samples& to, size_t) { return write(to, *from), false; }});
  }
  void counter(std::string_view name, std::string_view help, Read read) { total(name, "counter", help, read); }
  void gauge(std::string_view name, std::string_view help, Read read) { total(name, "gauge", help, read); }
  template <class Value>
  void fact(std::string_view name, std::string_view type, std::string_view help, Value value) {
    family(name, type, help, [value](Samples& to, const MetricSources& from) { to.add("", value(from)); });
  }
  /// One counter of each kind of a closed list.
  template <size_t N, class Name>
  void by_kind(std::string_view name, std::string_view help, std::string_view kind,
               std::array<base::Cell, N> WorkerCells::*which, Name name_of) {
    family(name, "counter", help, [kind, which, name_of](Samples& to, const MetricSources& from) {
      for (size_t i = 0; i < N; ++i) {
        uint64_t total = 0;
        from.registry.for_each_worker([&](const WorkerCells& cells) { total += (cells.*which)[i].get(); });
        to.add(label(kind, name_of(i)), total);
      }
    });
  }
  void histogram(std::string_view name, std::string_view help, base::LatencyHistogram WorkerCells::*which) {
    family(name, "histogram", help, [which](Samples& to, const MetricSources& from) {
      to.histogram<base::LatencyHistogram>(
          "", [&](auto take) { from.registry.for_each_worker([&](const WorkerCells& cells) { take(cells.*which); }); });
    });
  }

 private:
  void total(std::string_view name, std::string_view type, std::string_view help, Read read) {
    family(name, type, help, [read](Samples& to, const MetricSources& from) { to.add("", sum(from.registry, read)); });
  }
  std::vector<Family>& to_;
  Sources from_;
};

void add_connections(Gateway& page) {
  page.counter("rhumb_connections_accepted_total", "Client connections accepted.",
               [](const WorkerCells& c) { return c.accepted.get(); });
  page.gauge("rhumb_connections", "Client connections open.", [](const WorkerCells& c) { return c.connections.get(); });
  page.family("rhumb_connections_refused_total", "counter", "Client connections closed at once, by the limit they hit.",
              [](Samples& to, const MetricSources& from) {
                to.add("reason=\"per_ip\"",
                       sum(from.registry, [](const WorkerCells& c) { return c.refused_per_ip.get(); }));
                to.add("reason=\"descriptors\"",
                       sum(from.registry, [](const WorkerCells& c) { return c.refused_descriptors.get(); }));
              });
  page.family("rhumb_listener_connections", "gauge", "Client connections open, by listener.",
              [](Samples& to, const MetricSources& from) {
                from.registry.for_each_listener([&](const std::string& name, const ListenerCells& cells) {
                  to.add(label("listener", name), cells.connections.load(std::memory_order_relaxed));
                });
              });
  page.family("rhumb_listener_connections_limit", "gauge",
              "How many the listener may have; past that, clients wait to be accepted.",
              [](Samples& to, const MetricSources& from) {
                for (const ListenerFacts& listener : from.info.listeners)
                  to.add(label("listener", listener.name), listener.max_connections);
              });
  page.counter("rhumb_accept_errors_total", "Times accepting had to pause for lack of descriptors or memory.",
               [](const WorkerCells& c) { return c.accept_errors.get(); });
}

void add_exchanges(Gateway& page) {
  page.gauge("rhumb_exchanges", "Requests in progress.", [](const WorkerCells& c) { return c.exchanges.get(); });
  page.counter("rhumb_exchanges_total", "Requests begun.", [](const WorkerCells& c) { return c.requests.get(); });
  page.gauge("rhumb_tunnels", "Upgraded connections open.", [](const WorkerCells& c) { return c.tunnels.get(); });
  page.counter("rhumb_retries_total", "Attempts after a first one.",
               [](const WorkerCells& c) { return c.retries.get(); });
  page.counter("rhumb_stale_wakes_total", "Wakes whose exchange was gone.",
               [](const WorkerCells& c) { return c.stale_wakes.get(); });
  page.by_kind("rhumb_faults_total", "Requests that went wrong, by fault.", "fault", &WorkerCells::faults,
               [](size_t i) { return base::info(static_cast<base::FaultKind>(i)).name; });
  page.by_kind("rhumb_affinity_total", "What became of clients' affinity tokens.", "verdict", &WorkerCells::affinity,
               [](size_t i) { return decision::name(static_cast<decision::Affinity>(i)); });
  page.family("rhumb_session_seals_total", "counter", "Affinity tokens sealed, by key; a key is good for 2^32.",
              [](Samples& to, const MetricSources& from) {
                for (const SessionKeyFacts& key : from.info.session_keys)
                  to.add(label("key", std::to_string(key.id)), key.sealed);
              });
  page.family("rhumb_session_seals_refused_total", "counter", "Affinity tokens not sealed because the key is used up.",
              [](Samples& to, const MetricSources& from) {
                for (const SessionKeyFacts& key : from.info.session_keys)
                  to.add(label("key", std::to_string(key.id)), key.refused);
              });
  page.family("rhumb_cacheable_responses_total", "counter",
              "Responses a shared cache may store, made private or left without what is one client's.",
              [](Samples& to, const MetricSources& from) {
                to.add("action=\"private\"",
                       sum(from.registry, [](const WorkerCells& c) { return c.made_private.get(); }));
                to.add("action=\"skipped\"", sum(from.registry, [](const WorkerCells& c) { return c.left_out.get(); }));
              });
  page.family(
      "rhumb_geo_lookups_total", "counter", "Client addresses looked up.", [](Samples& to, const MetricSources& from) {
        to.add("result=\"found\"", sum(from.registry, [](const WorkerCells& c) { return c.geo_found.get(); }));
        to.add("result=\"unknown\"", sum(from.registry, [](const WorkerCells& c) { return c.geo_unknown.get(); }));
      });
}

void add_logs(Gateway& page) {
  page.family(
      "rhumb_log_lines_dropped_total", "counter", "Access-log lines lost.", [](Samples& to, const MetricSources& from) {
        to.add("reason=\"ring_full\"", sum(from.registry, [](const WorkerCells& c) { return c.log_dropped.get(); }));
        to.add("reason=\"not_written\"", from.registry.log_unwritten().get());
      });
  page.counter("rhumb_log_lines_sampled_out_total", "Access-log lines that access_log.sample left out.",
               [](const WorkerCells& c) { return c.log_sampled_out.get(); });
  page.counter("rhumb_recorded_decisions_total", "Decisions that went into the recording.",
               [](const WorkerCells& c) { return c.recorded.get(); });
  page.counter("rhumb_unrecorded_decisions_total", "Decisions that the recording had no room for.",
               [](const WorkerCells& c) { return c.unrecorded.get(); });
  page.fact("rhumb_recorder_waiting", "gauge", "Recorded decisions that are not in the file yet.",
            [](const MetricSources& from) {
              const uint64_t written = from.registry.recorder().written.get();  // first: it follows the other
              const uint64_t recorded = sum(from.registry, [](const WorkerCells& c) { return c.recorded.get(); });
              return recorded - std::min(recorded, written);
            });
  page.fact("rhumb_recorder_errors_total", "counter",
            "Times the recorder could not write, which it tries again, or found its file cut off.",
            [](const MetricSources& from) { return from.registry.recorder().errors.get(); });
  page.counter("rhumb_pipes_refused_total", "Times the system had no pipe to give, so that large bodies were copied.",
               [](const WorkerCells& c) { return c.pipes_refused.get(); });
  page.fact("rhumb_error_log_suppressed_total", "counter",
            "Lines of the error log left out because the same was said too often.",
            [](const MetricSources&) { return base::suppressed_log_lines(); });
  page.fact("rhumb_error_log_dropped_total", "counter", "Lines of the error log that nobody took.",
            [](const MetricSources&) { return base::dropped_log_lines(); });
}

void add_loops(Gateway& page) {
  page.counter("rhumb_loop_stalls_total", "Turns of a worker's loop that lasted 100 ms or more.",
               [](const WorkerCells& c) { return c.stalls.get(); });
  page.histogram("rhumb_loop_turn_seconds", "Working time of the turns of the workers' loops.", &WorkerCells::turn);
  page.histogram("rhumb_loop_lag_seconds", "How late the timers that were due had their turn.", &WorkerCells::lag);
  page.fact("rhumb_memory_strain", "gauge", "0 none; 1 no keep-alive; 2 requests answered 503; 3 nobody accepted.",
            [](const MetricSources& from) { return static_cast<unsigned>(from.registry.strain()); });
  page.fact("rhumb_metrics_series_dropped_total", "counter",
            "Series of routes and regions that were not made because there are too many; they count as (other).",
            [](const MetricSources& from) { return from.registry.series_dropped(); });
}

double timestamp(base::WallTime at) { return base::in_seconds(at.time_since_epoch()); }

void add_configuration(Gateway& page) {
  page.fact("rhumb_config_generation", "gauge", "Generation of the configuration in force.",
            [](const MetricSources& from) { return from.info.generation; });
  page.fact("rhumb_config_generations_alive", "gauge", "Configurations still held by somebody.",
            [](const MetricSources& from) { return from.info.generations_alive; });
  page.fact("rhumb_config_last_reload_successful", "gauge", "1 when the last reload was applied.",
            [](const MetricSources& from) { return from.info.last_reload_ok ? 1 : 0; });
  page.fact("rhumb_config_last_reload_timestamp_seconds", "gauge", "When the last reload was tried; 0: never.",
            [](const MetricSources& from) { return timestamp(from.info.last_reload); });
  page.fact("rhumb_config_last_reload_success_timestamp_seconds", "gauge",
            "When the configuration in force was taken: by the last reload that was applied, or the start.",
            [](const MetricSources& from) { return timestamp(from.info.last_reload_applied); });
  page.family("rhumb_config_reloads_total", "counter", "Reloads, by verdict.",
              [](Samples& to, const MetricSources& from) {
                to.add("verdict=\"applied\"", from.info.reloads_applied);
                to.add("verdict=\"refused\"", from.info.reloads_refused);
              });
  page.family("rhumb_admin_changes_total", "counter", "Changes asked for over the admin API, and denied requests.",
              [](Samples& to, const MetricSources& from) {
                for (const auto& [outcome, count] : from.info.admin_changes) to.add(label("outcome", outcome), count);
              });
  page.fact("rhumb_admin_requests_total", "counter", "Requests of the admin listener, refused ones included.",
            [](const MetricSources& from) { return from.info.admin.requests; });
  page.family(
      "rhumb_admin_refused_total", "counter",
      "Requests of the admin listener refused before they reached an endpoint: by who asked, by the rate, or as "
      "one answer or connection too many; also those that gave way to a newer one before they asked.",
      [](Samples& to, const MetricSources& from) {
        to.add("reason=\"access\"", from.info.admin.refused);
        to.add("reason=\"rate\"", from.info.admin.throttled);
        to.add("reason=\"answers\"", from.info.admin.busy);
        to.add("reason=\"connections\"", from.info.admin.crowded);
      });
  page.family("rhumb_config_info", "gauge", "Hash of the configuration in force.",
              [](Samples& to, const MetricSources& from) { to.add(label("hash", from.info.config_hash), 1); });
  page.family("rhumb_build_info", "gauge", "Version of the binary.",
              [](Samples& to, const MetricSources& from) { to.add(label("version", from.info.version), 1); });
  page.family("rhumb_geo_db_build_timestamp_seconds", "gauge", "Build time of each geo database.",
              [](Samples& to, const MetricSources& from) {
                for (const auto& [path, epoch] : from.info.geo_epochs) to.add(label("path", path), epoch);
              });
}

}  // namespace

void add_gateway_families(std::vector<Family>& to, Sources from) {
  Gateway page(to, std::move(from));
  add_connections(page);
  add_exchanges(page);
  add_logs(page);
  add_loops(page);
  add_configuration(page);
}

}  // namespace rhumb::admin
