// SPDX-License-Identifier: Apache-2.0
// What of the control thread concerns configurations: compiling, publishing and reloading them, and what is told of the
// one in force.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "admin/events_api.h"
#include "admin/regions_api.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/log_limit.h"
#include "base/log_writer.h"
#include "base/memory.h"
#include "base/secret_memory.h"
#include "filters/registry.h"
#include "geo/distance.h"
#include "proxy/admin_endpoints.h"
#include "proxy/compile.h"
#include "proxy/config_file.h"
#include "proxy/control.h"
#include "proxy/last_good.h"

namespace rhumb::proxy {

using base::log;
using base::LogLevel;

namespace {

constexpr base::Micros kMemoryLook = base::Millis(250);
constexpr size_t kMostTold = 3000;  // of a verdict in an event, which holds 4 KiB in all

LogLevel level_of(const std::string& name) {
  return name == "error"     ? LogLevel::error
         : name == "warning" ? LogLevel::warning
         : name == "debug"   ? LogLevel::debug
                             : LogLevel::info;
}

/// Tokens need a key. Without a configured one, one of this process: good until its end, and for it alone.
const base::Secret& own_secret() {
  static const base::Secret secret = [] {
    std::string bytes(32, '\0');
    base::random_bytes({reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
    return base::Secret::taken_from(bytes);
  }();
  return secret;
}

void log_changes(const std::vector<config::Change>& changes) {
  constexpr size_t kMost = 50;
  const std::string text = config::diff_text({changes.begin(), changes.begin() + std::min(changes.size(), kMost)});
  for (size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    log(LogLevel::info, "reload: {}", text.substr(at, end - at));
  if (changes.size() > kMost) log(LogLevel::info, "reload: and {} more changes", changes.size() - kMost);
}

}  // namespace

/// Null: files.problem says why, and nothing changes.
std::shared_ptr<const ConfigSnapshot> Control::compile_files(LoadedFiles& files, uint64_t generation) {
  if (files.unread) return nullptr;
  config::Loaded& file = files.config;
  std::shared_ptr<const ConfigSnapshot> config;
  if (file.ok()) {
    if (file.spec.sessions.keys.empty()) file.spec.sessions.keys.push_back({1, own_secret()});
    config = compile(std::move(file.spec), generation, registry_.get(), meters_.get(), file.diagnostics);
  }
  if (config == nullptr) files.problem = config::render(file.diagnostics, file.sources, config::Audience::anybody);
  if (files.problem.empty()) log_warnings(file);
  return files.problem.empty() ? config : nullptr;
}

void Control::adopt(const std::shared_ptr<const ConfigSnapshot>& config, const LoadedFiles& files) {
  world_.config = config;
  world_.geo = files.geo;
  if (recorder_ != nullptr && config->policies_id != 0) recorder_->keep(config->policies_id, config->policies);
  std::erase_if(generations_, [](const auto& generation) { return generation.expired(); });
  generations_.push_back(config);
  base::set_log_level(level_of(config->spec.gateway.log_level));
  watch_files(files);
  keep_files(files);
}

/// The file's, unless that is refused and others will do.
LoadedFiles Control::read_files() {
  LoadedFiles files(config_path_);
  if (!or_last_good_) return files;
  config::Loaded& file = files.config;
  if (file.ok()) compile(file.spec, 1, nullptr, nullptr, file.diagnostics);
  if (file.ok() && files.problem.empty()) return files;
  refusal_ = file.ok() ? files.problem : config::render(file.diagnostics, file.sources, config::Audience::anybody);
  LoadedFiles kept = LoadedFiles::last_good();
  if (!kept.config.ok()) {
    log(LogLevel::error, "there is no last good configuration: {}",
        config::render_lines(kept.config.diagnostics, kept.config.sources).front());
    return files;
  }
  base::say(refusal_);
  log(LogLevel::error, "{} is refused: starting with the configuration that was last in force", config_path_);
  info_.last_reload = clock_.wall();
  info_.last_reload_ok = false;
  return kept;
}

void Control::keep_files(const LoadedFiles& files) const {
  const std::string path = last_good_path();
  if (path.empty() || files.bundle.empty()) return;
  if (const auto kept = keep_last_good(path, config_path_, files.bundle); !kept)
    log(LogLevel::warning, "the configuration cannot be kept as the last good one: {}", kept.error());
}

void Control::watch_files(const LoadedFiles& files) {
  std::vector<std::string> paths;
  if (world_.config->spec.gateway.watch_files) {
    paths = files.config.paths;
    const config::GeoSpec& geo = world_.config->spec.geo;
    paths.insert(paths.end(), geo.databases.begin(), geo.databases.end());
    paths.insert(paths.end(), geo.overlays.begin(), geo.overlays.end());
  }
  file_watch_->watch(paths);
}

void Control::reload(Reloader::Done done, const foresight::PlanLimits& limits, const std::string& by) {
  if (phase_ == Phase::serving) service_.reloading();
  reloader_->request(std::move(done), limits, by);
}

ReloadVerdict Control::apply_reload(LoadedFiles& files) {
  info_.last_reload = clock_.wall();
  const auto changes = try_reload(files);
  info_.last_reload_ok = changes.has_value();
  ReloadVerdict verdict{changes.has_value(), "", {}, world_.config->generation, world_.config->spec.hash};
  if (changes) {
    info_.last_reload_applied = info_.last_reload;
    ++info_.reloads_applied;
    verdict.text = config::diff_text(*changes);
    verdict.changes = *changes;
    log_changes(*changes);
    log(LogLevel::info, "reload: applied generation={} config={}", verdict.generation, verdict.config);
  } else {
    ++info_.reloads_refused;
    verdict.text = changes.error();
    verdict.past_limits = files.past_limits;
    verdict.unread = files.unread;
    base::say(verdict.text);
    log(LogLevel::error, "reload: refused, the configuration in force stays (generation={})", verdict.generation);
  }
  refusal_ = verdict.applied ? "" : verdict.text;
  events_.add(verdict.applied ? admin::EventKind::config_applied : admin::EventKind::config_refused, "", "",
              {{"by", files.by},
               {"generation", verdict.generation},
               {"config", verdict.config},
               {"text", verdict.text.substr(0, kMostTold)}});
  service_.ready(status());
  return verdict;
}

/// What is different now. Else why it was refused, and nothing has changed.
base::Result<std::vector<config::Change>, std::string> Control::try_reload(LoadedFiles& files) {
  const auto next = compile_files(files, world_.config->generation + 1);
  if (next == nullptr) return base::Unexpected(files.problem);
  const config::Spec &was = world_.config->spec, &is = next->spec;
  std::optional<AccessLog::Sink> log_to;
  if (is.access_log.path != was.access_log.path) {
    auto opened = AccessLog::Sink::open(is.access_log.path);
    if (!opened)
      return base::Unexpected(without_values(opened.error(), *is.tree, "access_log", "path", files.config.diagnostics) +
                              "\n");
    log_to = std::move(*opened);
  }
  auto changes = config::diff(*was.tree, *is.tree, filters::filter_rows());
  if (!update_listeners(*next)) return base::Unexpected(std::string("a listener cannot be opened; the log says why\n"));
  if (log_to) access_log_->redirect(std::move(*log_to));
  adopt(next, files);
  // Publishes the new world, with states that fit its regions.
  configure_board(files.by);
  return changes;
}

/// What a reload would do, to be looked at where its files are read: that takes as long as compiling them.
Reloader::Look Control::look() const {
  return [now = world_.config->spec.tree, generation = world_.config->generation,
          hash = world_.config->spec.hash](LoadedFiles& files) {
    ReloadVerdict verdict{false, "", {}, generation, hash};
    config::Loaded& file = files.config;
    if (file.ok()) compile(file.spec, 1, nullptr, nullptr, file.diagnostics);
    verdict.applied = file.ok() && files.problem.empty();
    if (verdict.applied) {
      verdict.changes = config::diff(*now, *file.spec.tree, filters::filter_rows());
      verdict.text = config::diff_text(verdict.changes);
    } else {
      verdict.text =
          file.ok() ? files.problem : config::render(file.diagnostics, file.sources, config::Audience::anybody);
    }
    return verdict;
  };
}

/// Opens what is new before anything changes; then tells the workers what to keep.
bool Control::update_listeners(const ConfigSnapshot& next) {
  auto fresh = sockets_->open(next.listeners);
  if (!fresh) return false;
  for (size_t i = 0; i < workers_.size(); ++i) workers_[i]->set_listeners(next.listeners, std::move((*fresh)[i]));
  for (const std::string& name : sockets_->settle(next.listeners)) service_.forget(name);
  keep_sockets();
  return true;
}

/// So that a process that comes after a crash has them, and who waits there is not refused.
void Control::keep_sockets() {
  for (const std::string& name : sockets_->names()) service_.keep(name, sockets_->of(name));
}

void Control::watch_memory() {
  base::settle_log();
  audit_.settle();
  const std::optional<uint64_t> limit = world_.config->spec.gateway.memory_limit;
  const base::Strain before = registry_->strain();
  const uint64_t used = base::pinned_bytes() + base::cgroup_socket_bytes();
  const base::Strain now = base::strain_of(used, limit ? *limit : base::cgroup_memory_limit());
  registry_->set_strain(now);
  if ((now == base::Strain::none) != (before == base::Strain::none))
    log(LogLevel::warning, "memory: {}",
        now == base::Strain::none ? "enough again" : "near its limit, see gateway.memory_limit");
  watch_seals();
  loop_.timers().arm(memory_timer_, loop_.now() + kMemoryLook);
}

/// With the look at the memory: a key wears out over days.
void Control::watch_seals() {
  std::string warning;
  if (const auto& seals = world_.config->seals; !seals.empty())
    warning = sessions::seal_warning(world_.config->spec.sessions.keys.front().id, *seals.front());
  if (warning == seal_warning_) return;
  seal_warning_ = std::move(warning);
  if (!seal_warning_.empty()) log(LogLevel::warning, "{}", seal_warning_);
  tell_status();
}

void Control::publish_world() {
  for (auto& worker : workers_) worker->install(world_);
}

void Control::configure_board(const std::string& by) {
  const config::Spec& spec = world_.config->spec;
  const config::RegionSpec* here = nullptr;
  for (const auto& region : spec.regions)
    if (region.name == spec.gateway.region && region.has_location) here = &region;
  std::vector<upstream::BoardRegion> regions;
  for (size_t i = 0; i < spec.regions.size(); ++i) {
    const config::RegionSpec& from = spec.regions[i];
    const config::HealthSpec& h = from.health;
    upstream::BoardRegion region;
    region.name = from.name;
    region.endpoints = from.endpoints;
    region.health = {h.enabled,         h.path,          h.host,       h.interval,   h.timeout,
                     h.unhealthy_after, h.healthy_after, h.expect_low, h.expect_high};
    region.meters = world_.config->backends[i].meters;
    region.dial = from.dial;
    for (const AnnouncedNumber& number : world_.config->backends[i].announced)
      region.numbers[number.slot] = number.cells;
    if (here != nullptr && from.has_location)
      region.latency_floor =
          geo::fibre_round_trip(geo::distance_km({here->latitude, here->longitude}, {from.latitude, from.longitude}));
    regions.push_back(std::move(region));
  }
  board_->configure(std::move(regions), {spec.latency.half_life, spec.latency.idle_decay}, by);
}

/// For `systemctl status`: one line.
std::string Control::status() const {
  const auto states = board_->states();
  size_t up = 0;
  for (const auto& state : states->of) up += state.healthy ? 1 : 0;
  std::string line = fmt::format("generation {}, config {}, {} of {} regions up", world_.config->generation,
                                 world_.config->spec.hash, up, states->of.size());
  if (!seal_warning_.empty()) line += "; " + seal_warning_;
  if (info_.last_reload == base::WallTime{}) return line;
  line += fmt::format("; last reload {:%H:%M:%S} ",
                      fmt::gmtime(std::chrono::system_clock::to_time_t(
                          std::chrono::time_point_cast<std::chrono::system_clock::duration>(info_.last_reload))));
  return line + (refusal_.empty() ? "applied" : "REFUSED: " + refusal_.substr(0, refusal_.find('\n')));
}

void Control::tell_status() {
  if (phase_ == Phase::serving) service_.status(status());
}

admin::GatewayInfo Control::info() const {
  admin::GatewayInfo info = info_;
  info.config_hash = world_.config->spec.hash;
  info.generation = world_.config->generation;
  for (const auto& generation : generations_) info.generations_alive += generation.expired() ? 0 : 1;
  if (world_.geo != nullptr)
    for (const auto& database : world_.geo->databases())
      info.geo_epochs.emplace_back(database.path(), database.build_epoch());
  for (const auto& region : world_.config->spec.regions)
    info.regions.push_back(
        {region.name, region.country, region.latitude, region.longitude, region.has_location, region.max_requests});
  for (const auto& listener : world_.config->listeners)
    info.listeners.push_back({listener->name, listener->max_connections != 0 ? listener->max_connections
                                                                             : listener->max_process_connections});
  for (size_t i = 0; i < world_.config->seals.size(); ++i) {
    const sessions::SealCount& count = *world_.config->seals[i];
    info.session_keys.push_back({world_.config->spec.sessions.keys[i].id, count.sealed(), count.refused()});
  }
  for (size_t i = 0; i < static_cast<size_t>(admin::AuditOutcome::kCount); ++i) {
    const auto outcome = static_cast<admin::AuditOutcome>(i);
    info.admin_changes.emplace_back(name(outcome), audit_.count(outcome));
  }
  if (admin_ != nullptr) info.admin = admin_->counts();
  return info;
}

/// Empty: ready.
std::string Control::why_not_ready() const {
  if (phase_ != Phase::serving) return "draining";
  if (registry_->strain() >= base::Strain::requests) return "memory is near its limit, see gateway.memory_limit";
  return proxy::why_not_ready(*board_);
}

void Control::add_endpoints() {
  add_admin_endpoints(router_, {[this]() -> const World& { return world_; }, [this] { return why_not_ready(); },
                                [this] {
                                  return admin::metrics_source({*registry_, *meters_, board_->report(0), info()});
                                }});
  admin::add_regions_api(router_, *board_);
  admin::add_events_api(router_, events_, loop_);
  add_config_endpoints(router_, {[this]() -> const World& { return world_; },
                                 [this](Reloader::Done done, const foresight::PlanLimits& limits,
                                        const std::string& by) { reload(std::move(done), limits, by); },
                                 [this](Reloader::Done done) { reloader_->preview(std::move(done)); },
                                 [this](UpgradeDone done) { upgrade(std::move(done)); }});
}

}  // namespace rhumb::proxy
