// SPDX-License-Identifier: Apache-2.0
#include "proxy/control.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "base/crypto.h"
#include "base/descriptors.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/units.h"
#include "geo/distance.h"
#include "proxy/compile.h"
#include "proxy/config_file.h"
#include "proxy/explain.h"
#include "proxy/version.h"

namespace rhumb::proxy {

using base::log;
using base::LogLevel;

namespace {

constexpr int kExitConfig = 78;
constexpr base::Micros kMemoryLook = base::Millis(250);

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2}) sigaddset(&set, signal);
  return set;
}

LogLevel level_of(const std::string& name) {
  return name == "error"     ? LogLevel::error
         : name == "warning" ? LogLevel::warning
         : name == "debug"   ? LogLevel::debug
                             : LogLevel::info;
}

/// Tokens need a key. Without a configured one, one of this process: good until its end, and for it alone.
const std::string& own_secret() {
  static const std::string secret = [] {
    std::string bytes(32, '\0');
    base::random_bytes({reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
    return bytes;
  }();
  return secret;
}

}  // namespace

Control::Control(std::string config_path)
    : config_path_(std::move(config_path)),
      loop_(clock_),
      mailbox_(loop_),
      drain_timer_(&Control::on_drain_timeout, this),
      memory_timer_([](void* self) noexcept { static_cast<Control*>(self)->watch_memory(); }, this) {
  info_.version = kVersion;
  info_.started = clock_.wall();
}

/// What comes from disk: slow (a database of the whole world takes a second), and of no effect yet.
struct Control::Files {
  explicit Files(const std::string& path) : config(load_config(path)) {
    if (!config.ok()) return;
    auto opened = open_geo(config.spec.geo);
    if (opened) {
      geo = *opened;
    } else {
      problem = opened.error() + "\n";
    }
  }
  config::Loaded config;
  std::shared_ptr<const geo::Locator> geo;
  std::string problem;  // with the databases
};

Control::~Control() {
  if (loader_.joinable()) loader_.join();
  // Both still turn the loop or are called from it, and use what else stands here.
  admin_.reset();
  board_.reset();
  loop_.timers().remove(drain_timer_);
  loop_.timers().remove(memory_timer_);
}

int Control::run() {
  // Before any thread starts, so that all inherit the mask and only the descriptor hears signals.
  const sigset_t set = handled_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  signals_.reset(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  signal_watch_.start_level(loop_, signals_.get(), *this);
  if (!start()) return exit_code_;
  loop_.run();
  return exit_code_;
}

bool Control::start() {
  exit_code_ = kExitConfig;
  base::reserve_descriptors(base::raise_descriptor_limit());
  // The number of workers must be known before cells are made; it is fixed for the life of the process.
  Files files(config_path_);
  const unsigned wanted = files.config.ok() ? files.config.spec.gateway.workers : 1;
  const unsigned workers = wanted != 0 ? wanted : std::max(1u, std::thread::hardware_concurrency());
  registry_ = std::make_unique<admin::Registry>(workers);
  meters_ = std::make_unique<upstream::Meters>(workers);
  const auto config = compile_files(files, 1);
  if (config == nullptr) {
    std::fwrite(files.problem.data(), 1, files.problem.size(), stderr);
    return false;
  }
  adopt(config, files);
  exit_code_ = 1;
  if (!open_access_log(world_.config->spec.access_log) || !open_admin(world_.config->spec.admin)) return false;
  std::vector<std::vector<ListenerSocket>> sockets(workers);
  for (const auto& state : world_.config->listeners) {
    const auto at = listen(state, true, sockets);
    if (!at) return false;
    addresses_.emplace_back(state->name, *at);
  }
  board_ = std::make_unique<upstream::Board>(
      loop_, base::random_u64(),
      [this](std::shared_ptr<const decision::RegionStates> states) {
        world_.states = std::move(states);
        if (!workers_.empty()) publish_world();
      },
      [](const std::string& region, const std::string& endpoint, bool healthy, const std::string& why) {
        log(healthy ? LogLevel::info : LogLevel::warning, "region {}: endpoint {} is {}{}{}", region, endpoint,
            healthy ? "up" : "down", why.empty() ? "" : ": ", why);
      });
  configure_board();
  watch_memory();
  start_workers(std::move(sockets));
  announce();
  exit_code_ = 0;
  return true;
}

/// A socket a worker, all of one address, which is returned; nothing (and a line in the log) when it cannot be had.
std::optional<std::string> Control::listen(const std::shared_ptr<const ListenerState>& state, bool must_be_free,
                                           std::vector<std::vector<ListenerSocket>>& sockets) {
  base::SocketAddress at = state->address;
  // Workers share an address, and so would another gateway that is running already.
  std::string problem = must_be_free ? net::why_taken(at) : "";
  for (auto& of_worker : sockets) {
    if (!problem.empty()) break;
    auto fd = net::listen_tcp(at, state->backlog);
    if (!fd) {
      problem = fd.error();
      break;
    }
    at = net::local_address(fd->get());  // with port 0, all workers share what the first one got
    of_worker.push_back({state, std::move(*fd)});
  }
  if (problem.empty()) return at.to_string();
  log(LogLevel::error, "listener {}: {}", state->name, problem);
  return std::nullopt;
}

bool Control::open_access_log(const config::AccessLogSpec& spec) {
  if (spec.path == "off") return true;
  auto opened = AccessLog::open(spec.path, registry_->workers(), spec.buffer, registry_->log_unwritten());
  if (!opened) {
    log(LogLevel::error, "{}", opened.error());
    return false;
  }
  access_log_ = std::move(*opened);
  return true;
}

bool Control::open_admin(const config::AdminSpec& spec) {
  if (!spec.address && spec.unix_path.empty()) return true;
  if (const std::string taken = spec.address ? net::why_taken(*spec.address) : ""; !taken.empty()) {
    log(LogLevel::error, "admin: {}", taken);
    return false;
  }
  auto fd = spec.address ? net::listen_tcp(*spec.address, 64) : net::listen_unix(spec.unix_path, 0600);
  if (!fd) {
    log(LogLevel::error, "admin: {}", fd.error());
    return false;
  }
  admin_address_ = spec.address ? net::local_address(fd->get()).to_string() : "unix:" + spec.unix_path;
  admin_ = std::make_unique<admin::Server>(loop_, std::move(*fd),
                                           [this](const admin::Request& request) { return handle(request); });
  return true;
}

void Control::start_workers(std::vector<std::vector<ListenerSocket>> sockets) {
  watchdog_ = std::make_unique<Watchdog>();
  for (unsigned i = 0; i < registry_->workers(); ++i) {
    WorkerSetup setup{i, registry_.get(), access_log_ != nullptr ? access_log_->ring(i) : nullptr,
                      [this](std::function<void()> work) { mailbox_.post(std::move(work)); }};
    workers_.push_back(std::make_unique<Worker>(std::move(setup)));
    workers_.back()->start(world_, std::move(sockets[i]));
    watchdog_->watch(fmt::format("worker {}", i), workers_.back()->loop(), workers_.back()->thread(),
                     registry_->worker(i).stalls);
  }
  watchdog_->start();
}

void Control::announce() {
  std::string where;
  for (const auto& [name, address] : addresses_) where += fmt::format("{}={} ", name, address);
  if (!admin_address_.empty()) where += fmt::format("admin={} ", admin_address_);
  log(LogLevel::info, "ready: {}workers={} config={}", where, workers_.size(), world_.config->spec.hash);
}

// All signals that are waiting count as one each: a storm of reloads is one reload.
void Control::on_ready(net::Ready) noexcept {
  bool wants_reload = false, wants_stop = false;
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGUSR1 || info.ssi_signo == SIGUSR2) {
      log(LogLevel::warning, "signal {} has no meaning here and is ignored", info.ssi_signo);
    } else if (info.ssi_signo == SIGHUP) {
      wants_reload = true;
    } else {
      wants_stop = true;
    }
  }
  if (wants_stop) return draining_ ? finish_drain() : begin_drain();
  if (wants_reload && !draining_) reload();
}

/// Null: files.problem says why, and nothing changes.
std::shared_ptr<const ConfigSnapshot> Control::compile_files(Files& files, uint64_t generation) {
  config::Loaded& file = files.config;
  std::shared_ptr<const ConfigSnapshot> config;
  if (file.ok()) {
    if (file.spec.sessions.keys.empty()) file.spec.sessions.keys.push_back({1, own_secret()});
    config = compile(std::move(file.spec), generation, registry_.get(), meters_.get(), file.diagnostics);
  }
  if (config == nullptr) files.problem = config::render(file.diagnostics, file.sources);
  return files.problem.empty() ? config : nullptr;
}

void Control::adopt(const std::shared_ptr<const ConfigSnapshot>& config, const Files& files) {
  world_.config = config;
  world_.geo = files.geo;
  std::erase_if(generations_, [](const auto& generation) { return generation.expired(); });
  generations_.push_back(config);
  base::set_log_level(level_of(config->spec.gateway.log_level));
}

/// The files are read on a thread of their own, so that probes and the admin listener go on meanwhile. What is asked
/// for during that is one more reload after it: the files may have changed again.
void Control::reload() {
  if (loading_) {
    reload_again_ = true;
    return;
  }
  loading_ = true;
  if (loader_.joinable()) loader_.join();
  loader_ = std::thread([this] {
    auto files = std::make_shared<Files>(config_path_);
    mailbox_.post([this, files] {
      loading_ = false;
      if (draining_) return;
      apply_reload(*files);
      if (std::exchange(reload_again_, false)) reload();
    });
  });
}

void Control::apply_reload(Files& files) {
  info_.last_reload = clock_.wall();
  const uint64_t generation = world_.config->generation + 1;
  const auto next = compile_files(files, generation);
  if (next == nullptr) return refuse_reload(files.problem);
  if (!update_listeners(*next)) return refuse_reload("");
  const config::Spec &was = world_.config->spec, &is = next->spec;
  for (const auto& [key, same] :
       {std::pair{"gateway.workers", is.gateway.workers == was.gateway.workers},
        std::pair{"access_log", is.access_log == was.access_log}, std::pair{"admin", is.admin == was.admin}})
    if (!same) log(LogLevel::warning, "reload: {} takes effect at the next start", key);
  adopt(next, files);
  // Publishes the new world, with states that fit its regions.
  configure_board();
  info_.last_reload_ok = true;
  ++info_.reloads_applied;
  log(LogLevel::info, "reload: applied generation={} config={}", generation, world_.config->spec.hash);
}

void Control::refuse_reload(const std::string& why) {
  info_.last_reload_ok = false;
  ++info_.reloads_refused;
  std::fwrite(why.data(), 1, why.size(), stderr);
  log(LogLevel::error, "reload: refused, the configuration in force stays (generation={})", world_.config->generation);
}

/// Opens what is new before anything changes; then tells the workers what to keep.
bool Control::update_listeners(const ConfigSnapshot& next) {
  std::vector<std::vector<ListenerSocket>> fresh(workers_.size());
  std::vector<std::pair<std::string, std::string>> addresses;
  for (const auto& state : next.listeners) {
    const auto& old = world_.config->listeners;
    const auto same = std::find_if(
        old.begin(), old.end(), [&](const auto& o) { return o->name == state->name && o->address == state->address; });
    if (same != old.end()) {
      for (const auto& known : addresses_)
        if (known.first == state->name) addresses.push_back(known);
      continue;
    }
    const bool renamed =
        std::any_of(old.begin(), old.end(), [&](const auto& o) { return o->address == state->address; });
    const auto at = listen(state, !renamed, fresh);
    if (!at) return false;
    addresses.emplace_back(state->name, *at);
  }
  for (size_t i = 0; i < workers_.size(); ++i) workers_[i]->set_listeners(next.listeners, std::move(fresh[i]));
  addresses_ = std::move(addresses);
  return true;
}

void Control::watch_memory() {
  const std::optional<uint64_t> limit = world_.config->spec.gateway.memory_limit;
  const base::Strain before = registry_->strain();
  const base::Strain now = base::strain_of(base::resident_bytes(), limit ? *limit : base::cgroup_memory_limit());
  registry_->set_strain(now);
  if ((now == base::Strain::none) != (before == base::Strain::none))
    log(LogLevel::warning, "memory: {}",
        now == base::Strain::none ? "enough again" : "near its limit, see gateway.memory_limit");
  loop_.timers().arm(memory_timer_, loop_.now() + kMemoryLook);
}

void Control::publish_world() {
  for (auto& worker : workers_) worker->install(world_);
}

void Control::configure_board() {
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
    if (here != nullptr && from.has_location)
      region.latency_floor =
          geo::fibre_round_trip(geo::distance_km({here->latitude, here->longitude}, {from.latitude, from.longitude}));
    regions.push_back(std::move(region));
  }
  board_->configure(std::move(regions), {spec.latency.half_life, spec.latency.idle_decay});
}

void Control::begin_drain() {
  draining_ = true;
  const base::Micros limit = world_.config->spec.gateway.drain_timeout;
  log(LogLevel::info, "draining: no new connections; at most {}", base::format_duration(limit));
  loop_.timers().arm(drain_timer_, loop_.now() + limit);
  draining_workers_ = workers_.size();
  for (auto& worker : workers_)
    worker->drain([this] {
      if (--draining_workers_ == 0) finish_drain();
    });
}

void Control::on_drain_timeout(void* self) noexcept { static_cast<Control*>(self)->finish_drain(); }

void Control::finish_drain() {
  // The limit, a second signal and the last worker may all come in the same turn.
  if (std::exchange(stopped_, true)) return;
  DrainReport cut;
  watchdog_.reset();
  for (auto& worker : workers_) {
    const DrainReport report = worker->stop();
    cut.exchanges += report.exchanges;
    cut.tunnels += report.tunnels;
  }
  access_log_.reset();
  log(LogLevel::info, "stopped: cut {} requests and {} tunnels", cut.exchanges, cut.tunnels);
  loop_.stop();
}

admin::GatewayInfo Control::info() const {
  admin::GatewayInfo info = info_;
  info.config_hash = world_.config->spec.hash;
  info.generation = world_.config->generation;
  for (const auto& generation : generations_) info.generations_alive += generation.expired() ? 0 : 1;
  if (world_.geo != nullptr)
    for (const auto& database : world_.geo->databases())
      info.geo_epochs.emplace_back(database.path(), database.build_epoch());
  return info;
}

admin::Response Control::handle(const admin::Request& request) {
  if (request.path == "/healthz") return {200, "text/plain", "ok\n"};
  if (request.path == "/readyz") {
    const auto states = board_ != nullptr ? board_->states() : nullptr;
    bool any = false;
    if (states != nullptr)
      for (const auto& state : states->of) any = any || state.healthy;
    if (draining_) return {503, "text/plain", "draining\n"};
    if (states == nullptr || !board_->all_checked())
      return {503, "text/plain", "not every endpoint has been checked yet\n"};
    return any ? admin::Response{200, "text/plain", "ready\n"}
               : admin::Response{503, "text/plain", "no healthy region\n"};
  }
  if (request.path == "/metrics")
    return {200, "text/plain; version=0.0.4; charset=utf-8",
            admin::render_metrics(*registry_, *meters_, board_->report(), info())};
  if (request.path == "/v1/regions") return {200, "application/json", admin::render_regions(board_->report())};
  if (request.path == "/v1/explain") return explain(request);
  return {404, "text/plain", "there is /healthz /readyz /metrics /v1/regions /v1/explain\n"};
}

admin::Response Control::explain(const admin::Request& request) {
  ExplainQuestion question;
  question.ip = request.parameter("ip");
  question.host = request.parameter("host");
  question.path = request.parameter("path");
  question.method = request.parameter("method");
  question.json = request.parameter("format") != "text";
  const auto answer = explain_request(world_, question);
  if (!answer) return {400, "text/plain", answer.error() + "\n"};
  return {200, question.json ? "application/json" : "text/plain; charset=utf-8", *answer};
}

}  // namespace rhumb::proxy
