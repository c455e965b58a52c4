// SPDX-License-Identifier: Apache-2.0
// After a 101 that was asked for: bytes both ways until both sides have ended. Half-closes are passed on.
#include "proxy/exchange.h"
#include "proxy/worker.h"

namespace rhumb::proxy {

using base::FaultKind;

void Exchange::start_tunnel(std::string_view early) {
  disarm();
  state_ = State::tunnel;
  record_.upgraded = true;
  worker_->cells().tunnels.add();
  client_->stop_expecting();
  client_ended_ = client_->client_finished();  // heard before the answer; no event will tell again
  let_go_of_old_world();
  record_.bytes_out += early.size();
  if (!early.empty() && !client_->stream().write(early)) {
    FaultKind gone = FaultKind::client_gone;
    return end_tunnel(&gone);
  }
  // Bytes the client sent behind its request were held back until now.
  while (!client_->at_hand().empty()) {
    const std::string_view held = client_->at_hand();
    record_.bytes_in += held.size();
    if (!upstream_->stream().write(held)) {
      FaultKind gone = FaultKind::upstream_reset;
      return end_tunnel(&gone);
    }
    client_->take(held.size());
  }
  arm(TimerKind::tunnel, tunnel_limit_);
  pump_tunnel();
}

/// One direction. Returns the side that broke, or null.
net::TcpStream* Exchange::move(net::TcpStream& from, net::TcpStream& to, bool& from_ended, uint64_t& count) {
  for (int round = 0; from.may_read() && !from_ended && to.pending() <= kHighWater; ++round) {
    if (has_had_its_turn(round)) return nullptr;
    const net::IoResult r = from.read(worker_->read_buffer(from));
    if (r.status == net::IoStatus::would_block) return nullptr;
    if (r.status == net::IoStatus::error) return &from;
    if (r.status == net::IoStatus::end) {
      from_ended = true;
      return nullptr;
    }
    count += r.bytes;
    if (!to.write({worker_->read_buffer().data(), r.bytes})) return &to;
    arm(TimerKind::tunnel, tunnel_limit_);
  }
  return nullptr;
}

/// Passes an end on once everything before it is out. True when this direction is finished.
bool Exchange::pass_end(net::TcpStream& to, bool from_ended, bool& passed) {
  if (from_ended && !passed && to.pending() == 0) {
    to.shutdown_write();
    passed = true;
  }
  return passed;
}

void Exchange::pump_tunnel() {
  net::TcpStream& client = client_->stream();
  net::TcpStream& up = upstream_->stream();
  const net::TcpStream* broken = nullptr;
  for (net::TcpStream* to : {&client, &up}) {
    const size_t before = to->pending();
    if (broken != nullptr || before == 0 || !to->writable()) continue;
    if (!to->flush()) broken = to;
    if (to->pending() < before) arm(TimerKind::tunnel, tunnel_limit_);  // what is read slowly is carried, too
  }
  if (broken == nullptr) broken = move(client, up, client_ended_, record_.bytes_in);
  if (broken == nullptr) broken = move(up, client, upstream_ended_, record_.bytes_out);
  if (broken != nullptr) {
    FaultKind kind = broken == &up ? FaultKind::upstream_reset : FaultKind::client_gone;
    return end_tunnel(&kind);
  }
  watch_writes();
  const bool there = pass_end(up, client_ended_, passed_to_upstream_);
  const bool back = pass_end(client, upstream_ended_, passed_to_client_);
  if (there && back) end_tunnel(nullptr);
}

void Exchange::end_tunnel(FaultKind* fault) {
  worker_->cells().tunnels.sub();
  if (fault != nullptr) {
    record_.cut = record_.fault = *fault;
    worker_->cells().faults[static_cast<size_t>(*fault)].add();
  }
  end_attempt(false);
  finish(fault != nullptr ? Connection::End::reset : Connection::End::close);
}

}  // namespace rhumb::proxy
