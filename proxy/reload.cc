// SPDX-License-Identifier: Apache-2.0
#include "proxy/reload.h"

#include <utility>

#include "proxy/compile.h"
#include "proxy/config_file.h"

namespace rhumb::proxy {

LoadedFiles::LoadedFiles(const std::string& path) : config(load_config(path)) {
  if (!config.ok()) return;
  auto opened = open_geo(config.spec.geo);
  if (opened) {
    geo = *opened;
  } else {
    problem = opened.error() + "\n";
  }
}

Reloader::Reloader(std::string path, net::Mailbox& mailbox, Apply apply)
    : path_(std::move(path)), mailbox_(mailbox), apply_(std::move(apply)) {}

Reloader::~Reloader() {
  if (thread_.joinable()) thread_.join();
}

void Reloader::request(Done done) {
  if (stopped_) {
    if (done) done({false, "the gateway is stopping\n"});
    return;
  }
  if (done) (loading_ ? next_ : waiting_).push_back(std::move(done));
  again_ = again_ || loading_;
  if (!loading_) begin();
}

void Reloader::begin() {
  loading_ = true;
  if (thread_.joinable()) thread_.join();
  thread_ = std::thread([this] {
    auto files = std::make_shared<LoadedFiles>(path_);
    mailbox_.post([this, files] { finish(*files); });
  });
}

void Reloader::finish(LoadedFiles& files) {
  loading_ = false;
  const ReloadVerdict verdict = stopped_ ? ReloadVerdict{false, "the gateway is stopping\n"} : apply_(files);
  const std::vector<Done> answered = std::exchange(waiting_, std::exchange(next_, {}));
  if (std::exchange(again_, false) && !stopped_) begin();
  for (const Done& done : answered) done(verdict);
  if (stopped_)
    for (const Done& done : std::exchange(waiting_, {})) done(verdict);
}

}  // namespace rhumb::proxy
