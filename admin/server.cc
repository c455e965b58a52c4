// SPDX-License-Identifier: Apache-2.0
#include "admin/server.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/ip.h"
#include "http/h1_parser.h"
#include "http/h1_writer.h"
#include "http/uri.h"
#include "net/tcp_stream.h"

namespace rhumb::admin {

std::string Request::parameter(std::string_view key) const {
  const auto raw = http::find_query(query, key);
  std::string out;
  if (!raw) return out;
  for (size_t i = 0; i < raw->size(); ++i) {
    const char c = (*raw)[i];
    const int high = c == '%' && i + 2 < raw->size() ? base::hex_value((*raw)[i + 1]) : -1;
    const int low = high >= 0 ? base::hex_value((*raw)[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += c == '+' ? ' ' : c;
    }
  }
  return out;
}

/// One connection: read a head, answer, close. A slow one is cut after five seconds.
class Server::Session final : public net::Buried, public base::ListHook<Session>, private net::StreamOwner {
 public:
  Session(Server& server, net::Fd fd)
      : server_(server),
        stream_(server.loop_, std::move(fd), *this, server.blocks_),
        arena_(server.blocks_),
        timer_([](void* self) noexcept { static_cast<Session*>(self)->close(); }, this) {
    server_.loop_.timers().arm(timer_, server_.loop_.now() + base::Seconds(5));
    ++server_.count_;
  }
  ~Session() override { server_.loop_.timers().remove(timer_); }

  void close() {
    if (!stream_.open()) return;
    stream_.close();
    server_.loop_.timers().cancel(timer_);
    --server_.count_;
    base::ListHook<Session>::unlink();
    server_.loop_.bury(std::unique_ptr<net::Buried>(this));
  }

 private:
  void on_stream() noexcept override {
    if (answered_) {
      if (!stream_.flush() || stream_.pending() == 0) close();
      return;
    }
    char buffer[4096];
    while (!answered_ && stream_.open() && stream_.readable()) {
      const net::IoResult r = stream_.read(buffer);
      if (r.status == net::IoStatus::would_block) return;
      if (r.status != net::IoStatus::ok) return close();
      received_.append(buffer, r.bytes);
      parse();
    }
  }

  void parse() {
    http::RequestHead head;
    const http::ParseResult result = parser_.feed(received_, arena_, head);
    if (result.status == http::ParseStatus::need_more) return;
    if (result.status == http::ParseStatus::failed)
      return answer({static_cast<int>(result.fault.status()), "text/plain", "bad request\n"}, false);
    if (head.method != http::Method::get && head.method != http::Method::head)
      return answer({405, "text/plain", "only GET here\n"}, false);
    if (head.fields.find(http::FieldId::origin) != nullptr || !local_host(head.authority))
      return answer({403, "text/plain", "cross-origin requests are refused\n"}, false);
    answer(server_.handler_({head.path, head.query}), head.method == http::Method::head);
  }

  /// A page of another site can only send a Host it has a name for: an address, localhost and nothing are ours.
  static bool local_host(std::string_view authority) {
    if (authority.empty() || authority == "localhost" || authority.starts_with("localhost:")) return true;
    if (base::IpAddress::parse(authority) || base::SocketAddress::parse(authority)) return true;
    return authority.size() > 2 && authority.front() == '[' && authority.back() == ']' &&
           base::IpAddress::parse(authority.substr(1, authority.size() - 2)).has_value();
  }

  void answer(const Response& response, bool head_only) {
    answered_ = true;
    const std::string head = fmt::format(
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\nConnection: "
        "close\r\n\r\n",
        response.status, http::reason_phrase(static_cast<uint16_t>(response.status)), response.content_type,
        response.body.size());
    if (!stream_.write(head_only ? head : head + response.body) || stream_.pending() == 0) close();
  }

  Server& server_;
  net::TcpStream stream_;
  base::Arena arena_;
  net::Timer timer_;
  http::RequestParser parser_{{8192, 16384, 64}};
  std::string received_;
  bool answered_ = false;
};

Server::Server(net::Loop& loop, net::Fd listener, Handler handler)
    : loop_(loop),
      handler_(std::move(handler)),
      listen_(loop, std::move(listener), [this](net::Accepted a) { accepted(std::move(a)); }) {}

Server::~Server() {
  sessions_.for_each([](Session& session) { session.close(); });
  loop_.turn(base::Micros(0));
}

void Server::accepted(net::Accepted accepted) {
  if (count_ >= kMaxSessions) return;  // closed by its descriptor's end
  sessions_.push_back(*new Session(*this, std::move(accepted.fd)));
}

}  // namespace rhumb::admin
