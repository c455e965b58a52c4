// SPDX-License-Identifier: Apache-2.0
#include "proxy/access_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/json_line.h"
#include "proxy/exchange.h"

namespace rhumb::proxy {
namespace {

/// As 2026-01-02T03:04:05.678Z.
std::string_view format_time(base::WallTime wall, std::span<char, 24> to) noexcept {
  const auto day = std::chrono::floor<std::chrono::days>(wall);
  const std::chrono::year_month_day date(day);
  const auto ms = static_cast<unsigned>(std::chrono::floor<std::chrono::milliseconds>(wall - day).count());
  char* at = to.data();
  const auto digits = [&at](unsigned value, unsigned places, char behind) {
    for (unsigned i = places; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
    at[places] = behind;
    at += places + 1;
  };
  digits(static_cast<unsigned>(static_cast<int>(date.year())), 4, '-');
  digits(static_cast<unsigned>(date.month()), 2, '-');
  digits(static_cast<unsigned>(date.day()), 2, 'T');
  digits(ms / 3'600'000, 2, ':');
  digits(ms / 60'000 % 60, 2, ':');
  digits(ms / 1000 % 60, 2, '.');
  digits(ms % 1000, 3, 'Z');
  return {to.data(), to.size()};
}

double millis(base::Micros value) noexcept { return static_cast<double>(value.count()) / 1000.0; }

void write_decision(base::JsonLine& json, const Exchange& exchange) noexcept {
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

void write_geo(base::JsonLine& json, const geo::Facts& facts) noexcept {
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
  char time[24], address[48], other[48];
  base::JsonLine json(to);
  json.text("time", format_time(wall, std::span<char, 24>(time)));
  json.text("id", view.request_id);
  const std::string_view peer(address, view.peer.write(address));
  json.text("client", view.facts.client == view.peer ? peer : std::string_view(other, view.facts.client.write(other)));
  json.text("peer", peer);
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
