// SPDX-License-Identifier: Apache-2.0
// One request and its response: filters, decision, attempts, both bodies, the end. The life of it:
//
//   begin -> filters -> (paused) -> connecting -> waiting -> streaming | tunnel -> flushing -> done
//                 \-> replying (an answer of our own) --------------------------/
//
// Owned by its worker's slot table; everybody else holds its ExchangeId. All memory of the request is its arena. After
// finish() the slot is given back at the end of the turn, and every entry point finds state done until then. Worker's
// thread.
//   exchange.cc  begin, stages, filters, decision        reply.cc    answers of our own, the end, accounting
//   forward.cc   attempts, request body, retries         response.cc response head and body      tunnel.cc  after a 101
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/arena.h"
#include "base/ids.h"
#include "decision/decide.h"
#include "filters/chain.h"
#include "http/h1_parser.h"
#include "http/h1_writer.h"
#include "net/timer.h"
#include "proxy/connection.h"
#include "proxy/exchange_name.h"
#include "proxy/local_world.h"
#include "proxy/out.h"
#include "proxy/pace.h"
#include "proxy/pipes.h"
#include "sessions/token.h"
#include "upstream/connection.h"

namespace rhumb::proxy {

class Worker;

constexpr size_t kHighWater = 16 * 1024;  // pending bytes above which the other side is not read
constexpr int kRounds = 8;                // receives a step before others get theirs

/// What the access log and the metrics say of an exchange. Everything else they say stands in the exchange itself.
struct ExchangeRecord {
  base::Instant started{}, sent{}, first_byte{};
  base::Micros own{};                    // time the gateway itself took
  uint64_t bytes_in = 0, bytes_out = 0;  // bodies
  uint16_t status = 0;                   // told to the client; 0: none
  uint8_t tries = 0;
  bool reused = false;  // the last attempt's connection had served before
  bool upgraded = false, truncated = false;
  std::optional<base::FaultKind> fault;
  std::optional<base::FaultKind> cut;  // what ended it before its response was out; the first of several
  const char* detail = "";             // what exactly the fault was
  std::string_view endpoint;           // of the last attempt
};

class Exchange final : public upstream::Borrower, private filters::Waker {
 public:
  Exchange();
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // By the worker, once per slot and per use.
  void attach(Worker& worker, base::ExchangeId id);
  void clear();

  base::Arena& arena() noexcept { return *arena_; }
  http::RequestHead& request() noexcept { return request_; }
  base::ExchangeId id() const noexcept { return id_; }

  /// The head is parsed and stands in the connection's input buffer.
  void begin(Connection& client);
  /// The head could not be parsed, or did not come in time.
  void refuse(Connection& client, base::Fault fault);

  void on_client() noexcept;
  void on_upstream() noexcept override;
  void on_client_timeout(base::FaultKind kind) noexcept;
  void on_wake(base::Wake wake);
  /// Ends now, with a fault of ours (shutdown).
  void abort(base::FaultKind kind);
  bool in_tunnel() const noexcept { return state_ == State::tunnel; }
  /// Between begin() and its end: something would be lost by cutting it.
  bool active() const noexcept { return state_ != State::idle && state_ != State::done; }
  /// Lets go of the world: a stream that goes on for long keeps only what it needs.
  void detach_from_world();

  // For the access log.
  const ExchangeRecord& record() const noexcept { return record_; }
  const http::RequestHead& request() const noexcept { return request_; }
  const filters::ExchangeView& view() const noexcept { return view_; }
  const decision::Decision& decision() const noexcept { return decision_; }
  const decision::Regions* regions() const noexcept {
    return decided_ && world_ != nullptr ? world_->config().regions.get() : nullptr;
  }
  std::string_view region_name() const noexcept { return region_name_; }
  std::string_view runner_up_name() const noexcept { return runner_up_name_; }
  bool decided() const noexcept { return decided_; }
  std::string_view listener_name() const noexcept;

 private:
  enum class State : uint8_t { idle, filters, connecting, waiting, streaming, tunnel, flushing, done };
  enum class Stage : uint8_t { identify, route, guard, decide, decided, forward };
  enum class TimerKind : uint8_t { none, wake, connect, response_head, response_idle, tunnel };

  // exchange.cc
  void advance();
  bool run_stage();
  bool accept(const filters::Verdict& verdict);
  bool canonicalise();
  bool route();
  bool answer_options();
  bool decide();
  std::optional<base::Fault> choose_region();
  void count_decision(const decision::Decision& made) noexcept;
  void record_decision(const decision::Decision& made) noexcept;
  void read_affinity();
  void open_view();
  void wake_at(base::Wake name, base::Micros after) noexcept override;
  static void on_timer(void* self) noexcept;
  void timed_out(TimerKind kind);
  void let_go_of_old_world();
  void arm(TimerKind kind, base::Micros after);
  void disarm() noexcept;
  filters::FilterContext context() noexcept { return {view_, id_, this}; }
  /// After `rounds` receives of a step: others have their turn, and a further step is announced.
  bool has_had_its_turn(int rounds);

  // forward.cc
  void start_attempt(bool fresh);
  bool pick_endpoint();
  void send_request_head();
  size_t write_request_head(std::span<char> to);
  void pump_request();
  void watch_upload(bool progress);
  bool take_request_bytes(Out& out, std::string_view bytes, size_t& used);
  bool read_request(Out& out, bool& more);
  bool can_splice_request();
  bool splice_request(bool& progress);
  /// The upstream has not got all that was taken from the client for it.
  bool upload_held() const noexcept { return request_splice_.held() != 0; }
  void watch_client();
  void request_failed(base::Fault fault);
  void attempt_failed(base::Fault fault);
  base::Fault final_fault(const base::Fault& fault) const noexcept;
  bool retry(const base::Fault& fault, bool stale);
  void end_attempt(bool reusable);

  // response.cc
  void pump_response();
  bool response_bytes(std::string_view bytes);
  enum class Next : uint8_t { more, wait, over };
  Next response_head(Out& out, std::string_view& bytes);
  Next final_response(Out& out, std::string_view bytes);
  Next response_body(Out& out, std::string_view& bytes);
  void interim_response(Out& out);
  void frame_response();
  void write_response_head(http::Writer& to);
  std::optional<sessions::Token> renewed_token() const noexcept;
  bool keep_from_shared_caches();
  void write_session_cookie(http::Writer& to, const sessions::Token& token);
  net::IoResult read_along(Out& out, std::string_view& bytes);
  bool can_splice_response();
  bool splice_response();
  bool client_holds_response() noexcept;
  void upstream_ended(bool error);
  void response_complete();
  void truncate(base::FaultKind kind);

  // tunnel.cc
  void start_tunnel(std::string_view early);
  void pump_tunnel();
  net::TcpStream* move(net::TcpStream& from, net::TcpStream& to, bool& from_ended, uint64_t& count);
  static bool pass_end(net::TcpStream& to, bool from_ended, bool& passed);
  void end_tunnel(base::FaultKind* fault);

  // reply.cc
  void fail(base::Fault fault);
  void reply(const filters::Reply& reply, std::optional<base::Fault> fault = std::nullopt);
  bool may_promise_more() const noexcept;
  void flush_then_finish();
  void finish(Connection::End how);
  void account();
  void write_access_line(base::Instant now);
  void write_reply(Out& out, const filters::Reply& reply, const std::optional<base::Fault>& fault);
  void client_lost(base::FaultKind kind);
  void watch_writes(size_t held = 0);
  static void on_write_timer(void* self) noexcept;
  void look_at_reader();
  base::Micros longest_pause() const noexcept;

  Worker* worker_ = nullptr;
  std::optional<base::Arena> arena_;
  base::ExchangeId id_;
  net::Timer timer_;
  net::Timer write_timer_;        // while the client owes us reading
  uint64_t delivered_ = 0;        // to it, when that timer looked last
  base::Instant delivered_at_{};  // when that had changed last
  Connection* client_ = nullptr;
  LocalWorld* world_ = nullptr;
  const RouteState* route_ = nullptr;  // in the world
  admin::RouteCells* cell_ = nullptr;  // of the route and region, once known; lives as long as the process

  http::RequestHead request_;
  http::ResponseHead response_;
  http::BodyDecoder request_body_, response_body_;
  http::ResponseParser response_parser_;
  filters::ExchangeView view_;
  filters::ChainCursor cursor_;
  decision::Decision decision_;
  sessions::Token token_;
  ExchangeRecord record_;
  ExchangeName name_;
  std::string_view region_name_, runner_up_name_;
  std::string response_partial_;  // an incomplete response head
  upstream::Connection* upstream_ = nullptr;
  upstream::RegionMeter* meter_ = nullptr;
  Splice request_splice_, response_splice_;
  Pace upload_, download_;  // of the client
  base::Instant request_sent_{};
  base::Wake waiting_for_{};
  uint64_t tried_endpoints_ = 0;
  Micros tunnel_limit_{}, idle_limit_{}, head_limit_{}, body_limit_{};
  uint64_t max_body_ = 0;
  int endpoint_ = -1;
  State state_ = State::idle;
  Stage stage_ = Stage::identify;
  TimerKind timer_kind_ = TimerKind::none;
  uint8_t interims_ = 0, stale_tries_ = 0;
  bool decided_ = false, have_token_ = false;
  bool authorized_ = false;  // the client sent Authorization
  bool request_chunked_ = false, response_chunked_ = false, close_delimited_ = false;
  bool head_answered_ = false;                          // a final response head went to the client
  bool client_keep_ = false;                            // the client was told it may go on
  bool body_taken_ = false;                             // request body bytes left for an upstream
  bool cut_ = false;                                    // the response could not be completed: the client must see that
  bool upload_over_ = false;                            // the upstream takes no more of the request
  bool surplus_ = false;                                // the upstream sent more than its response
  bool client_ended_ = false, upstream_ended_ = false;  // tunnel: which side sent its end,
  bool passed_to_client_ = false, passed_to_upstream_ = false;  // and where it was passed on
};

}  // namespace rhumb::proxy
