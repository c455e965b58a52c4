// SPDX-License-Identifier: Apache-2.0
// For tests of endpoints: calls a router as a server would, and keeps what it answers. The test's thread.
#pragma once
#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "admin/router.h"

namespace rhumb::admin::testing {

class Replies final : public ReplySink {
 public:
  void send(ReplyId id, Response response) override {
    if (gone(id)) return;
    answered = std::move(response);
    ++answers;
  }
  void stream(ReplyId id, Response head, std::unique_ptr<BodySource> from) override {
    if (gone(id)) return;
    answered = std::move(head);
    source = std::move(from);
    ++answers;
  }
  void wake(ReplyId id) override { wakes += id == current ? 1 : 0; }
  bool gone(ReplyId id) const override { return !(id == current) || (answered && source == nullptr); }

  ReplyId current{0, 0};
  std::optional<Response> answered;  // of the last call
  std::unique_ptr<BodySource> source;
  int answers = 0, wakes = 0;
};

/// One request after the other, each as a caller of `role`.
class Asking {
 public:
  explicit Asking(const Router& router) : router_(router) {}
  /// What the endpoint answered at once, and a stream that has an end to its end: status 0 when it did not. `target` is
  /// path?query.
  Response ask(http::Method method, std::string_view target, std::string_view body = {}, Role role = Role::admin) {
    replies->answered.reset();
    replies->source.reset();
    ++replies->current.generation;
    caller_ = {"tester", role};
    const size_t mark = target.find('?');
    const std::string_view query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    Request request{method, target.substr(0, mark), query, body, caller_};
    request.last_event_id = last_event_id;
    router_.handle(request, {replies, replies->current});
    read();
    return replies->answered.value_or(Response{.status = 0});
  }
  Response get(std::string_view target, Role role = Role::admin) { return ask(http::Method::get, target, {}, role); }

  /// A stream that has an end, piece by piece.
  void read() {
    pieces = longest = 0;
    BodySource* const source = replies->source.get();
    if (source == nullptr || source->endless()) return;
    for (auto state = BodySource::State::more; state == BodySource::State::more; ++pieces) {
      std::string piece;
      state = source->next(piece);
      longest = std::max(longest, piece.size());
      replies->answered->body += piece;
    }
  }

  std::shared_ptr<Replies> replies = std::make_shared<Replies>();
  std::string last_event_id;
  size_t pieces = 0, longest = 0;  // of the last stream

 private:
  const Router& router_;
  Caller caller_;
};

}  // namespace rhumb::admin::testing
