// SPDX-License-Identifier: Apache-2.0
// What a filter is. One const object per configured filter, shared by all workers: it keeps no state of its own. Per
// exchange state is a slot in the arena. A filter sees messages and facts, never sockets; its test is a plain function
// call.
#pragma once
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/ids.h"
#include "config/field.h"
#include "config/section.h"
#include "config/spec.h"
#include "decision/decide.h"
#include "decision/facts.h"
#include "geo/cache.h"
#include "http/message.h"

namespace rhumb::filters {

/// An answer of our own. Everything views the exchange's arena or literals.
struct Reply {
  uint16_t status = 200;
  std::string_view location;                 // redirect; empty: none
  std::string_view body;                     // text/plain; empty: the status's standard text
  std::string_view extra_name, extra_value;  // one more field (Allow); empty: none
};

class [[nodiscard]] Verdict {
 public:
  enum class Kind : uint8_t { next, pause, reply, fail };
  static Verdict next() noexcept { return Verdict(Kind::next); }
  /// Only after ctx.wake(). The exchange sleeps until the wake, the deadline or the client's leaving: whichever is
  /// first.
  static Verdict pause() noexcept { return Verdict(Kind::pause); }
  static Verdict reply(Reply reply) noexcept {
    Verdict v(Kind::reply);
    v.more_.reply = reply;
    return v;
  }
  static Verdict fail(base::Fault fault) noexcept {
    Verdict v(Kind::fail);
    v.more_.fault = fault;
    return v;
  }
  Kind kind() const noexcept { return kind_; }
  const Reply& reply() const noexcept { return more_.reply; }  // of kind reply only
  base::Fault fault() const noexcept { return more_.fault; }   // of kind fail only

 private:
  explicit Verdict(Kind kind) noexcept : kind_(kind) {}
  // Most verdicts say next, for each filter of each request: the rest is not even cleared then.
  union More {
    More() noexcept {}
    base::Fault fault;
    Reply reply;
  };
  Kind kind_;
  More more_;
};

/// Order of a chain: phase first, then the file's order. identify runs before the route is known, with the gateway's
/// own filters; guard and shape before the region is decided; decided after; respond when the response head is there.
enum class Phase : uint8_t { identify, guard, shape, decided, respond };

/// Everything of one exchange a filter may see. Filled by the exchange; lives in it.
struct ExchangeView {
  base::Arena* arena = nullptr;
  http::RequestHead* request = nullptr;
  http::ResponseHead* response = nullptr;  // null before it is there
  std::string_view host, path;             // canonical
  std::string_view request_id, trace_id;   // set by the request_id filter
  std::string_view tenant;                 // set by the tenant filter: the name that facts.tenant stands for
  base::IpAddress peer;                    // of the socket
  bool peer_trusted = false;               // set by client_ip: the peer is one of trusted_proxies
  bool tls = false;
  decision::RequestFacts facts;                  // frozen once decided
  const decision::Policy* policy = nullptr;      // null before the route is known
  const decision::Decision* decision = nullptr;  // null before
  std::string_view route;                        // its name
  geo::Cache* places = nullptr;                  // may be null: no database
  std::span<void*> slots;                        // one per filter of the chain that runs
};

/// What a paused filter needs of its worker: one call when the deadline comes (or an answer is posted).
class Waker {
 public:
  virtual void wake_at(base::Wake name, base::Micros after) noexcept = 0;

 protected:
  ~Waker() = default;
};

class FilterContext {
 public:
  FilterContext(ExchangeView& view, base::ExchangeId id, Waker* waker) noexcept : view_(view), id_(id), waker_(waker) {}

  http::RequestHead& request() noexcept { return *view_.request; }
  http::ResponseHead& response() noexcept { return *view_.response; }
  bool has_response() const noexcept { return view_.response != nullptr; }
  decision::RequestFacts& facts() noexcept { return view_.facts; }  // frozen once decided
  const decision::Decision* decision() const noexcept { return view_.decision; }
  base::Arena& arena() noexcept { return *view_.arena; }
  ExchangeView& view() noexcept { return view_; }

  /// This filter's state for this exchange, made on first use; trivially destructible.
  template <class T>
  T& slot() {
    static_assert(std::is_trivially_destructible_v<T>);
    void*& place = view_.slots[filter_];
    if (place == nullptr) place = arena().make<T>();
    return *static_cast<T*>(place);
  }

  /// Asks for on_wake() after `deadline` at the latest and returns the name a service may post earlier. Then return
  /// pause().
  base::Wake wake(base::Micros deadline) noexcept {
    const base::Wake name{id_, filter_, ++*ticket_};
    if (waker_ != nullptr) waker_->wake_at(name, deadline);
    return name;
  }

  // For the chain only.
  void enter(uint16_t filter, uint16_t* ticket) noexcept { filter_ = filter, ticket_ = ticket; }

 private:
  ExchangeView& view_;
  base::ExchangeId id_;
  Waker* waker_;
  uint16_t filter_ = 0;
  uint16_t* ticket_ = nullptr;
};

class Filter {
 public:
  virtual ~Filter() = default;
  virtual Verdict on_request(FilterContext&) const { return Verdict::next(); }
  virtual Verdict on_wake(FilterContext&) const { return Verdict::next(); }
  virtual Verdict on_response(FilterContext&) const { return Verdict::next(); }
};

/// What a filter may need of the configuration while it is built.
struct BuildContext {
  const config::GeoSpec& geo;
  const config::TenantSpec& tenant;
  std::string_view route;  // empty for the gateway's own
};

struct FilterType {
  std::string_view name, summary;
  Phase phase;
  bool on_request, on_response;  // which calls it wants; the chain skips the others
  std::span<const config::Field> options;
  /// Null after errors, which are in the section's diagnostics.
  std::unique_ptr<const Filter> (*make)(const config::Section&, const BuildContext&);
};

}  // namespace rhumb::filters
