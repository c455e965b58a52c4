// SPDX-License-Identifier: Apache-2.0
// The control thread: loads and reloads, listens on behalf of the workers, runs probes and the board, answers the admin
// listener, takes signals, and ends the process in order. Never on the request path.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "admin/metrics.h"
#include "admin/registry.h"
#include "admin/server.h"
#include "net/loop.h"
#include "net/mailbox.h"
#include "proxy/access_log.h"
#include "proxy/snapshot.h"
#include "proxy/watchdog.h"
#include "proxy/worker.h"
#include "upstream/board.h"

namespace rhumb::proxy {

class Control final : private net::WatchOwner {
 public:
  explicit Control(std::string config_path);
  ~Control();

  /// Serves until SIGTERM or SIGINT; returns the process's exit code.
  int run();

 private:
  bool start();
  bool open_access_log(const config::AccessLogSpec& spec);
  bool open_admin(const config::AdminSpec& spec);
  std::optional<std::string> listen(const std::shared_ptr<const ListenerState>& state, bool must_be_free,
                                    std::vector<std::vector<ListenerSocket>>& sockets);
  void start_workers(std::vector<std::vector<ListenerSocket>> sockets);
  void announce();

  void on_ready(net::Ready) noexcept override;  // signals
  struct Files;
  std::shared_ptr<const ConfigSnapshot> compile_files(Files& files, uint64_t generation);
  void adopt(const std::shared_ptr<const ConfigSnapshot>& config, const Files& files);
  void reload();
  void apply_reload(Files& files);
  void refuse_reload(const std::string& why);
  void publish_world();
  void configure_board();
  bool update_listeners(const ConfigSnapshot& next);
  void begin_drain();
  void finish_drain();
  static void on_drain_timeout(void* self) noexcept;
  void watch_memory();

  admin::Response handle(const admin::Request& request);
  admin::Response explain(const admin::Request& request);
  admin::GatewayInfo info() const;

  std::string config_path_;
  base::SystemClock clock_;
  net::Loop loop_;
  net::Mailbox mailbox_;
  net::Fd signals_;
  net::Watch signal_watch_;
  std::unique_ptr<admin::Registry> registry_;
  std::unique_ptr<upstream::Meters> meters_;
  std::unique_ptr<AccessLog> access_log_;
  std::unique_ptr<upstream::Board> board_;
  std::unique_ptr<admin::Server> admin_;
  std::string admin_address_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Watchdog> watchdog_;  // of the workers; ends before they do
  World world_;
  std::vector<std::weak_ptr<const ConfigSnapshot>> generations_;
  std::vector<std::pair<std::string, std::string>> addresses_;  // listener name -> bound address
  net::Timer drain_timer_, memory_timer_;
  admin::GatewayInfo info_;
  size_t draining_workers_ = 0;
  bool draining_ = false, stopped_ = false;
  bool loading_ = false, reload_again_ = false;
  std::thread loader_;
  int exit_code_ = 0;
};

}  // namespace rhumb::proxy
