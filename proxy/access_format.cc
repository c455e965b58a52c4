// SPDX-License-Identifier: Apache-2.0
#include "proxy/access_format.h"

#include <fmt/format.h>

#include "base/json_line.h"
#include "base/units.h"
#include "config/codes.h"
#include "config/template_text.h"
#include "config/value.h"
#include "proxy/exchange.h"

namespace rhumb::proxy {
namespace {

constexpr std::string_view kOption = "access_log.format";
constexpr std::string_view kHeader = "header.";
// As Apache and nginx write them; who the user is is nobody's business here.
constexpr std::string_view kClf = "%{client} - - [%{time_clf}] \"%{request}\" %{status} %{bytes_out}";
constexpr std::string_view kCombined =
    "%{client} - - [%{time_clf}] \"%{request}\" %{status} %{bytes_out} \"%{header.referer}\" \"%{header.user-agent}\"";

void write_decision(base::JsonLine& json, const Exchange& exchange) noexcept {
  const decision::Decision& decision = exchange.decision();
  json.text("region", exchange.region_name());
  json.text("endpoint", exchange.record().endpoint);
  json.text("runner_up", exchange.runner_up_name());
  json.text("reason", decision::name(decision.reason));
  json.text("affinity", decision::name(decision.affinity));
  const decision::Regions* regions = exchange.regions();
  const decision::Policy* policy = exchange.view().policy;
  if (regions == nullptr || policy == nullptr) return;
  json.open("terms");
  for (const decision::Candidate& candidate : decision.candidates) {
    json.open((*regions)[candidate.region].name);
    json.decimal("score", candidate.score);
    for (size_t i = 0; i < decision::term_count(*policy); ++i)
      json.decimal(decision::label_of(*policy, i).name, candidate.values[i]);
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

void write_flags(base::JsonLine& json, const ExchangeRecord& record) noexcept {
  json.open("flags");
  if (record.fault) json.text("fault", base::info(*record.fault).name);
  if (record.cut) json.text("cut", base::info(*record.cut).name);
  if (*record.detail != '\0') json.text("detail", record.detail);
  json.flag("reused", record.reused);
  json.flag("upgraded", record.upgraded);
  json.flag("truncated", record.truncated);
  json.close();
}

void write_addresses(base::JsonLine& json, const LineContext& line) noexcept {
  const filters::ExchangeView& view = line.exchange.view();
  char address[48], other[48];
  const std::string_view peer = logged_address(view.peer, line.discretion, address);
  json.text("client",
            view.facts.client == view.peer ? peer : logged_address(view.facts.client, line.discretion, other));
  json.text("peer", peer);
}

}  // namespace

std::shared_ptr<const AccessFormat> AccessFormat::compile(const config::AccessLogSpec& spec,
                                                          config::Diagnostics& diagnostics) {
  auto format = std::make_shared<AccessFormat>();
  format->discretion_ = {spec.query, SecretParameters(spec.redact_query), spec.truncate_addresses};
  format->sample_ = spec.sample;
  format->json_ = spec.format == "json";
  if (format->json_) {
    for (const std::string& name : spec.headers) format->headers_.emplace_back(name);
  } else if (!format->add_pieces(spec.format == "clf"        ? kClf
                                 : spec.format == "combined" ? kCombined
                                                             : std::string_view(spec.format),
                                 spec, diagnostics)) {
    return nullptr;
  }
  return spec.path == "off" ? nullptr : format;
}

bool AccessFormat::add_pieces(std::string_view text, const config::AccessLogSpec& spec,
                              config::Diagnostics& diagnostics) {
  const auto cut = config::cut_template(text, kMaxPieces, spec.format_place, kOption, diagnostics);
  if (!cut) return false;
  const size_t errors = diagnostics.errors();
  bool varies = false;
  for (const config::TextPiece& piece : *cut) {
    varies = varies || piece.variable;
    const AccessField* field = piece.variable ? find_access_field(piece.text) : nullptr;
    const bool header = piece.variable && piece.text.starts_with(kHeader) &&
                        config::is_http_token(std::string_view(piece.text).substr(kHeader.size()));
    if (piece.variable && field == nullptr && !header) {
      std::vector<std::string_view> names = access_field_names();
      names.push_back("header.NAME");
      config::unknown_variable(piece.text, names, spec.format_place, kOption, diagnostics);
    }
    pieces_.push_back({piece.variable ? std::string() : piece.text, field, -1});
    if (!header) continue;
    pieces_.back().header = static_cast<int>(headers_.size());
    std::string name = piece.text.substr(kHeader.size());
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    headers_.emplace_back(std::move(name));
  }
  if (!varies) {
    const std::string_view meant = config::closest(text, {"json", "clf", "combined"});
    diagnostics.error(
        config::code::kNotAllowed, spec.format_place,
        fmt::format("{}: {} is no format and has no fields", kOption, diagnostics.said(text, spec.format_place)),
        meant.empty() ? "json, clf, combined, or a text such as \"%{client} %{status} %{path}\""
                      : fmt::format("did you mean '{}'?", meant));
  }
  return diagnostics.errors() == errors;
}

bool AccessFormat::takes(const ExchangeRecord& record, uint64_t draw) const noexcept {
  if (!samples()) return true;
  if (record.status >= 500 || record.fault || record.cut) return true;
  return static_cast<double>(draw >> 11) * 0x1p-53 < sample_;
}

std::string_view AccessFormat::line(const Exchange& exchange, base::WallTime wall, base::Instant now,
                                    std::span<char> to) const noexcept {
  const LineContext line{exchange, discretion_, wall, now};
  return json_ ? json_line(line, to) : text_line(line, to);
}

std::string_view AccessFormat::text_line(const LineContext& line, std::span<char> to) const noexcept {
  base::TextLine text(to);
  for (const Piece& piece : pieces_) {
    if (piece.field != nullptr) {
      piece.field->write(line, text);
    } else if (piece.header >= 0) {
      char room[base::TextLine::kMaxValue];
      const LoggedHeader& header = headers_[static_cast<size_t>(piece.header)];
      const auto& fields = line.exchange.request().fields;
      text.value(understood(line.exchange) ? header.value(fields, discretion_, room) : std::string_view{});
    } else {
      text.literal(piece.literal);
    }
  }
  return text.finish();
}

std::string_view AccessFormat::json_line(const LineContext& line, std::span<char> to) const noexcept {
  const Exchange& exchange = line.exchange;
  const ExchangeRecord& record = exchange.record();
  const filters::ExchangeView& view = exchange.view();
  char time[24];
  base::JsonLine json(to);
  json.text("time", format_time(line.wall, time));
  json.text("id", view.request_id);
  write_addresses(json, line);
  json.text("listener", exchange.listener_name());
  json.text("method", exchange.request().method_text);
  json.text("host", view.host);
  json.text("path", view.path);
  char room[base::JsonLine::kMaxText];
  if (const std::string_view query = logged_query(line, room); !query.empty()) json.text("query", query);
  if (const std::string_view tenant = logged_tenant(exchange); !tenant.empty()) json.text("tenant", tenant);
  json.number("status", record.status);
  json.text("outcome", base::name(base::outcome_of(record.cut)));
  json.text("route", view.route);
  if (exchange.decided()) write_decision(json, exchange);
  write_geo(json, view.facts.where);
  json.number("retries", record.tries > 1 ? record.tries - 1u : 0u);
  json.number("bytes_in", record.bytes_in);
  json.number("bytes_out", record.bytes_out);
  if (record.first_byte != base::Instant{})
    json.decimal("upstream_ms", base::in_millis(record.first_byte - record.sent));
  json.decimal("total_ms", base::in_millis(line.now - record.started));
  json.number("own_us", static_cast<uint64_t>(record.own.count()));
  write_flags(json, record);
  if (!headers_.empty() && understood(exchange)) {
    json.open("headers");
    for (const LoggedHeader& header : headers_)
      if (const std::string_view value = header.value(exchange.request().fields, discretion_, room); !value.empty())
        json.text(std::string_view(header.name), value);
    json.close();
  }
  return json.finish();
}

}  // namespace rhumb::proxy
