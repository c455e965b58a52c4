// SPDX-License-Identifier: Apache-2.0
#include "proxy/sockets.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"

namespace rhumb::proxy {

const Sockets::Open* Sockets::find(const std::vector<Open>& in, const ListenerState& state) const {
  const auto same = std::find_if(
      in.begin(), in.end(), [&](const Open& one) { return one.name == state.name && one.configured == state.address; });
  return same != in.end() ? &*same : nullptr;
}

std::optional<Sockets::OfWorkers> Sockets::open(const Listeners& wanted) {
  fresh_.clear();
  OfWorkers sockets(workers_);
  for (const auto& state : wanted)
    if (find(open_, *state) == nullptr && !open_one(state, sockets)) return std::nullopt;
  return sockets;
}

/// At least one a worker, in `fds`, all of one address, `at`. What is wrong, or nothing.
std::string Sockets::fill(const std::shared_ptr<const ListenerState>& state, std::vector<net::Fd>& fds,
                          base::SocketAddress& at) {
  const size_t inherited = fds.size();
  const bool renamed =
      std::any_of(open_.begin(), open_.end(), [&](const Open& one) { return one.configured == state->address; });
  // Workers share an address, and so would another gateway that is running already.
  if (inherited == 0 && !renamed)
    if (std::string problem = net::why_taken(at); !problem.empty()) return problem;
  while (fds.size() < workers_) {
    auto fd = net::listen_tcp(at, state->backlog);
    // A socket somebody else made may not allow another at its address: then workers share it.
    if (!fd && inherited != 0) fd = net::Fd(::fcntl(fds[fds.size() % inherited].get(), F_DUPFD_CLOEXEC, 3));
    if (!fd) return fd.error();
    fds.push_back(std::move(*fd));
    at = net::local_address(fds.back().get());  // with port 0, all workers share what the first one got
  }
  return {};
}

bool Sockets::open_one(const std::shared_ptr<const ListenerState>& state, OfWorkers& sockets) {
  base::SocketAddress at = state->address;
  std::vector<net::Fd> fds;
  std::string problem;
  for (net::Fd fd = net::take_tcp_listener(inherited_, at, state->name); fd && problem.empty();
       fd = net::take_tcp_listener(inherited_, at, state->name)) {
    if (const auto adopted = net::adopt_listener(fd, state->backlog); !adopted) problem = adopted.error();
    fds.push_back(std::move(fd));
  }
  if (!fds.empty()) at = net::local_address(fds.front().get());
  if (problem.empty()) problem = fill(state, fds, at);
  if (!problem.empty()) {
    base::log(base::LogLevel::error, "listener {}: {}", state->name, problem);
    return false;
  }
  Open& open = fresh_.emplace_back(Open{state->name, state->address, at, {}});
  for (size_t i = 0; i < fds.size(); ++i) {
    open.fds.push_back(fds[i].get());
    sockets[i % workers_].push_back({state, std::move(fds[i])});
  }
  return true;
}

std::vector<std::string> Sockets::settle(const Listeners& wanted) {
  std::vector<Open> all;
  for (const auto& state : wanted) {
    const Open* known = find(open_, *state);
    if (known == nullptr) known = find(fresh_, *state);
    if (known != nullptr) all.push_back(*known);
  }
  std::vector<std::string> gone;
  for (const Open& one : open_) {
    const bool stays = std::any_of(all.begin(), all.end(), [&](const Open& other) { return other.name == one.name; });
    if (!stays) gone.push_back(one.name);
  }
  open_ = std::move(all);
  fresh_.clear();
  return gone;
}

void Sockets::drop_unclaimed() {
  for (const net::Inherited& one : inherited_)
    base::log(base::LogLevel::warning, "an inherited socket ({}) belongs to no listener and is closed", one.name);
  inherited_.clear();
}

std::vector<std::string> Sockets::names() const {
  std::vector<std::string> out;
  for (const Open& one : open_) out.push_back(one.name);
  return out;
}

std::vector<int> Sockets::of(std::string_view name) const {
  for (const Open& one : open_)
    if (one.name == name) return one.fds;
  return {};
}

std::string Sockets::describe() const {
  std::string out;
  for (const Open& one : open_) out += fmt::format("{}={} ", one.name, one.bound.to_string());
  return out;
}

}  // namespace rhumb::proxy
