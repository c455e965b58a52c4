// SPDX-License-Identifier: Apache-2.0
#include "proxy/reload.h"

#include <utility>

#include "proxy/compile.h"
#include "proxy/config_file.h"
#include "proxy/last_good.h"

namespace rhumb::proxy {
namespace {

const ReloadVerdict kStopping{false, "the gateway is stopping\n", {}, 0, {}};

}  // namespace

LoadedFiles::LoadedFiles(const std::string& path) : config(load_config(path, &bundle)) { open_databases(); }

LoadedFiles LoadedFiles::last_good() {
  LoadedFiles files;
  files.config = load_last_good(last_good_path(), files.bundle);
  files.open_databases();
  return files;
}

void LoadedFiles::open_databases() {
  if (!config.ok()) return;
  auto opened = open_geo(config.spec.geo);
  if (opened) {
    geo = *opened;
  } else {
    problem = opened.error() + "\n";
    for (const char* key : {"databases", "overlays"})
      problem = without_values(std::move(problem), *config.spec.tree, "geo", key, config.diagnostics);
  }
}

Reloader::Reloader(std::string path, net::Mailbox& mailbox, Apply apply, Apply look, std::function<Gate()> gate)
    : path_(std::move(path)),
      mailbox_(mailbox),
      apply_(std::move(apply)),
      look_(std::move(look)),
      gate_(std::move(gate)) {}

Reloader::~Reloader() {
  if (thread_.joinable()) thread_.join();
}

void Reloader::enter(Done done, bool apply, const foresight::PlanLimits& limits) {
  if (stopped_) {
    if (done) done(kStopping);
    return;
  }
  Asked& load = loading_ ? next_ : now_;
  load.any = true;
  load.apply = load.apply || apply;
  load.limits.tighten(limits);
  if (done) (apply ? load.verdict : load.preview).push_back(std::move(done));
  if (!loading_) begin();
}

void Reloader::begin() {
  loading_ = true;
  if (thread_.joinable()) thread_.join();
  const foresight::PlanLimits limits = now_.limits;
  const Gate gate = limits.any() && gate_ ? gate_() : Gate();
  thread_ = std::thread([this, alive = std::weak_ptr<const bool>(alive_), limits, gate] {
    auto files = std::make_shared<LoadedFiles>(path_);
    if (gate) gate(*files, limits);
    // At the process's end the letter may be opened after we are gone.
    mailbox_.post([this, alive, files] {
      if (!alive.expired()) finish(*files);
    });
  });
}

void Reloader::finish(LoadedFiles& files) {
  loading_ = false;
  const Asked asked = std::exchange(now_, std::exchange(next_, {}));
  const ReloadVerdict seen = stopped_ || asked.preview.empty() ? kStopping : look_(files);
  const ReloadVerdict verdict = stopped_ || !asked.apply ? kStopping : apply_(files);
  if (now_.any && !stopped_) begin();
  for (const Done& done : asked.preview) done(seen);
  for (const Done& done : asked.verdict) done(verdict);
  if (!stopped_) return;
  const Asked left = std::exchange(now_, {});
  for (const Done& done : left.preview) done(kStopping);
  for (const Done& done : left.verdict) done(kStopping);
}

}  // namespace rhumb::proxy
