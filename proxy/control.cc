// SPDX-License-Identifier: Apache-2.0
#include "proxy/control.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "admin/override_state.h"
#include "admin/region_events.h"
#include "base/crypto.h"
#include "base/descriptors.h"
#include "base/log.h"
#include "base/log_writer.h"
#include "base/secret_memory.h"
#include "base/units.h"
#include "proxy/admin_endpoints.h"
#include "proxy/admin_listener.h"
#include "proxy/plan_gate.h"
#include "proxy/version.h"

namespace rhumb::proxy {

using base::log;
using base::LogLevel;

namespace {

constexpr int kExitConfig = 78;
constexpr const char* kOverrides = "overrides";  // name of the text a successor gets
constexpr base::Micros kCheckedLook = base::Millis(20);
constexpr base::Micros kCheckedLimit = base::Seconds(10);  // for the first look at all endpoints

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2}) sigaddset(&set, signal);
  return set;
}

/// Why a start is refused. With lines of the files on a terminal alone: a journal has other readers.
std::string refusal_of(const LoadedFiles& files) {
  const config::Loaded& file = files.config;
  if (::isatty(STDERR_FILENO) != 1 || !file.diagnostics.has_errors()) return files.problem;
  return config::render(file.diagnostics, file.sources, config::Audience::of_the_files);
}

}  // namespace

// Before any thread starts, so that all inherit the mask and only the descriptor hears signals.
void hold_signals() {
  const sigset_t set = handled_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Control::Control(std::string config_path, bool or_last_good)
    : config_path_(std::move(config_path)),
      binary_(own_binary()),
      or_last_good_(or_last_good),
      service_(Service::from_environment()),
      successor_(Successor::from_environment()),
      loop_(clock_),
      mailbox_(loop_),
      drain_timer_([](void* self) noexcept { static_cast<Control*>(self)->finish_drain(); }, this),
      memory_timer_([](void* self) noexcept { static_cast<Control*>(self)->watch_memory(); }, this),
      checked_timer_([](void* self) noexcept { static_cast<Control*>(self)->wait_until_checked(); }, this) {
  info_.version = kVersion;
  info_.started = info_.last_reload_applied = clock_.wall();
}

Control::~Control() {
  reloader_.reset();  // waits for its thread
  // These still turn the loop or are called from it, and use what else stands here.
  file_watch_.reset();
  upgrade_.reset();
  admin_.reset();
  board_.reset();
  for (net::Timer* timer : {&drain_timer_, &memory_timer_, &checked_timer_}) loop_.timers().remove(*timer);
}

int Control::run() {
  // A peer that has gone, and a file that may not grow (RLIMIT_FSIZE), are errors of a write and not our end.
  for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);
  const sigset_t set = handled_signals();
  signals_.reset(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (successor_.orphaned()) {
    log(LogLevel::error, "upgrade: the process that started this one is gone");
    return 1;
  }
  std::vector<net::Inherited> inherited = net::take_inherited(successor_.active());
  LoadedFiles files = read_files();
  // The number of workers must be known before cells are made; it is fixed for the life of the process.
  const unsigned wanted = files.config.ok() ? files.config.spec.gateway.workers : 1;
  sockets_ = std::make_unique<Sockets>(wanted != 0 ? wanted : std::max(1u, std::thread::hardware_concurrency()));
  sockets_->inherit(std::move(inherited));
  if (!start(files)) return exit_code_;
  // Signals are heard while all is there that they need: neither before this nor while it is taken apart.
  signal_watch_.start_level(loop_, signals_.get(), *this);
  loop_.run();
  signal_watch_.stop();
  return exit_code_;
}

bool Control::start(LoadedFiles& files) {
  const uint64_t descriptors = base::raise_descriptor_limit();
  if (descriptors < base::kLeastDescriptors) {
    exit_code_ = 1;
    base::say(
        fmt::format("{} file descriptors are too few: {} are needed. Raise RLIMIT_NOFILE (ulimit -n, LimitNOFILE=)\n",
                    descriptors, base::kLeastDescriptors));
    return false;
  }
  exit_code_ = kExitConfig;
  base::reserve_descriptors(descriptors);
  registry_ = std::make_unique<admin::Registry>(sockets_->workers());
  meters_ = std::make_unique<upstream::Meters>(sockets_->workers());
  const auto config = compile_files(files, 1);
  if (config == nullptr) {
    base::say(refusal_of(files));
    return false;
  }
  base::set_dumpable(config->spec.gateway.core_dumps);
  file_watch_ = std::make_unique<FileWatch>(loop_, [this] { reload(nullptr, {}, "gateway.watch_files"); });
  open_recorder(*config);
  adopt(config, files);
  exit_code_ = 1;
  make_board();
  admin::restore_overrides(take_text(sockets_->inherited(), kOverrides), *board_);
  if (!open_access_log(config->spec.access_log) || !open_admin(config->spec.admin)) return false;
  auto sockets = sockets_->open(config->listeners);
  if (!sockets) return false;
  sockets_->settle(config->listeners);
  sockets_->drop_unclaimed();
  keep_sockets();
  watch_memory();
  if (!start_workers(std::move(*sockets))) return false;
  reloader_ = std::make_unique<Reloader>(
      config_path_, mailbox_, [this](LoadedFiles& read) { return apply_reload(read); }, [this] { return look(); },
      [this] { return plan_gate(world_, recorder_ != nullptr ? recorder_->directory() : ""); });
  serve_by_ = loop_.now() + kCheckedLimit;
  announce();
  exit_code_ = 0;
  return true;
}

bool Control::open_access_log(const config::AccessLogSpec& spec) {
  auto opened = AccessLog::Sink::open(spec.path);
  if (!opened) {
    log(LogLevel::error, "{}", opened.error());
    return false;
  }
  access_log_ =
      std::make_unique<AccessLog>(std::move(*opened), registry_->workers(), spec.buffer, registry_->log_unwritten());
  if (!access_log_->problem().empty()) log(LogLevel::error, "access log: {}", access_log_->problem());
  return access_log_->problem().empty();
}

/// A gateway that cannot record still serves.
void Control::open_recorder(const ConfigSnapshot& config) {
  const config::RecorderSpec& spec = config.spec.recorder;
  if (spec.directory.empty()) return;
  auto opened = foresight::Recorder::open(spec.directory, spec.size, sockets_->workers(), registry_->recorder());
  if (!opened) return log(LogLevel::error, "recorder: nothing is recorded: {}", opened.error());
  if (const auto started = (*opened)->start(); !started)
    return log(LogLevel::error, "recorder: nothing is recorded: {}", started.error());
  recorder_ = *std::move(opened);
}

bool Control::open_admin(const config::AdminSpec& spec) {
  if (!spec.address && spec.unix_path.empty()) return true;
  auto opened = open_admin_listener(spec, sockets_->inherited());
  if (!opened) {
    log(LogLevel::error, "admin: {}", opened.error());
    return false;
  }
  admin_address_ = std::move(opened->address);
  admin_file_ = std::move(opened->file);
  admin_socket_ = opened->fd.get();
  add_endpoints();
  admin_ =
      std::make_unique<admin::Server>(loop_, std::move(opened->fd), admin::Access(opened->rules), router_, &audit_);
  return true;
}

void Control::make_board() {
  board_ = std::make_unique<upstream::Board>(
      loop_, base::random_u64(),
      [this](std::shared_ptr<const decision::RegionStates> states) {
        world_.states = std::move(states);
        if (!workers_.empty()) publish_world();
      },
      [this](const upstream::BoardEvent& event) {
        admin::tell(events_, event);
        loop_.post([this] { tell_status(); });  // once the board has drawn its conclusions
      });
  configure_board();
}

bool Control::start_workers(Sockets::OfWorkers sockets) {
  watchdog_ = std::make_unique<Watchdog>(Watchdog::in_earnest([this] { service_.alive(); }));
  watchdog_->watch("control", loop_, ::pthread_self(), own_stalls_);
  for (unsigned i = 0; i < registry_->workers(); ++i)
    if (!start_worker(i, std::move(sockets[i]))) return false;
  const auto started = watchdog_->start();
  if (!started) log(LogLevel::error, "watchdog: {}", started.error());
  return started.has_value();
}

bool Control::start_worker(unsigned index, std::vector<ListenerSocket> sockets) {
  WorkerSetup setup{index, registry_.get(), access_log_->ring(index),
                    recorder_ != nullptr ? &recorder_->lane(index) : nullptr,
                    [this](std::function<void()> work) { mailbox_.post(std::move(work)); }};
  workers_.push_back(std::make_unique<Worker>(std::move(setup)));
  Worker& worker = *workers_.back();
  if (const auto started = worker.start(world_, std::move(sockets)); !started) {
    log(LogLevel::error, "worker {}: {}", index, started.error());
    return false;
  }
  watchdog_->watch(fmt::format("worker {}", index), worker.loop(), worker.thread(), registry_->worker(index).stalls,
                   [&worker] { return worker.under_way(); });
  return true;
}

void Control::announce() {
  const std::string admin = admin_address_.empty() ? "" : fmt::format("admin={} ", admin_address_);
  log(LogLevel::info, "ready: {}{}workers={} config={}", sockets_->describe(), admin, workers_.size(),
      world_.config->spec.hash);
  events_.add(admin::EventKind::gateway_started);
  service_.ready(status());
  if (successor_.active()) wait_until_checked();
}

/// Who hands over to us knows which endpoints live: it serves until we know as well.
void Control::wait_until_checked() {
  if (!successor_.active()) return tell_status();  // by now the manager takes it from us
  if (board_->all_checked() || loop_.now() >= serve_by_) {
    successor_.serves();
    loop_.timers().arm(checked_timer_, loop_.now() + base::Seconds(1));
    return;
  }
  loop_.timers().arm(checked_timer_, loop_.now() + kCheckedLook);
}

// All signals that are waiting count as one each: a storm of reloads is one reload.
void Control::on_ready(net::Ready) noexcept {
  std::string wants_reload, wants_stop;  // who does; empty: nobody
  bool wants_upgrade = false;
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    const std::string by = fmt::format("signal of uid {} pid {}", info.ssi_uid, info.ssi_pid);
    if (info.ssi_signo == SIGUSR1) {
      if (access_log_ != nullptr) access_log_->reopen();
    } else if (info.ssi_signo == SIGHUP) {
      wants_reload = by;
    } else if (info.ssi_signo == SIGUSR2) {
      wants_upgrade = true;
    } else {
      wants_stop = by;
    }
  }
  if (!wants_stop.empty()) return phase_ == Phase::draining ? finish_drain() : begin_drain(wants_stop);
  if (wants_upgrade) upgrade(nullptr);
  if (!wants_reload.empty()) reload(nullptr, {}, wants_reload);
}

/// Starts the process that takes over; `done` hears what becomes of it.
void Control::upgrade(UpgradeDone done) {
  const auto ended = [this, done = std::move(done)](const base::Result<pid_t, std::string>& successor) {
    upgraded(successor);
    if (done) done(successor);
  };
  if (phase_ != Phase::serving) return ended(base::Unexpected(std::string("this process is ending")));
  if (upgrade_ != nullptr) return ended(base::Unexpected(std::string("an upgrade is under way")));
  Upgrade::Named sockets;
  for (const std::string& name : sockets_->names())
    for (const int fd : sockets_->of(name)) sockets.emplace_back(name, fd);
  if (admin_socket_ >= 0) sockets.emplace_back("admin", admin_socket_);
  const net::Fd overrides = passed_text(admin::saved_overrides(board_->overrides()));
  if (overrides) sockets.emplace_back(kOverrides, overrides.get());
  upgrade_ = std::make_unique<Upgrade>(loop_, [this, ended](const auto& successor) {
    loop_.post([this] { upgrade_.reset(); });
    ended(successor);
  });
  const auto started = upgrade_->start({binary_, "run", "--config", config_path_}, sockets);
  if (started) return log(LogLevel::info, "upgrade: process {} was started from {}", *started, binary_);
  upgrade_.reset();
  ended(base::Unexpected(started.error()));
}

void Control::upgraded(const base::Result<pid_t, std::string>& successor) {
  if (!successor) {
    log(LogLevel::error, "upgrade: refused, this process goes on: {}", successor.error());
    return;
  }
  const base::Micros limit = world_.config->spec.gateway.upgrade_timeout;
  log(LogLevel::info, "upgrade: process {} serves now; this one ends with its last connection, at most in {}",
      *successor, base::format_duration(limit));
  service_.handed_to(*successor);
  phase_ = Phase::handed_over;
  reloader_->stop();
  admin_socket_ = -1;
  admin_file_.keep();  // it is the successor's
  if (admin_ != nullptr) admin_->stop_accepting();
  const uint64_t drain = end_when_drained(limit);
  for (auto& worker : workers_) worker->hand_over([this, drain] { worker_drained(drain); });
}

void Control::begin_drain(const std::string& by) {
  if (phase_ == Phase::stopped) return;
  const base::Micros limit = world_.config->spec.gateway.drain_timeout;
  log(LogLevel::info, "draining: no new connections; at most {}", base::format_duration(limit));
  events_.add(admin::EventKind::drain_begun, "", "", {{"by", by}});
  if (phase_ == Phase::serving) service_.stopping();
  service_.extend(limit + base::Seconds(5));
  phase_ = Phase::draining;
  upgrade_.reset();
  reloader_->stop();
  const uint64_t drain = end_when_drained(limit);
  for (auto& worker : workers_) worker->drain([this, drain] { worker_drained(drain); });
}

/// Returns the number of the drain.
uint64_t Control::end_when_drained(base::Micros limit) {
  loop_.timers().arm(drain_timer_, loop_.now() + limit);
  return drained_.begin(workers_.size());
}

void Control::worker_drained(uint64_t drain) {
  if (drained_.ended(drain)) finish_drain();
}

void Control::finish_drain() {
  // The limit, a second signal and the last worker may all come in the same turn.
  if (std::exchange(phase_, Phase::stopped) == Phase::stopped) return;
  DrainReport cut;
  watchdog_.reset();
  for (auto& worker : workers_) {
    const DrainReport report = worker->stop();
    cut.exchanges += report.exchanges;
    cut.tunnels += report.tunnels;
  }
  access_log_.reset();
  admin_file_.remove();
  log(LogLevel::info, "stopped: cut {} requests and {} tunnels", cut.exchanges, cut.tunnels);
  loop_.stop();
}

}  // namespace rhumb::proxy
