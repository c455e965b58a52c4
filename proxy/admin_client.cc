// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/arena.h"
#include "base/bytes.h"
#include "http/h1_parser.h"
#include "http/interim.h"

namespace rhumb::proxy {
namespace {

using base::Result;
using base::Unexpected;

constexpr char kDefaultAddress[] = "unix:/run/rhumb/admin.sock";
constexpr base::Micros kHeadLimit = base::Seconds(10);
constexpr size_t kMaxAnswer = 256 << 20;
constexpr size_t kMaxLine = 1 << 20, kMaxRefusal = 1 << 20;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Result<std::string, std::string> read_token(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Unexpected(fmt::format("{}: the token cannot be read: {}", path, std::strerror(errno)));
  std::string token((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  while (token.ends_with('\n') || token.ends_with('\r')) token.pop_back();
  if (token.empty() || token.size() > 4096 || token.find_first_of("\r\n \t") != std::string::npos)
    return Unexpected(fmt::format("{}: does not hold a token", path));
  return token;
}

Result<socklen_t, std::string> fill_address(const std::string& where, sockaddr_storage& storage) {
  if (!where.starts_with("unix:")) {
    const auto address = base::SocketAddress::parse(where);
    if (!address) return Unexpected(fmt::format("not an address: '{}' (127.0.0.1:9901 or unix:/path)", where));
    return address->fill(storage);
  }
  auto* address = reinterpret_cast<sockaddr_un*>(&storage);
  address->sun_family = AF_UNIX;
  const std::string path = where.substr(5);
  if (path.empty() || path.size() >= sizeof address->sun_path)
    return Unexpected(fmt::format("'{}' cannot be the path of a socket", path));
  std::memcpy(address->sun_path, path.c_str(), path.size() + 1);
  return static_cast<socklen_t>(sizeof *address);
}

/// What people can do about it.
std::string hint_for(int error) {
  switch (error) {
    case ENOENT:
    case ECONNREFUSED:
      return " (is the gateway running, and is this its admin.address? --admin or $RHUMB_ADMIN name another)";
    case EACCES:
    case EPERM:
      return " (see admin.mode and admin.group)";
    default:
      return "";
  }
}

std::string escape(std::string_view text, const char* plain_marks) {
  std::string out;
  for (const char c : text) {
    if (base::is_alpha(c) || base::is_digit(c) || (c != '\0' && std::strchr(plain_marks, c) != nullptr))
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

/// One connection and what has come of the answer.
class AdminClient::Exchange {
 public:
  explicit Exchange(const AdminTarget& target) : target_(target) {}

  Result<void, std::string> send(std::string_view method, std::string_view path, std::string_view body);
  Result<void, std::string> read_head(std::string_view method);
  /// Content that came next; nothing at the end of the body.
  Result<std::string_view, std::string> read_some();
  void limit(base::Micros from_now) { deadline_ = clock_.now() + from_now; }
  AdminAnswer answer;

 private:
  Result<void, std::string> dial();
  bool wait_for(short events);
  /// More bytes into buffer_; false at the end.
  Result<bool, std::string> receive();
  std::string failed(std::string_view what) const { return fmt::format("{}: {}", target_.address, what); }

  const AdminTarget& target_;
  base::SystemClock clock_;
  base::Instant deadline_{};
  net::Fd fd_;
  http::BodyDecoder decoder_;
  std::string buffer_;
  size_t used_ = 0;  // of buffer_
};

bool AdminClient::Exchange::wait_for(short events) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - clock_.now()).count();
    if (left <= 0) return false;
    pollfd ready{fd_.get(), events, 0};
    const int found = ::poll(&ready, 1, static_cast<int>(std::min<int64_t>(left + 1, 60'000)));
    if (found > 0) return true;
    if (found < 0 && errno != EINTR) return false;
  }
}

Result<void, std::string> AdminClient::Exchange::dial() {
  sockaddr_storage storage{};
  const auto size = fill_address(target_.address, storage);
  if (!size) return Unexpected(size.error());
  fd_.reset(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(fd_.get(), reinterpret_cast<sockaddr*>(&storage), *size) == 0) return {};
  int error = errno;
  if (error == EINPROGRESS) {
    if (!wait_for(POLLOUT)) return Unexpected(failed("no connection within the time"));
    error = net::connect_error(fd_.get());
  }
  if (error == 0) return {};
  // A unix socket's full queue is no connection pending (connect(2)).
  if (error == EAGAIN) return Unexpected(failed("the gateway is busy; try again"));
  return Unexpected(failed(std::strerror(error) + hint_for(error)));
}

Result<void, std::string> AdminClient::Exchange::send(std::string_view method, std::string_view path,
                                                      std::string_view body) {
  if (auto dialed = dial(); !dialed) return dialed;
  std::string bytes = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", method, path);
  if (!target_.token.empty()) bytes += fmt::format("Authorization: Bearer {}\r\n", target_.token);
  if (!body.empty()) bytes += "Content-Type: application/json\r\n";
  if (method != "GET" && method != "HEAD") bytes += fmt::format("Content-Length: {}\r\n", body.size());
  bytes += "\r\n";
  bytes += body;
  for (std::string_view rest = bytes; !rest.empty();) {
    const net::IoResult r = net::send(fd_.get(), std::span<const char>(rest));
    if (r.status == net::IoStatus::error) return {};  // it may have answered before it hung up
    rest.remove_prefix(r.bytes);
    if (!rest.empty() && !wait_for(POLLOUT)) return Unexpected(failed("it does not take the request"));
  }
  return {};
}

Result<bool, std::string> AdminClient::Exchange::receive() {
  buffer_.erase(0, std::exchange(used_, 0));
  for (;;) {
    // Who never pauses is never waited for, and has no more time than others.
    if (clock_.now() >= deadline_) return Unexpected(failed("no answer within the time"));
    char bytes[65536];
    const net::IoResult r = net::receive(fd_.get(), bytes);
    buffer_.append(bytes, r.bytes);
    if (r.status == net::IoStatus::ok) return true;
    if (r.status == net::IoStatus::end) return false;
    if (r.status == net::IoStatus::error) return Unexpected(failed(std::strerror(r.error)));
    if (!wait_for(POLLIN)) return Unexpected(failed("no answer within the time"));
  }
}

Result<void, std::string> AdminClient::Exchange::read_head(std::string_view method) {
  base::BlockPool blocks(4);
  base::Arena arena(blocks);
  http::ResponseParser parser;
  for (int interims = 0;;) {
    http::ResponseHead head;
    const auto parsed = parser.feed(std::string_view(buffer_).substr(used_), http::method_of(method), arena, head);
    if (parsed.status == http::ParseStatus::failed) return Unexpected(failed("not an admin listener"));
    if (parsed.status == http::ParseStatus::need_more) {
      const auto more = receive();
      if (!more) return Unexpected(more.error());
      if (!*more) return Unexpected(failed("not an admin listener"));
      continue;
    }
    used_ += parsed.consumed;
    if (http::is_interim(head.status)) {
      if (++interims > http::kMaxInterims) return Unexpected(failed("not an admin listener"));
      parser.reset();
      arena.reset();
      continue;
    }
    answer.status = head.status;
    answer.content_type = head.fields.get(http::FieldId::content_type);
    decoder_.start(head.framing, base::FaultKind::upstream_malformed);
    return {};
  }
}

Result<std::string_view, std::string> AdminClient::Exchange::read_some() {
  while (!decoder_.done()) {
    if (used_ < buffer_.size()) {
      const auto step = decoder_.next(std::string_view(buffer_).substr(used_));
      if (step.failed) return Unexpected(failed("the answer is malformed"));
      used_ += step.consumed;
      if (!step.data.empty()) return step.data;
      continue;
    }
    const auto more = receive();
    if (!more) return Unexpected(more.error());
    if (!*more && !decoder_.finish()) return Unexpected(failed("the answer was cut short"));
  }
  return std::string_view();
}

base::Result<AdminTarget, std::string> find_gateway(const std::string& address, const std::string& token_file) {
  AdminTarget target{address.empty() ? environment("RHUMB_ADMIN") : address, {}};
  if (target.address.empty()) target.address = kDefaultAddress;
  const std::string file = token_file.empty() ? environment("RHUMB_TOKEN_FILE") : token_file;
  if (file.empty()) return target;
  auto token = read_token(file);
  if (!token) return Unexpected(token.error());
  target.token = std::move(*token);
  return target;
}

base::Result<AdminAnswer, std::string> AdminClient::request(std::string_view method, std::string_view path,
                                                            std::string_view body, base::Micros limit) const {
  Exchange exchange(target_);
  exchange.limit(limit);
  if (const auto sent = exchange.send(method, path, body); !sent) return Unexpected(sent.error());
  if (const auto head = exchange.read_head(method); !head) return Unexpected(head.error());
  return whole(exchange, kMaxAnswer);
}

base::Result<AdminAnswer, std::string> AdminClient::whole(Exchange& exchange, size_t most) const {
  for (;;) {
    const auto piece = exchange.read_some();
    if (!piece) return Unexpected(piece.error());
    if (piece->empty()) return std::move(exchange.answer);
    exchange.answer.body += *piece;
    if (exchange.answer.body.size() > most) return Unexpected(target_.address + ": the answer has no end");
  }
}

base::Result<AdminAnswer, std::string> AdminClient::follow(std::string_view path,
                                                           const std::function<bool(std::string_view)>& line,
                                                           base::Micros silence) const {
  Exchange exchange(target_);
  exchange.limit(kHeadLimit);
  if (const auto sent = exchange.send("GET", path, {}); !sent) return Unexpected(sent.error());
  if (const auto head = exchange.read_head("GET"); !head) return Unexpected(head.error());
  if (!exchange.answer.ok()) return whole(exchange, kMaxRefusal);
  std::string rest;
  for (;;) {
    exchange.limit(silence);
    const auto piece = exchange.read_some();
    if (!piece) return Unexpected(piece.error());
    size_t begin = 0, look = rest.size();  // no line ends in what was there before
    rest += *piece;
    for (size_t end; (end = rest.find('\n', look)) != std::string::npos; begin = look = end + 1)
      if (!line(std::string_view(rest).substr(begin, end - begin))) return std::move(exchange.answer);
    rest.erase(0, begin);
    if (piece->empty()) return std::move(exchange.answer);
    if (rest.size() > kMaxLine) return Unexpected(target_.address + ": a line has no end");
  }
}

std::string refusal_text(const AdminAnswer& answer) {
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  if (json.is_object() && json.contains("error") && json["error"].is_object() && json["error"].contains("message") &&
      json["error"]["message"].is_string())
    return json["error"]["message"].get<std::string>();
  std::string text = answer.body;
  while (text.ends_with('\n')) text.pop_back();
  return text.empty() ? fmt::format("status {}", answer.status) : text;
}

std::string escape_query(std::string_view text) { return escape(text, "-._~/:"); }
std::string escape_segment(std::string_view text) { return escape(text, "-._~:"); }

}  // namespace rhumb::proxy
