// SPDX-License-Identifier: Apache-2.0
// An endpoint on loopback for tests, on the test's own loop: answers every request head with a set text, and remembers
// what it got.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "net/listen_watch.h"
#include "net/tcp_stream.h"

namespace rhumb::upstream::testing {

class ScriptedEndpoint {
 public:
  ScriptedEndpoint(net::Loop& loop, std::string answer) : loop_(loop), answer_(std::move(answer)) {
    auto fd = net::listen_tcp({*base::IpAddress::parse("127.0.0.1"), 0}, 64);
    RHUMB_ASSERT(fd.has_value());
    address_ = net::local_address(fd->get());
    listen_ = std::make_unique<net::ListenWatch>(loop, std::move(*fd), [this](net::Accepted a) {
      ++accepted_;
      sessions_.push_back(std::make_unique<Session>(*this, std::move(a.fd)));
    });
  }
  const base::SocketAddress& address() const { return address_; }
  void answer(std::string text) { answer_ = std::move(text); }
  const std::string& received() const { return received_; }
  int accepted() const { return accepted_; }
  /// Ends all connections from this side.
  void hang_up() {
    for (auto& session : sessions_) session->stream.close();
  }
  /// Sends bytes nobody asked for.
  void blurt(std::string_view bytes) {
    for (auto& session : sessions_)
      if (session->stream.open()) (void)session->stream.write(bytes);
  }

 private:
  struct Session final : net::StreamOwner {
    Session(ScriptedEndpoint& e, net::Fd fd) : endpoint(e), stream(e.loop_, std::move(fd), *this, e.blocks_) {}
    void on_stream() noexcept override {
      char buffer[4096];
      while (stream.open() && stream.readable()) {
        const net::IoResult r = stream.read(buffer);
        if (r.status == net::IoStatus::end || r.status == net::IoStatus::error) return stream.close();
        head.append(buffer, r.bytes);
        endpoint.received_.append(buffer, r.bytes);
        if (!head.ends_with("\r\n\r\n")) continue;
        head.clear();
        (void)stream.write(endpoint.answer_);
      }
    }
    ScriptedEndpoint& endpoint;
    net::TcpStream stream;
    std::string head;
  };

  net::Loop& loop_;
  base::BlockPool blocks_;
  base::SocketAddress address_;
  std::string answer_, received_;
  int accepted_ = 0;
  std::unique_ptr<net::ListenWatch> listen_;
  std::vector<std::unique_ptr<Session>> sessions_;
};

}  // namespace rhumb::upstream::testing
