// SPDX-License-Identifier: Apache-2.0
#include "proxy/reload.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/thread.h"
#include "proxy/compile.h"
#include "proxy/config_file.h"
#include "proxy/last_good.h"

namespace rhumb::proxy {
namespace {

const ReloadVerdict kStopping{false, "the gateway is stopping\n", {}, 0, {}};
constexpr size_t kMostNamed = 8;

}  // namespace

LoadedFiles::LoadedFiles(const std::string& path) : config(load_config(path, &bundle)) { open_databases(); }

LoadedFiles LoadedFiles::last_good() {
  LoadedFiles files;
  files.config = load_last_good(last_good_path(), files.bundle);
  files.open_databases();
  return files;
}

LoadedFiles LoadedFiles::not_read(const std::string& why) {
  LoadedFiles files;
  files.problem = why + "\n";
  files.unread = true;
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

Reloader::Reloader(std::string path, net::Mailbox& mailbox, Apply apply, std::function<Look()> look,
                   std::function<Gate()> gate)
    : path_(std::move(path)),
      mailbox_(mailbox),
      apply_(std::move(apply)),
      look_(std::move(look)),
      gate_(std::move(gate)) {}

Reloader::~Reloader() {
  if (thread_.joinable()) thread_.join();
}

void Reloader::request(Done done, const foresight::PlanLimits& limits, const std::string& by) {
  std::vector<std::string>& named = (loading_ ? next_ : now_).by;
  if (!by.empty() && named.size() < kMostNamed && std::find(named.begin(), named.end(), by) == named.end())
    named.push_back(by);
  enter(std::move(done), true, limits);
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
  if (thread_.joinable()) thread_.join();
  const foresight::PlanLimits limits = now_.limits;
  const Gate gate = limits.any() && gate_ ? gate_() : Gate();
  const Look look = now_.preview.empty() ? Look() : look_();
  const auto started = base::start_thread(thread_, [this, limits, gate, look, applies = now_.apply] {
    auto files = std::make_shared<LoadedFiles>(path_);
    ReloadVerdict seen = look ? look(*files) : ReloadVerdict();
    if (gate) gate(*files, limits);
    // What is only looked at dies here: to take apart thousands of routes takes its time too.
    if (!applies) files.reset();
    hand_in(std::move(files), std::move(seen));
  });
  if (!started) refuse(started.error());
  loading_ = true;  // only now, so that whoever comes after an exception begins anew
}

/// Who asked hears of it in a later turn, as of any other load.
void Reloader::refuse(const std::string& why) {
  ReloadVerdict seen{false, why + "\n"};
  seen.unread = true;
  if (!now_.apply) base::log(base::LogLevel::error, "a look at the configuration: {}", why);
  hand_in(now_.apply ? std::make_shared<LoadedFiles>(LoadedFiles::not_read(why)) : nullptr, std::move(seen));
}

void Reloader::hand_in(std::shared_ptr<LoadedFiles> files, ReloadVerdict seen) {
  // At the process's end the letter may be opened after we are gone.
  mailbox_.post([this, alive = std::weak_ptr<const bool>(alive_), files = std::move(files), seen = std::move(seen)] {
    if (!alive.expired()) finish(files.get(), seen);
  });
}

void Reloader::finish(LoadedFiles* files, const ReloadVerdict& seen) {
  loading_ = false;
  const Asked asked = std::exchange(now_, std::exchange(next_, {}));
  if (files != nullptr) files->by = fmt::format("{}", fmt::join(asked.by, ", "));
  const ReloadVerdict verdict = stopped_ || files == nullptr ? kStopping : apply_(*files);
  if (now_.any && !stopped_) begin();
  for (const Done& done : asked.preview) done(stopped_ ? kStopping : seen);
  for (const Done& done : asked.verdict) done(verdict);
  if (!stopped_) return;
  const Asked left = std::exchange(now_, {});
  for (const Done& done : left.preview) done(kStopping);
  for (const Done& done : left.verdict) done(kStopping);
}

}  // namespace rhumb::proxy
