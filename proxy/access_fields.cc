// SPDX-License-Identifier: Apache-2.0
#include "proxy/access_fields.h"

#include <chrono>

#include "base/units.h"
#include "proxy/exchange.h"
#include "proxy/listener.h"
#include "proxy/redaction.h"

namespace rhumb::proxy {
namespace {

using Room = char[base::TextLine::kMaxValue];

struct Calendar {
  explicit Calendar(base::WallTime wall) noexcept
      : date(std::chrono::floor<std::chrono::days>(wall)),
        ms(static_cast<unsigned>(
            std::chrono::floor<std::chrono::milliseconds>(wall - std::chrono::floor<std::chrono::days>(wall))
                .count())) {}
  std::chrono::year_month_day date;
  unsigned ms;  // of the day
};

class Digits {
 public:
  explicit Digits(char* to) noexcept : at_(to) {}
  void put(unsigned value, unsigned places, char behind) noexcept {
    for (unsigned i = places; i-- > 0; value /= 10) at_[i] = static_cast<char>('0' + value % 10);
    at_[places] = behind;
    at_ += places + 1;
  }
  void put(std::string_view text) noexcept {
    for (const char c : text) *at_++ = c;
  }

 private:
  char* at_;
};

/// As 10/Oct/2026:13:55:36 +0000.
void write_clf_time(const LineContext& line, base::TextLine& to) {
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const Calendar calendar(line.wall);
  char text[26];
  Digits digits(text);
  digits.put(static_cast<unsigned>(calendar.date.day()), 2, '/');
  digits.put(kMonths.substr((static_cast<unsigned>(calendar.date.month()) - 1) * 3, 3));
  digits.put("/");
  digits.put(static_cast<unsigned>(static_cast<int>(calendar.date.year())), 4, ':');
  digits.put(calendar.ms / 3'600'000, 2, ':');
  digits.put(calendar.ms / 60'000 % 60, 2, ':');
  digits.put(calendar.ms / 1000 % 60, 2, ' ');
  digits.put("+0000");
  to.literal({text, sizeof text});
}

void write_time(const LineContext& line, base::TextLine& to) {
  char text[24];
  to.literal(format_time(line.wall, text));
}

void write_client(const LineContext& line, base::TextLine& to) {
  char room[48];
  to.literal(logged_address(line.exchange.view().facts.client, line.discretion, room));
}

void write_peer(const LineContext& line, base::TextLine& to) {
  char room[48];
  to.literal(logged_address(line.exchange.view().peer, line.discretion, room));
}

std::string_view protocol(const Exchange& exchange) noexcept {
  return exchange.request().version == http::Version::http11 ? "HTTP/1.1" : "HTTP/1.0";
}

/// GET /path?query HTTP/1.1
void write_request(const LineContext& line, base::TextLine& to) {
  if (!understood(line.exchange)) return to.literal("-");
  Room room;
  to.part(line.exchange.request().method_text);
  to.literal(" ");
  to.value(line.exchange.view().path);
  if (const std::string_view query = logged_query(line, room); !query.empty()) to.literal("?"), to.part(query);
  to.literal(" ");
  to.literal(protocol(line.exchange));
}

void write_query(const LineContext& line, base::TextLine& to) {
  Room room;
  to.value(logged_query(line, room));
}

void write_upstream_ms(const LineContext& line, base::TextLine& to) {
  const ExchangeRecord& record = line.exchange.record();
  if (record.first_byte == base::Instant{}) return to.literal("-");
  to.decimal(base::in_millis(record.first_byte - record.sent));
}

std::string_view fault_name(const std::optional<base::FaultKind>& kind) noexcept {
  return kind ? base::info(*kind).name : std::string_view{};
}

std::string_view if_decided(const Exchange& exchange, std::string_view name) noexcept {
  return exchange.decided() ? name : std::string_view{};
}

#define RHUMB_TEXT(what) [](const LineContext& line, base::TextLine& to) { to.value(what); }
#define RHUMB_NUMBER(what) [](const LineContext& line, base::TextLine& to) { to.number(what); }

constexpr AccessField kFields[] = {
    {"affinity", RHUMB_TEXT(if_decided(line.exchange, decision::name(line.exchange.decision().affinity)))},
    {"bytes_in", RHUMB_NUMBER(line.exchange.record().bytes_in)},
    {"bytes_out", RHUMB_NUMBER(line.exchange.record().bytes_out)},
    {"client", write_client},
    {"country", RHUMB_TEXT(line.exchange.view().facts.where.country.view())},
    {"cut", RHUMB_TEXT(fault_name(line.exchange.record().cut))},
    {"detail", RHUMB_TEXT(line.exchange.record().detail)},
    {"endpoint", RHUMB_TEXT(line.exchange.record().endpoint)},
    {"fault", RHUMB_TEXT(fault_name(line.exchange.record().fault))},
    {"host", RHUMB_TEXT(line.exchange.view().host)},
    {"id", RHUMB_TEXT(line.exchange.view().request_id)},
    {"listener", RHUMB_TEXT(line.exchange.listener_name())},
    {"method", RHUMB_TEXT(line.exchange.request().method_text)},
    {"outcome", RHUMB_TEXT(base::name(base::outcome_of(line.exchange.record().cut)))},
    {"own_us", RHUMB_NUMBER(static_cast<uint64_t>(line.exchange.record().own.count()))},
    {"path", RHUMB_TEXT(line.exchange.view().path)},
    {"peer", write_peer},
    {"protocol", RHUMB_TEXT(understood(line.exchange) ? protocol(line.exchange) : std::string_view{})},
    {"query", write_query},
    {"reason", RHUMB_TEXT(if_decided(line.exchange, decision::name(line.exchange.decision().reason)))},
    {"region", RHUMB_TEXT(line.exchange.region_name())},
    {"request", write_request},
    {"retries", RHUMB_NUMBER(line.exchange.record().tries > 1 ? line.exchange.record().tries - 1u : 0u)},
    {"route", RHUMB_TEXT(line.exchange.view().route)},
    {"runner_up", RHUMB_TEXT(line.exchange.runner_up_name())},
    {"status", RHUMB_NUMBER(line.exchange.record().status)},
    {"tenant", RHUMB_TEXT(logged_tenant(line.exchange))},
    {"time", write_time},
    {"time_clf", write_clf_time},
    {"total_ms", [](const LineContext& line,
                    base::TextLine& to) { to.decimal(base::in_millis(line.now - line.exchange.record().started)); }},
    {"trace_id", RHUMB_TEXT(line.exchange.view().trace_id)},
    {"upstream_ms", write_upstream_ms},
};

#undef RHUMB_TEXT
#undef RHUMB_NUMBER

}  // namespace

LoggedHeader::LoggedHeader(std::string header) : name(std::move(header)), id(http::field_id(name)) {}

std::string_view LoggedHeader::value(const http::Headers& fields, const Discretion& discretion,
                                     std::span<char> room) const {
  const std::string_view value = id == http::FieldId::other ? fields.get(name) : fields.get(id);
  if (value.empty()) return {};
  if (secret_header(id)) return kRedacted;
  const size_t question = id == http::FieldId::referer ? value.find_first_of("?#") : std::string_view::npos;
  if (question == std::string_view::npos) return value;
  // A page's address is a target like that of a request: what of it may be logged follows the same rule.
  if (!discretion.query || value[question] == '#' || question + 1 > room.size()) return value.substr(0, question);
  value.copy(room.data(), question + 1);
  const std::string_view query = value.substr(question + 1);
  const std::string_view kept =
      redact_query(query.substr(0, query.find('#')), discretion.redact_query, room.subspan(question + 1));
  return {room.data(), question + 1 + kept.size()};
}

const AccessField* find_access_field(std::string_view name) {
  for (const AccessField& field : kFields)
    if (field.name == name) return &field;
  return nullptr;
}

std::vector<std::string_view> access_field_names() {
  std::vector<std::string_view> names;
  for (const AccessField& field : kFields) names.push_back(field.name);
  return names;
}

bool understood(const Exchange& exchange) noexcept { return !exchange.request().method_text.empty(); }

std::string_view logged_tenant(const Exchange& exchange) noexcept {
  const filters::ExchangeView& view = exchange.view();
  const bool named = view.facts.tenant != 0 && view.policy != nullptr && view.policy->fence->names(view.facts.tenant);
  return named ? view.tenant : std::string_view{};
}

std::string_view logged_query(const LineContext& line, std::span<char> room) {
  const http::RequestHead& request = line.exchange.request();
  if (!line.discretion.query || !understood(line.exchange) || !request.has_query) return {};
  return redact_query(request.query, line.discretion.redact_query, room);
}

std::string_view logged_address(const base::IpAddress& address, const Discretion& discretion, char* room) {
  return {room, (discretion.truncate_addresses ? address.network() : address).write(room)};
}

std::string_view format_time(base::WallTime wall, std::span<char, 24> to) noexcept {
  const Calendar calendar(wall);
  Digits digits(to.data());
  digits.put(static_cast<unsigned>(static_cast<int>(calendar.date.year())), 4, '-');
  digits.put(static_cast<unsigned>(calendar.date.month()), 2, '-');
  digits.put(static_cast<unsigned>(calendar.date.day()), 2, 'T');
  digits.put(calendar.ms / 3'600'000, 2, ':');
  digits.put(calendar.ms / 60'000 % 60, 2, ':');
  digits.put(calendar.ms / 1000 % 60, 2, '.');
  digits.put(calendar.ms % 1000, 3, 'Z');
  return {to.data(), to.size()};
}

}  // namespace rhumb::proxy
