// SPDX-License-Identifier: Apache-2.0
// The control thread: joins what loads and reloads, listens on behalf of the workers, runs probes and the board,
// answers the admin listener, takes signals, hands over to a new process, and ends this one in order. Never on the
// request path. control.cc is the life of the process, control_config.cc its configurations.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "admin/audit.h"
#include "admin/events.h"
#include "admin/metrics.h"
#include "admin/registry.h"
#include "admin/router.h"
#include "admin/server.h"
#include "foresight/recorder.h"
#include "net/loop.h"
#include "net/mailbox.h"
#include "net/socket_file.h"
#include "proxy/access_log.h"
#include "proxy/config_endpoints.h"
#include "proxy/drain_count.h"
#include "proxy/file_watch.h"
#include "proxy/reload.h"
#include "proxy/service.h"
#include "proxy/sockets.h"
#include "proxy/upgrade.h"
#include "proxy/watchdog.h"
#include "proxy/worker.h"
#include "upstream/board.h"

namespace rhumb::proxy {

/// Keeps back the signals that a gateway handles until it does. The first thing that `rhumb run` does.
void hold_signals();

class Control final : private net::WatchOwner {
 public:
  /// `or_last_good`: when the file is refused at the start, the configuration that was last in force will do.
  Control(std::string config_path, bool or_last_good);
  ~Control();

  /// Serves until SIGTERM or SIGINT; returns the process's exit code.
  int run();

 private:
  enum class Phase : uint8_t { serving, handed_over, draining, stopped };

  // Start.
  LoadedFiles read_files();
  bool start(LoadedFiles& files);
  bool open_access_log(const config::AccessLogSpec& spec);
  bool open_admin(const config::AdminSpec& spec);
  bool start_worker(unsigned index, std::vector<ListenerSocket> sockets);
  void open_recorder(const ConfigSnapshot& config);
  void make_board();
  bool start_workers(Sockets::OfWorkers sockets);
  void announce();
  void wait_until_checked();

  void on_ready(net::Ready) noexcept override;  // signals

  // Configurations.
  std::shared_ptr<const ConfigSnapshot> compile_files(LoadedFiles& files, uint64_t generation);
  void adopt(const std::shared_ptr<const ConfigSnapshot>& config, const LoadedFiles& files);
  void reload(Reloader::Done done, const foresight::PlanLimits& limits, const std::string& by);
  ReloadVerdict apply_reload(LoadedFiles& files);
  base::Result<std::vector<config::Change>, std::string> try_reload(LoadedFiles& files);
  Reloader::Look look() const;
  bool update_listeners(const ConfigSnapshot& next);
  void publish_world();
  void configure_board(const std::string& by = {});
  void keep_sockets();
  void watch_files(const LoadedFiles& files);
  void keep_files(const LoadedFiles& files) const;

  // End, and hand-over to another process.
  void upgrade(UpgradeDone done);
  void upgraded(const base::Result<pid_t, std::string>& successor);
  void begin_drain(const std::string& by);
  uint64_t end_when_drained(base::Micros limit);
  void worker_drained(uint64_t drain);
  void finish_drain();

  void watch_memory();
  void watch_seals();
  std::string status() const;
  void tell_status();
  std::string why_not_ready() const;
  void add_endpoints();
  admin::GatewayInfo info() const;

  std::string config_path_, binary_;
  bool or_last_good_;
  Service service_;
  Successor successor_;
  base::SystemClock clock_;
  admin::Events events_{clock_};
  admin::Audit audit_{events_};
  net::Loop loop_;
  net::Mailbox mailbox_;
  net::Fd signals_;
  net::Watch signal_watch_;
  std::unique_ptr<admin::Registry> registry_;
  std::unique_ptr<upstream::Meters> meters_;
  std::unique_ptr<AccessLog> access_log_;
  std::unique_ptr<foresight::Recorder> recorder_;  // null: off
  std::unique_ptr<upstream::Board> board_;
  admin::Router router_;
  std::unique_ptr<admin::Server> admin_;
  std::string admin_address_;
  int admin_socket_ = -1;
  std::unique_ptr<Sockets> sockets_;
  net::SocketFile admin_file_;
  std::vector<std::unique_ptr<Worker>> workers_;
  base::Cell own_stalls_;
  std::unique_ptr<Watchdog> watchdog_;  // of all loops; ends before they do
  World world_;
  std::vector<std::weak_ptr<const ConfigSnapshot>> generations_;
  net::Timer drain_timer_, memory_timer_, checked_timer_;
  base::Instant serve_by_{};
  admin::GatewayInfo info_;
  std::string refusal_;       // of the last reload; empty: it was applied
  std::string seal_warning_;  // of the key that seals; empty: all is well
  std::unique_ptr<Reloader> reloader_;
  std::unique_ptr<FileWatch> file_watch_;
  std::unique_ptr<Upgrade> upgrade_;
  DrainCount drained_;
  Phase phase_ = Phase::serving;
  int exit_code_ = 0;
};

}  // namespace rhumb::proxy
