// SPDX-License-Identifier: Apache-2.0
// For tests: a region played by a script, and one worker of a real gateway in front of it, both in this process on
// loopback. The test's thread is the client and the control thread; the worker and each of a region's connections have
// a thread of their own.
#pragma once
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "proxy/worker.h"
#include "tests/unit/proxy/compiling.h"
#include "tests/unit/proxy/wire.h"

namespace rhumb::proxy::testing {

/// Whether it comes true in time. For what another thread does unasked; everything else is waited for on its socket.
template <class Condition>
bool comes_true(Condition&& condition) {
  for (const Deadline deadline = soon(); !condition();) {
    if (past(deadline)) return false;
    std::this_thread::yield();
  }
  return true;
}

/// A region's endpoint. Each connection runs the script on its own thread; all of them end with the endpoint.
class Upstream {
 public:
  /// `number`: of the connection, from 0.
  using Script = std::function<void(Wire& wire, int number)>;
  explicit Upstream(Script script) : script_(std::move(script)) {
    auto fd = net::listen_tcp({*base::IpAddress::parse("127.0.0.1"), 0}, 1024);
    RHUMB_ASSERT(fd.has_value());
    listener_ = std::move(*fd);
    address_ = net::local_address(listener_.get());
    acceptor_ = std::thread([this] { accept_all(); });
  }
  /// Answers every request with the same bytes, as long as the connection lives.
  static Script always(std::string answer) {
    return [answer = std::move(answer)](Wire& wire, int) {
      while (wire.read_request().whole && wire.send(answer)) continue;
    };
  }
  /// Answers every request with what the function makes of it.
  static Script each(std::function<std::string(const Message&)> answer) {
    return [answer = std::move(answer)](Wire& wire, int) {
      for (Message request = wire.read_request(); request.whole; request = wire.read_request())
        if (!wire.send(answer(request))) return;
    };
  }
  ~Upstream() {
    stopping_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (auto& session : sessions_) session->wire.interrupt();
    }
    for (auto& session : sessions_) session->thread.join();
  }
  const base::SocketAddress& address() const { return address_; }
  int connections() const { return connections_; }

 private:
  struct Session {
    Wire wire;
    std::thread thread;
  };
  void accept_all() {
    while (!stopping_) {
      pollfd p{listener_.get(), POLLIN, 0};
      if (::poll(&p, 1, -1) <= 0) continue;
      net::Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!fd) continue;
      const std::lock_guard lock(mutex_);
      sessions_.push_back(std::make_unique<Session>());
      Session& session = *sessions_.back();
      session.wire = Wire(std::move(fd));
      session.thread = std::thread([this, &session, number = connections_++] {
        script_(session.wire, number);
        // The descriptor stays until the end, so that interrupt() never hits another one: only the connection goes.
        session.wire.interrupt();
      });
    }
  }

  Script script_;
  net::Fd listener_;
  base::SocketAddress address_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::deque<std::unique_ptr<Session>> sessions_;
  std::thread acceptor_;
};

/// What an endpoint that was there and is not any more looks like: connecting to it is refused.
inline base::SocketAddress nobody() {
  auto fd = net::listen_tcp({*base::IpAddress::parse("127.0.0.1"), 0}, 1);
  RHUMB_ASSERT(fd.has_value());
  return net::local_address(fd->get());
}

/// "regions:" with one entry; `more`: further keys of the region, one a line without indentation.
inline std::string one_region(const std::vector<base::SocketAddress>& endpoints, const std::string& more = "") {
  std::string out = "regions:\n  - name: home\n    location: {latitude: 50, longitude: 8}\n    endpoints: [";
  for (const auto& endpoint : endpoints) out += (out.back() == '[' ? "\"" : ", \"") + endpoint.to_string() + "\"";
  out += "]\n";
  size_t at = 0;
  while (at < more.size()) {
    const size_t end = std::min(more.find('\n', at), more.size());
    out += "    " + more.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return out;
}
inline std::string one_region(const Upstream& upstream, const std::string& more = "") {
  return one_region({upstream.address()}, more);
}
/// "listeners:" with one entry; `more`: ", key: value ..." inside its braces.
inline std::string listener(const std::string& more) {
  return "listeners: [{name: web, address: \"127.0.0.1:0\"" + more + "}]\n";
}

class Gateway {
 public:
  explicit Gateway(const std::string& text) {
    std::signal(SIGPIPE, SIG_IGN);  // as the program does
    worker_ = std::make_unique<Worker>(
        WorkerSetup{.index = 0, .registry = &registry_, .access_log = &log_, .to_control = [this](auto work) {
                      post(std::move(work));
                    }});
    World world = make_world(text);
    RHUMB_ASSERT(world.config != nullptr);
    std::vector<ListenerSocket> sockets;
    for (const auto& state : world.config->listeners) sockets.push_back(open(state));
    RHUMB_ASSERT(worker_->start(std::move(world), std::move(sockets)).has_value());
  }
  ~Gateway() {
    stop();
    worker_.reset();
    run_posts();
    for (const auto& snapshot : snapshots_) EXPECT_TRUE(snapshot.expired()) << "a configuration outlived its gateway";
  }

  /// Of the nth listener opened.
  const base::SocketAddress& address(size_t listener = 0) const { return addresses_[listener]; }
  Wire dial(size_t listener = 0) const { return Wire::dial(address(listener)); }
  Worker& worker() { return *worker_; }
  admin::WorkerCells& cells() { return registry_.worker(0); }
  admin::Registry& registry() { return registry_; }
  upstream::Meters& meters() { return meters_; }

  /// A world of the text and the next generation. Null configuration (and a failed test) when the text is bad.
  World make_world(const std::string& text) {
    World world = world_of(text, &registry_, &meters_, ++generation_);
    snapshots_.push_back(world.config);
    return world;
  }
  /// Puts a new configuration in force and waits until it is.
  void install(const std::string& text) {
    World world = make_world(text);
    ASSERT_NE(world.config, nullptr);
    worker_->install(std::move(world));
    ASSERT_TRUE(comes_true([&] { return cells().generation.get() == generation_; }));
  }
  ListenerSocket open(const std::shared_ptr<const ListenerState>& state) {
    auto fd = net::listen_tcp(state->address, state->backlog);
    RHUMB_ASSERT(fd.has_value());
    addresses_.push_back(net::local_address(fd->get()));
    return {state, std::move(*fd)};
  }
  /// Ends the worker's thread; afterwards the log is complete.
  DrainReport stop() {
    if (!stopped_) report_ = worker_->stop();
    stopped_ = true;
    return report_;
  }
  /// The access log so far, one object a request; a line that is not JSON fails the test.
  std::vector<nlohmann::json> log() {
    std::string text;
    while (log_.drain(text, 1 << 20) != 0) continue;
    for (size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
      lines_.push_back(nlohmann::json::parse(text.substr(at, end - at), nullptr, false));
      EXPECT_TRUE(lines_.back().is_object()) << text.substr(at, end - at);
    }
    return lines_;
  }
  /// The access log since the last look, as text.
  std::string log_text() {
    std::string text;
    while (log_.drain(text, 1 << 20) != 0) continue;
    return text;
  }
  /// Waits for something that is posted to the control thread, and runs all that was.
  bool run_posts_when_there() {
    std::unique_lock lock(mutex_);
    if (!bell_.wait_for(lock, kPatience, [&] { return !posts_.empty(); })) return false;
    lock.unlock();
    run_posts();
    return true;
  }
  void run_posts() {
    std::vector<std::function<void()>> now;
    {
      const std::lock_guard lock(mutex_);
      now.swap(posts_);
    }
    for (auto& work : now) work();
  }
  /// Configurations somebody still holds.
  size_t snapshots_alive() const {
    return static_cast<size_t>(
        std::count_if(snapshots_.begin(), snapshots_.end(), [](const auto& snapshot) { return !snapshot.expired(); }));
  }

 private:
  void post(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    posts_.push_back(std::move(work));
    bell_.notify_all();
  }

  admin::Registry registry_{1};
  upstream::Meters meters_{1};
  base::LineRing log_{1 << 20};
  std::mutex mutex_;
  std::condition_variable bell_;
  std::vector<std::function<void()>> posts_;
  std::vector<base::SocketAddress> addresses_;
  std::vector<std::weak_ptr<const ConfigSnapshot>> snapshots_;
  std::vector<nlohmann::json> lines_;
  uint64_t generation_ = 0;
  DrainReport report_;
  bool stopped_ = false;
  std::unique_ptr<Worker> worker_;
};

/// One region behind one gateway, and a client.
struct Scene {
  explicit Scene(Upstream::Script script, const std::string& listener_more = "", const std::string& more = "")
      : upstream(std::move(script)),
        gateway(listener(listener_more) + one_region(upstream) + more),
        client(gateway.dial()) {}
  Upstream upstream;
  Gateway gateway;
  Wire client;
};

/// The usual request, and the usual answer.
inline std::string get(const std::string& target = "/", const std::string& fields = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: example.com\r\n" + fields + "\r\n";
}
inline std::string ok(const std::string& body, const std::string& fields = "") {
  return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
inline std::string chunked(std::initializer_list<std::string> pieces, const std::string& trailers = "") {
  std::string out;
  char size[20];
  for (const std::string& piece : pieces) {
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    out += size + piece + "\r\n";
  }
  return out + "0\r\n" + trailers + "\r\n";
}

}  // namespace rhumb::proxy::testing
