// SPDX-License-Identifier: Apache-2.0
#include "proxy/access_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <ctime>
#include <utility>

#include "proxy/exchange.h"

namespace rhumb::proxy {
namespace {

constexpr size_t kMaxText = 2048;  // of any one value that comes from outside

/// Appends JSON into fixed memory; what does not fit is left out, whole values at a time.
class Json {
 public:
  explicit Json(std::span<char> to) noexcept : begin_(to.data()), at_(to.data()), end_(to.data() + to.size()) {
    raw("{");
  }

  void text(std::string_view key, std::string_view value) noexcept {
    if (value.size() > kMaxText) value = value.substr(0, kMaxText);
    if (!name(key, value.size() * 6 + 2)) return;
    *at_++ = '"';
    at_ = base::json_escape(value, at_);
    *at_++ = '"';
  }
  void number(std::string_view key, uint64_t value) noexcept {
    if (name(key, 20)) at_ = fmt::format_to(at_, "{}", value);
  }
  void decimal(std::string_view key, double value) noexcept {
    if (name(key, 32)) at_ = std::isfinite(value) ? fmt::format_to(at_, "{:.3f}", value) : fmt::format_to(at_, "null");
  }
  void flag(std::string_view key, bool value) noexcept {
    if (value && name(key, 4)) raw("true");
  }
  void open(std::string_view key) noexcept {
    if (name(key, 1)) raw("{"), first_ = true;
  }
  void close() noexcept {
    raw("}");
    first_ = false;
  }
  std::string_view finish() noexcept {
    raw("}\n");
    return {begin_, static_cast<size_t>(at_ - begin_)};
  }

 private:
  static constexpr size_t kReserve = 64;  // for closing brackets
  bool name(std::string_view key, size_t value) noexcept {
    if (static_cast<size_t>(end_ - at_) < key.size() + value + 4 + kReserve) return false;
    if (!first_) *at_++ = ',';
    first_ = false;
    *at_++ = '"';
    raw(key);
    raw("\":");
    return true;
  }
  void raw(std::string_view bytes) noexcept {
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  char* begin_;
  char* at_;
  char* end_;
  bool first_ = true;
};

std::string_view format_time(base::WallTime wall, std::span<char, 32> to) noexcept {
  const int64_t us = wall.time_since_epoch().count();
  const time_t seconds = us / 1'000'000;
  tm parts{};
  gmtime_r(&seconds, &parts);
  const auto end =
      fmt::format_to(to.data(), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, us / 1000 % 1000);
  return {to.data(), static_cast<size_t>(end - to.data())};
}

double millis(base::Micros value) noexcept { return static_cast<double>(value.count()) / 1000.0; }

void write_decision(Json& json, const Exchange& exchange) noexcept {
  const decision::Decision& decision = exchange.decision();
  json.text("region", exchange.region_name());
  json.text("endpoint", exchange.record().endpoint);
  json.text("runner_up", exchange.runner_up_name());
  json.text("reason", decision::name(decision.reason));
  json.text("affinity", decision::name(decision.affinity));
  const decision::Regions* regions = exchange.regions();
  if (regions == nullptr) return;
  json.open("terms");
  for (const decision::Candidate& candidate : decision.candidates) {
    json.open((*regions)[candidate.region].name);
    json.decimal("score", candidate.score);
    for (size_t i = 0; i < decision::kTerms; ++i) json.decimal(decision::terms()[i]->name, candidate.values[i]);
    if (candidate.removed != decision::Removed::no) json.text("removed", decision::name(candidate.removed));
    json.close();
  }
  json.close();
}

void write_geo(Json& json, const geo::Facts& facts) noexcept {
  json.open("geo");
  json.text("country", facts.country.view());
  json.text("source", geo::name(facts.source));
  if (facts.has_point) {
    json.decimal("latitude", facts.point.latitude);
    json.decimal("longitude", facts.point.longitude);
    json.number("accuracy_km", facts.accuracy_km);
  }
  json.close();
}

}  // namespace

std::string_view format_access_line(const Exchange& exchange, base::WallTime wall, base::Instant now,
                                    std::span<char> to) noexcept {
  const ExchangeRecord& record = exchange.record();
  const filters::ExchangeView& view = exchange.view();
  char time[32], address[48];
  Json json(to);
  json.text("time", format_time(wall, std::span<char, 32>(time)));
  json.text("id", view.request_id);
  json.text("client", {address, view.facts.client.write(address)});
  json.text("peer", {address, view.peer.write(address)});
  json.text("method", exchange.request().method_text);
  json.text("host", view.host);
  json.text("path", view.path);
  json.number("status", record.status);
  json.text("outcome", base::name(base::outcome_of(record.cut)));
  json.text("route", view.route);
  if (exchange.decided()) write_decision(json, exchange);
  write_geo(json, view.facts.where);
  json.number("retries", record.tries > 1 ? record.tries - 1u : 0u);
  json.number("bytes_in", record.bytes_in);
  json.number("bytes_out", record.bytes_out);
  if (record.first_byte != base::Instant{}) json.decimal("upstream_ms", millis(record.first_byte - record.sent));
  json.decimal("total_ms", millis(now - record.started));
  json.number("own_us", static_cast<uint64_t>(record.own.count()));
  json.open("flags");
  if (record.fault) json.text("fault", base::info(*record.fault).name);
  if (record.cut) json.text("cut", base::info(*record.cut).name);
  if (*record.detail != '\0') json.text("detail", record.detail);
  json.flag("reused", record.reused);
  json.flag("upgraded", record.upgraded);
  json.flag("truncated", record.truncated);
  json.close();
  return json.finish();
}

base::Result<std::unique_ptr<AccessLog>, std::string> AccessLog::open(const std::string& path, unsigned workers,
                                                                      size_t ring_bytes, base::Cell& unwritten) {
  if (path == "stdout") return std::unique_ptr<AccessLog>(new AccessLog(1, false, workers, ring_bytes, unwritten));
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0) return base::Unexpected(fmt::format("access log {}: {}", path, std::strerror(errno)));
  return std::unique_ptr<AccessLog>(new AccessLog(fd, true, workers, ring_bytes, unwritten));
}

AccessLog::AccessLog(int fd, bool own_fd, unsigned workers, size_t ring_bytes, base::Cell& unwritten)
    : fd_(fd), own_fd_(own_fd), unwritten_(unwritten) {
  for (unsigned i = 0; i < workers; ++i) rings_.push_back(std::make_unique<base::LineRing>(ring_bytes));
  thread_ = std::thread([this] { run(); });
}

AccessLog::~AccessLog() {
  stopping_.store(true, std::memory_order_release);
  thread_.join();
  if (own_fd_) ::close(fd_);
}

// Workers must not pay a system call to wake the writer, so the writer looks every few milliseconds: a little late is
// fine for a log.
void AccessLog::run() {
  std::string text;
  for (;;) {
    const bool last = stopping_.load(std::memory_order_acquire);
    size_t moved = 0;
    for (auto& ring : rings_) moved += ring->drain(text, 256 * 1024);
    if (moved == 0 && last) return;
    if (moved == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    } else {
      write_out(text);
    }
  }
}

void AccessLog::write_out(std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(fd_, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    done += static_cast<size_t>(n);
  }
  if (done < text.size()) {
    lose(std::string_view(text).substr(done), errno);
  } else if (std::exchange(losing_, false)) {
    base::log_line(base::LogLevel::info, "access log: lines are written again");
  }
  text.clear();
}

/// The sink refuses (disk full, reader gone): these lines are lost, the next may get through.
void AccessLog::lose(std::string_view lines, int error) {
  unwritten_.add(static_cast<uint64_t>(std::count(lines.begin(), lines.end(), '\n')));
  if (!std::exchange(losing_, true))
    base::log_line(base::LogLevel::error, fmt::format("access log: {}; lines are lost", std::strerror(error)));
}

}  // namespace rhumb::proxy
