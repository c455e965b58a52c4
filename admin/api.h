// SPDX-License-Identifier: Apache-2.0
// The frame of the admin API: what an endpoint is, what it is asked and how it answers. An endpoint is a function on
// the control thread; it answers at once or later, by a Reply that it may keep, with one response or with a stream.
// Nobody but the server holds sessions: a Reply is a name and finds nothing once its client has gone.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "http/message.h"

namespace rhumb::admin {

/// Each may do what the one before may.
enum class Role : uint8_t { read, operate, admin };
std::string_view name(Role role) noexcept;
/// "read", "operate" or "admin"; nothing for another word.
std::optional<Role> role_of(std::string_view word) noexcept;

/// Who asks, as the server established it.
struct Caller {
  std::string name;  // "uid 0 pid 4711", "token deploy", "address 127.0.0.1": for the audit
  Role role = Role::read;
  std::string peer{};  // the same however often it connects, "uid 0": what limits for one caller hold for
};

/// Valid during the endpoint's call alone: who answers later copies what it needs.
struct Request {
  http::Method method = http::Method::get;
  std::string_view path, query, body;  // as received; the body without its framing
  const Caller& caller;
  std::vector<std::pair<std::string_view, std::string>> captures{};  // of the pattern's {name} segments, decoded
  std::string_view last_event_id{};                                  // Last-Event-ID: where a stream broke off

  /// Value of a query key, percent-decoded; empty when absent.
  std::string parameter(std::string_view key) const;
  /// Of one that may be given several times, all values in order.
  std::vector<std::string> parameters(std::string_view key) const;
  /// What stood for {name} in the path, percent-decoded. The pattern has such a segment.
  const std::string& capture(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};  // Allow, Retry-After
  std::string change{};  // for the audit alone: {"before": ..., "after": ...} of what was changed
};

/// %41 is A; what is no escape stands for itself. In a query '+' is a space.
std::string percent_decoded(std::string_view raw, bool in_query);

/// {"error": {"code": "no_such_region", "message": "..."}}: the shape of every refusal. `code` is for programs and
/// never changes; `message` is a sentence for people.
Response error_response(int status, std::string_view code, std::string_view message);

/// Where a body comes from that is not small. Owned by the server, which asks for a piece whenever the client has room
/// for it, one piece of one answer in a turn of the loop; it destroys the source when the stream ends or the client
/// goes.
class BodySource {
 public:
  enum class State : uint8_t { more, idle, done };
  virtual ~BodySource() = default;
  /// Appends a piece to `to`: at most some 64 KiB and 1 ms of work. idle: nothing now, Reply::wake() asks again. done:
  /// nothing any more.
  virtual State next(std::string& to) = 0;
  /// Goes on for as long as the client stays. Of such streams there is a limit.
  virtual bool endless() const noexcept { return false; }
};

/// Name of a request that is owed an answer, or of its stream.
using ReplyId = base::ExchangeId;

/// What a Reply speaks to: the server's sessions. What is said to a name that is no more has no effect.
class ReplySink {
 public:
  virtual void send(ReplyId id, Response response) = 0;
  virtual void stream(ReplyId id, Response head, std::unique_ptr<BodySource> source) = 0;
  virtual void wake(ReplyId id) = 0;
  virtual bool gone(ReplyId id) const = 0;

 protected:
  ~ReplySink() = default;
};

/// To be answered once, by send() or stream(); what is said after that, or after the client or the server has gone, has
/// no effect. A request that nobody answers is answered 504 after five minutes. Control thread.
class Reply {
 public:
  Reply() = default;
  Reply(std::weak_ptr<ReplySink> sink, ReplyId id) : sink_(std::move(sink)), id_(id) {}

  void send(Response response) const {
    if (const auto sink = sink_.lock()) sink->send(id_, std::move(response));
  }
  /// `head` has no body: `source` is asked for it until it is done, or the client goes.
  void stream(Response head, std::unique_ptr<BodySource> source) const {
    if (const auto sink = sink_.lock()) sink->stream(id_, std::move(head), std::move(source));
  }
  /// The source of the stream has something again. Never calls it at once.
  void wake() const {
    if (const auto sink = sink_.lock()) sink->wake(id_);
  }
  /// Answered in full, or nobody there to answer.
  bool gone() const {
    const auto sink = sink_.lock();
    return sink == nullptr || sink->gone(id_);
  }

 private:
  std::weak_ptr<ReplySink> sink_;
  ReplyId id_;
};

/// What has become of the requests of the listener; for the metrics.
struct AdminCounts {
  uint64_t requests = 0;   // heads that came in whole
  uint64_t refused = 0;    // of those, by origin, host, role or token
  uint64_t throttled = 0;  // answered 429, because of the rate
  uint64_t busy = 0;       // answered 429, because of the answers under way
  uint64_t crowded = 0;    // closed for a newer one, or answered 503: too many sessions
};

/// One method of one path.
struct Endpoint {
  http::Method method = http::Method::get;
  std::string_view pattern;  // "/v1/regions/{region}/health"
  Role role = Role::read;    // the least that may ask
  std::string_view summary;  // one sentence
  std::function<void(const Request&, Reply)> handle;
  bool urgent = false;  // little work, and wanted when all else waits: answered at once, whatever else is asked
};

}  // namespace rhumb::admin
