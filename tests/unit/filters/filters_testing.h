// SPDX-License-Identifier: Apache-2.0
// Shared by the tests of filters: one exchange without sockets, and chains read from configuration text.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "config/load.h"
#include "filters/chain.h"
#include "filters/registry.h"

namespace rhumb::filters::testing {

inline base::IpAddress ip(std::string_view text) {
  const auto address = base::IpAddress::parse(text);
  RHUMB_ASSERT(address.has_value());
  return *address;
}

/// Remembers what filters asked for.
struct FakeWaker final : Waker {
  struct Asked {
    base::Wake name;
    base::Micros after;
  };
  std::vector<Asked> asked;
  void wake_at(base::Wake name, base::Micros after) noexcept override { asked.push_back({name, after}); }
};

/// A GET of http://www.example.org/a from 198.51.100.7.
class TestExchange {
 public:
  TestExchange() {
    request.method_text = "GET";
    request.target = request.path = "/a";
    request.authority = "www.example.org";
    request.fields.init(arena, 64);
    response.status = 200;
    response.fields.init(arena, 64);
    view.arena = &arena;
    view.request = &request;
    view.host = "www.example.org";
    view.path = "/a";
    view.request_id = "0123456789abcdef0123456789abcdef";
    view.peer = view.facts.client = ip("198.51.100.7");
  }

  TestExchange& with(std::string_view name, std::string_view value) {
    RHUMB_ASSERT(request.fields.add(arena.copy(name), arena.copy(value)));
    return *this;
  }
  TestExchange& from(std::string_view peer) {
    view.peer = view.facts.client = ip(peer);
    return *this;
  }
  std::string field(std::string_view name) const { return std::string(request.fields.get(name)); }
  /// All values of a name, holes left out.
  static std::vector<std::string> values(const http::Headers& fields, std::string_view name) {
    std::vector<std::string> found;
    for (const http::Field& f : fields.all())
      if (f.id != http::FieldId::removed && base::iequals(f.name, name)) found.emplace_back(f.value);
    return found;
  }

  FilterContext context() { return {view, {3, 1}, &waker}; }
  Verdict run(const Chain& chain, Phase from = Phase::identify, Phase to = Phase::decided) {
    cursor.start(chain, view);
    FilterContext ctx = context();
    return cursor.run_request(ctx, from, to);
  }
  Verdict run_response(const Chain& chain) {
    view.response = &response;
    cursor.start(chain, view);
    FilterContext ctx = context();
    return cursor.run_response(ctx);
  }

  base::BlockPool pool;
  base::Arena arena{pool};
  http::RequestHead request;
  http::ResponseHead response;
  ExchangeView view;
  FakeWaker waker;
  ChainCursor cursor;
};

/// The chain of a route with these filters ("[redirect: {to: /}]"), and what is wrong with it.
struct Built {
  config::Loaded loaded;
  std::shared_ptr<const Chain> chain;
  std::vector<int> codes() const {
    std::vector<int> result;
    for (const config::Diagnostic& d : loaded.diagnostics.sorted()) result.push_back(d.code);
    return result;
  }
  std::string text() const { return config::render(loaded.diagnostics, loaded.sources); }
};

inline config::Loaded load(const std::string& more) {
  return config::load_text(
      "listeners: [{name: web, address: \"127.0.0.1:8080\"}]\n"
      "regions: [{name: eu-west, location: {latitude: 53, longitude: -6}, endpoints: [\"127.0.0.1:9001\"]}]\n" +
          more,
      "test.yaml");
}

inline Built build(const std::string& filters) {
  Built built{load("routes: [{name: api, filters: [" + filters + "]}]\n"), nullptr};
  built.chain = build_chain(built.loaded.spec.routes.at(0).filters,
                            {built.loaded.spec.geo, built.loaded.spec.tenant, "api"}, built.loaded.diagnostics);
  return built;
}

/// The gateway's own chain for this geo section ("{trusted_proxies: [10.0.0.0/8]}").
inline std::shared_ptr<const Chain> build_gateway(const std::string& geo) {
  const config::Loaded loaded = load("geo: " + geo + "\n");
  RHUMB_ASSERT(loaded.ok());
  return gateway_chain(loaded.spec);
}

}  // namespace rhumb::filters::testing
