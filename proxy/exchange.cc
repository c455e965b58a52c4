// SPDX-License-Identifier: Apache-2.0
#include "proxy/exchange.h"

#include "base/bytes.h"
#include "decision/detour.h"
#include "filters/trace_context.h"
#include "http/uri.h"
#include "proxy/connection.h"
#include "proxy/listener.h"
#include "proxy/worker.h"
#include "sessions/affinity.h"

namespace rhumb::proxy {

using base::FaultKind;
using filters::Verdict;

Exchange::Exchange() : timer_(&Exchange::on_timer, this), write_timer_(&Exchange::on_write_timer, this) {}
Exchange::~Exchange() {
  if (worker_ == nullptr) return;
  worker_->loop().timers().remove(timer_);
  worker_->loop().timers().remove(write_timer_);
}

void Exchange::attach(Worker& worker, base::ExchangeId id) {
  if (worker_ == nullptr) {
    worker_ = &worker;
    arena_.emplace(worker.blocks());
  }
  id_ = id;
}

void Exchange::clear() {
  arena_->reset();
  client_ = nullptr;
  world_ = nullptr;
  route_ = nullptr;
  cell_ = nullptr;
  view_ = {};
  decision_ = {};
  record_ = {};
  request_ = {};
  response_ = {};
  region_name_ = runner_up_name_ = {};
  response_partial_.clear();
  if (response_partial_.capacity() > 4096) response_partial_.shrink_to_fit();
  response_parser_.reset();
  upstream_ = nullptr;
  meter_ = nullptr;
  upload_ = download_ = {};
  tried_endpoints_ = 0;
  endpoint_ = -1;
  state_ = State::idle;
  stage_ = Stage::identify;
  interims_ = stale_tries_ = 0;
  decided_ = have_token_ = authorized_ = false;
  request_chunked_ = response_chunked_ = close_delimited_ = false;
  head_answered_ = client_keep_ = body_taken_ = false;
  cut_ = surplus_ = upload_over_ = false;
  client_ended_ = upstream_ended_ = passed_to_client_ = passed_to_upstream_ = false;
}

void Exchange::open_view() {
  world_ = &worker_->world();
  worker_->hold_world();
  worker_->cells().exchanges.add();
  worker_->cells().requests.add();
  cell_ = worker_->cells().unrouted;
  record_.started = worker_->loop().now();
  view_.arena = &*arena_;
  view_.request = &request_;
  view_.peer = client_->peer().ip;
  view_.facts.client = view_.peer;
  view_.places = world_->places();
}

void Exchange::refuse(Connection& client, base::Fault fault) {
  client_ = &client;
  open_view();
  request_.keep_alive = false;
  // Where its request ends nobody knows: it may still be sending, and wants to be let finish to read our answer.
  request_body_.start({http::BodyKind::until_close}, FaultKind::bad_request);
  // What was parsed so far may be half of a head: nothing of it is used.
  request_.method_text = {};
  view_.request_id = filters::fresh_id(*arena_);
  fail(fault);
}

void Exchange::begin(Connection& client) {
  client_ = &client;
  open_view();
  request_body_.start(request_.framing, FaultKind::bad_request);
  if (request_.framing.kind == http::BodyKind::chunked)
    request_body_.set_trailer_buffer(arena_->allocate_chars(http::BodyDecoder::kMaxTrailers),
                                     http::BodyDecoder::kMaxTrailers);
  state_ = State::filters;
  name_.set(view_.peer, request_.method_text, request_.host.host, request_.path);
  worker_->look_after(name_);
  if (!canonicalise()) return;
  if (worker_->strain() >= base::Strain::requests) return fail({FaultKind::overloaded, "memory"});
  cursor_.start(*world_->config().gateway_chain, view_);
  stage_ = Stage::identify;
  advance();
}

bool Exchange::canonicalise() {
  view_.host = http::canonical_host(request_.host, *arena_).host;
  if (request_.form == http::TargetForm::asterisk) {
    view_.path = "*";
    return true;
  }
  auto path = http::canonical_path(request_.path, *arena_);
  if (!path) return fail(path.error()), false;
  view_.path = *path;
  return true;
}

/// Runs stages until one waits, answers or fails.
void Exchange::advance() {
  while (state_ == State::filters) {
    if (!run_stage()) return;
    stage_ = static_cast<Stage>(static_cast<uint8_t>(stage_) + 1);
  }
}

bool Exchange::run_stage() {
  using filters::Phase;
  filters::FilterContext ctx = context();
  switch (stage_) {
    case Stage::identify:
      return accept(cursor_.run_request(ctx, Phase::identify, Phase::identify));
    case Stage::route:
      return route();
    case Stage::guard:
      return accept(cursor_.run_request(ctx, Phase::guard, Phase::shape));
    case Stage::decide:
      return decide();
    case Stage::decided:
      return accept(cursor_.run_request(ctx, Phase::decided, Phase::decided));
    case Stage::forward:
      start_attempt(false);
      return false;
  }
  return false;
}

bool Exchange::accept(const Verdict& verdict) {
  switch (verdict.kind()) {
    case Verdict::Kind::next:
      return true;
    case Verdict::Kind::pause:
      return false;
    case Verdict::Kind::reply:
      reply(verdict.reply());
      return false;
    case Verdict::Kind::fail:
      fail(verdict.fault());
      return false;
  }
  return false;
}

bool Exchange::route() {
  const ConfigSnapshot& config = world_->config();
  view_.facts.where.country.known() ? worker_->cells().geo_found.add() : worker_->cells().geo_unknown.add();
  const uint32_t index =
      config.table->match({request_, view_.host, view_.path, view_.facts.client, view_.request_id, *arena_});
  if (index == decision::RouteTable::kTooLong)
    return fail({FaultKind::uri_too_long, "the path, for the patterns of its host"}), false;
  if (index == decision::RouteTable::kNone) {
    const bool known = config.table->knows_host(view_.host);
    return fail({known ? FaultKind::no_route : FaultKind::misdirected, ""}), false;
  }
  route_ = &config.routes[index];
  cell_ = route_->cells[worker_->index()].back();
  view_.route = route_->name;
  view_.policy = &route_->policy;
  idle_limit_ = route_->response_idle;
  head_limit_ = route_->response_head;
  tunnel_limit_ = route_->tunnel;
  max_body_ = route_->max_body;
  body_limit_ = route_->request_body.count() != 0 ? route_->request_body : client_->listener().state().request_body;
  worker_->earn_retry(route_->retry_budget);
  if (max_body_ != 0 && request_.framing.kind == http::BodyKind::length && request_.framing.length > max_body_)
    return fail({FaultKind::body_too_large, "declared length"}), false;
  authorized_ = request_.fields.has(http::FieldId::authorization);  // the route's filters may add one
  cursor_.start(*route_->chain, view_);
  return answer_options();
}

/// RFC 9110 7.6.2: OPTIONS with Max-Forwards 0 ends here; else the count goes down.
bool Exchange::answer_options() {
  if (request_.method != http::Method::options) return true;
  const http::Field* field = request_.fields.find(http::FieldId::max_forwards);
  if (field == nullptr) return true;
  const auto hops = base::parse_digits<uint32_t>(field->value);
  if (!hops) return fail({FaultKind::bad_request, "Max-Forwards is not a number"}), false;
  if (*hops == 0) {
    reply({.status = 200, .body = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\n"});
    return false;
  }
  char text[12];
  const auto end = std::to_chars(text, text + sizeof text, *hops - 1);
  request_.fields.set(http::FieldId::max_forwards, arena_->copy({text, static_cast<size_t>(end.ptr - text)}));
  return true;
}

void Exchange::read_affinity() {
  const auto& sessions = world_->config().spec.sessions;
  const auto read = sessions::read_preference(request_.fields, sessions.cookie, view_.tenant, world_->codec(),
                                              world_->region_lookup(), worker_->loop().wall());
  view_.facts.preference = read.preference;
  have_token_ = read.token.has_value();
  if (have_token_) token_ = *read.token;
}

bool Exchange::decide() {
  if (route_->affinity) read_affinity();
  const std::optional<base::Fault> fault = choose_region();
  if (fault) fail(*fault);
  return !fault;
}

/// Asks decide() and takes its winner. A fault: nobody may or can serve this request.
std::optional<base::Fault> Exchange::choose_region() {
  const decision::Policy& policy = route_->policy;
  auto rows = arena_->make_array<decision::Candidate>(policy.regions->size());
  const uint64_t draw = worker_->next_draw(policy.strategy->sequential);
  const decision::Decision made = decision::decide(policy, world_->states(), view_.facts, draw, rows);
  count_decision(made);
  record_decision(made);
  if (made.winner == decision::kNoRegion && decided_) return base::Fault{FaultKind::no_region, "tried them all"};
  decision_ = made;
  decided_ = true;
  view_.decision = &decision_;
  const bool contested = made.runner_up != decision::kNoRegion;
  runner_up_name_ = contested ? std::string_view((*policy.regions)[made.runner_up].name) : std::string_view{};
  if (made.winner == decision::kNoRegion) {
    const bool fenced = made.reason == decision::Reason::fenced;
    return base::Fault{fenced ? FaultKind::fenced : FaultKind::no_region, ""};
  }
  region_name_ = (*policy.regions)[made.winner].name;
  cell_ = route_->cells[worker_->index()][made.winner];
  tried_endpoints_ = 0;
  return std::nullopt;
}

void Exchange::count_decision(const decision::Decision& made) noexcept {
  admin::WorkerCells& cells = worker_->cells();
  cells.affinity[static_cast<size_t>(made.affinity)].add();
  const auto reason = static_cast<size_t>(made.reason);
  if (made.winner == decision::kNoRegion) return cells.undecided[reason].add();
  upstream::RegionMeter& meter = *world_->region(made.winner).meter;
  meter.decisions[reason].add();
  if (const double km = decision::detour_km(made, *route_->policy.regions, view_.facts); km >= 0)
    meter.detour.observe(static_cast<int64_t>(km));
}

/// For the flight recorder, as the configuration of the request says.
void Exchange::record_decision(const decision::Decision& made) noexcept {
  foresight::Lane* const lane = worker_->recorder();
  const ConfigSnapshot& config = world_->config();
  const config::RecorderSpec& spec = config.spec.recorder;
  if (lane == nullptr || config.policies_id == 0) return;
  if (spec.sample < 1 && base::unit_interval(worker_->random().next()) >= spec.sample) return;
  const auto route = static_cast<uint32_t>(route_ - config.routes.data());
  const uint64_t session = have_token_ ? foresight::session_hash(token_.session) : 0;
  const bool recorded = lane->record({view_.facts, made, config.policies_id, config.generation, route, session},
                                     world_->states(), {request_.method_text, view_.host, view_.path},
                                     {spec.clients, spec.targets}, worker_->loop().wall());
  (recorded ? worker_->cells().recorded : worker_->cells().unrecorded).add();
}

void Exchange::wake_at(base::Wake name, base::Micros after) noexcept {
  waiting_for_ = name;
  arm(TimerKind::wake, after);
}

void Exchange::on_wake(base::Wake wake) {
  if (state_ != State::filters || !cursor_.paused()) {
    worker_->cells().stale_wakes.add();
    return;
  }
  bool stale = false;
  filters::FilterContext ctx = context();
  const Verdict verdict = cursor_.resume(ctx, wake, stale);
  if (stale) {
    worker_->cells().stale_wakes.add();
    return;
  }
  if (!cursor_.paused()) disarm();
  if (!accept(verdict)) return;
  stage_ = static_cast<Stage>(static_cast<uint8_t>(stage_) + 1);
  advance();
}

void Exchange::arm(TimerKind kind, base::Micros after) {
  timer_kind_ = kind;
  worker_->loop().timers().arm(timer_, worker_->loop().now() + after);
}

void Exchange::disarm() noexcept {
  timer_kind_ = TimerKind::none;
  worker_->loop().timers().cancel(timer_);
}

void Exchange::on_timer(void* self) noexcept {
  auto& exchange = *static_cast<Exchange*>(self);
  exchange.timed_out(std::exchange(exchange.timer_kind_, TimerKind::none));
}

void Exchange::timed_out(TimerKind kind) {
  if (state_ == State::done || state_ == State::idle) return;
  worker_->look_after(name_);
  switch (kind) {
    case TimerKind::none:
      return;
    case TimerKind::wake:
      worker_->wake(waiting_for_);
      worker_->loop().do_not_wait();
      return;
    case TimerKind::connect:
      return attempt_failed({FaultKind::connect_timeout, ""});
    case TimerKind::response_head:
      return attempt_failed({FaultKind::upstream_head_timeout, ""});
    case TimerKind::response_idle:
      return truncate(FaultKind::upstream_idle_timeout);
    case TimerKind::tunnel: {
      FaultKind kind_of = FaultKind::upstream_idle_timeout;
      return end_tunnel(&kind_of);
    }
  }
}

bool Exchange::has_had_its_turn(int rounds) {
  if (rounds == 0 || (rounds < kRounds && !worker_->must_yield())) return false;
  upstream_->stream().announce();
  return true;
}

void Exchange::on_client() noexcept {
  if (state_ == State::done || state_ == State::idle) return;
  worker_->look_after(name_);
  net::TcpStream& client = client_->stream();
  if (state_ == State::tunnel) return pump_tunnel();
  if (client.pending() != 0 && client.writable()) {
    if (!client.flush()) return client_lost(FaultKind::client_gone);
    watch_writes();
    if (state_ == State::flushing) return flush_then_finish();
  }
  const bool held = response_splice_.held() != 0;
  if (upstream_ != nullptr && (state_ == State::streaming || state_ == State::waiting) && client.pending() == 0 &&
      (held || upstream_->stream().may_read()))
    pump_response();
  if (state_ == State::done) return;
  if (state_ == State::filters || state_ == State::connecting) return watch_client();
  pump_request();
}

void Exchange::on_upstream() noexcept {
  if (state_ == State::done || upstream_ == nullptr) return;
  worker_->look_after(name_);
  if (state_ == State::tunnel) return pump_tunnel();
  if (state_ == State::connecting) {
    if (upstream_->state() == upstream::Connection::State::connecting) return;
    if (upstream_->state() == upstream::Connection::State::failed) {
      const bool refused = upstream_->error() == ECONNREFUSED;
      return attempt_failed({refused ? FaultKind::connect_refused : FaultKind::connect_failed, "connect"});
    }
    return send_request_head();
  }
  net::TcpStream& up = upstream_->stream();
  if (up.pending() != 0 && up.writable() && !up.flush()) {
    // The upstream stopped listening; what it said before that may still be a whole answer.
    return request_failed({FaultKind::upstream_reset, "while sending"});
  }
  if (up.may_read()) {
    const bool sent = request_body_.done() && !upload_held() && up.pending() == 0;
    if (sent && client_holds_response()) return up.pause();
    pump_response();
  }
  if (state_ == State::waiting || state_ == State::streaming) pump_request();
}

void Exchange::on_client_timeout(FaultKind kind) noexcept {
  if (state_ == State::done) return;
  if (state_ == State::tunnel) return end_tunnel(&kind);
  if (kind == FaultKind::client_body_timeout && !head_answered_) return fail({kind, "request body stalled"});
  client_lost(kind);
}

void Exchange::abort(FaultKind kind) {
  if (state_ == State::done || state_ == State::idle) return;
  if (state_ == State::tunnel) return end_tunnel(&kind);
  if (!head_answered_ && state_ != State::flushing) return fail({kind, ""});
  client_lost(kind);
}

/// A configuration that was replaced while the region thought about its answer asked nobody then; now is the time.
void Exchange::let_go_of_old_world() {
  if (world_ != nullptr && !world_->current) detach_from_world();
}

void Exchange::detach_from_world() {
  if (world_ == nullptr || (state_ != State::streaming && state_ != State::tunnel)) return;
  region_name_ = arena_->copy(region_name_);
  runner_up_name_ = arena_->copy(runner_up_name_);
  record_.endpoint = arena_->copy(record_.endpoint);
  view_.route = arena_->copy(view_.route);
  view_.policy = nullptr;
  view_.places = nullptr;
  view_.facts.where.city = view_.facts.where.subdivision = {};
  decision_.candidates = {};
  worker_->drop_world(*std::exchange(world_, nullptr));
  route_ = nullptr;
}

}  // namespace rhumb::proxy
