// SPDX-License-Identifier: Apache-2.0
// The parts that concern the process as a whole: gateway, access log, sessions, latency.
#include <fmt/format.h>

#include "base/units.h"
#include "config/codes.h"
#include "config/load_parts.h"
#include "config/value.h"

namespace rhumb::config {
namespace {

unsigned read_workers(const Section& section) {
  constexpr int64_t kMaxWorkers = 1024;
  const std::string text = section.string("workers");
  if (text == "auto") return 0;
  const Read<int64_t> number = read_integer(text);
  if (number && *number >= 1 && *number <= kMaxWorkers) return static_cast<unsigned>(*number);
  if (number) {
    section.error(code::kRange, "workers", fmt::format("out of range; must be between 1 and {}, or auto", kMaxWorkers));
  } else {
    section.error(code::kNotAllowed, "workers", section.said("workers") + " is neither auto nor a whole number",
                  number.error().hint);
  }
  return 0;
}

std::optional<uint64_t> read_memory_limit(const Section& section) {
  const std::string text = section.string("memory_limit");
  if (text == "auto") return std::nullopt;
  if (text == "off") return 0;
  const auto bytes = base::parse_size(text);
  if (bytes && *bytes > 0) return *bytes;
  section.error(code::kNotAllowed, "memory_limit", section.said("memory_limit") + " is neither auto, off nor a size",
                "write 512MiB, say");
  return 0;
}

std::vector<SessionsSpec::Key> read_keys(const Section& section) {
  std::vector<SessionsSpec::Key> keys;
  Once ids(code::kDuplicateId, "key id", section.diagnostics());
  for (const Section& key : section.sections("keys")) {
    SessionsSpec::Key one{static_cast<uint8_t>(key.integer("id")), key.secret("secret")};
    if (one.id != 0) ids.add(std::to_string(one.id), key.place("id"));
    check_secret(key, one.secret.view());
    keys.push_back(std::move(one));
  }
  return keys;
}

std::vector<std::string> read_logged_headers(const Section& section) {
  std::vector<std::string> names;
  Once once(code::kDuplicateItem, "header", section.diagnostics());
  const std::vector<std::string> given = section.strings("headers");
  for (size_t i = 0; i < given.size(); ++i) {
    if (given[i].empty()) continue;  // refused, and said
    const std::string name = lower_case(given[i]);
    const Place place = section.item_place("headers", i);
    if (!is_http_token(name)) {
      section.diagnostics().error(
          code::kName, place,
          fmt::format("access_log.headers[{}]: {} is no name of a header", i, section.diagnostics().said(name, place)));
    } else if (once.add(name, place)) {
      names.push_back(name);
    }
  }
  return names;
}

/// Browsers keep a cookie of such a name only when its attributes are as the name says (RFC 6265bis 4.1.3), in
/// whatever case it is written.
void check_cookie_prefix(const SessionsSpec& spec, const Section& section) {
  const std::string name = lower_case(spec.cookie);
  const bool host = name.starts_with("__host-"), secure = host || name.starts_with("__secure-");
  const auto refuse = [&](std::string_view key, std::string_view what, std::string_view hint) {
    Diagnostic d{Severity::error,
                 code::kCookiePrefix,
                 section.place("cookie"),
                 fmt::format("sessions.cookie: browsers refuse a cookie named '{}' {}", shown(spec.cookie), what),
                 std::string(hint),
                 {},
                 {}};
    if (section.has(key)) d.other = section.place(key), d.other_note = fmt::format("{} is set here", key);
    section.diagnostics().add(std::move(d));
  };
  if (secure && !spec.secure) refuse("secure", "that is not Secure", "set secure: true");
  if (host && spec.path != "/")
    refuse("path", "whose path is not /", "leave path out, or name the cookie __Secure-...");
}

}  // namespace

GatewaySpec read_gateway(const Section& section, const RegionNames& regions) {
  GatewaySpec spec;
  spec.region = section.string("region");
  regions.check(spec.region, section.place("region"), "gateway.region");
  spec.workers = read_workers(section);
  spec.drain_timeout = section.duration("drain_timeout");
  spec.upgrade_timeout = section.duration("upgrade_timeout");
  spec.watch_files = section.boolean("watch_files");
  spec.core_dumps = section.boolean("core_dumps");
  spec.memory_limit = read_memory_limit(section);
  spec.log_level = section.string("log_level");
  return spec;
}

AccessLogSpec read_access_log(const Section& section) {
  AccessLogSpec spec;
  spec.path = section.string("path");
  spec.format = section.string("format");
  spec.format_place = section.place("format");
  spec.headers = read_logged_headers(section);
  spec.query = section.boolean("query");
  for (const std::string& name : section.strings("redact_query")) spec.redact_query.push_back(lower_case(name));
  spec.truncate_addresses = section.boolean("truncate_addresses");
  spec.sample = section.percent("sample");
  spec.buffer = section.size("buffer");
  return spec;
}

RecorderSpec read_recorder(const Section& section) {
  RecorderSpec spec;
  if (section.node() == nullptr) return spec;
  spec.directory = section.string("directory");
  spec.sample = section.percent("sample");
  spec.size = section.size("size");
  spec.clients = section.boolean("clients");
  spec.targets = section.boolean("targets");
  return spec;
}

SessionsSpec read_sessions(const Section& section) {
  SessionsSpec spec;
  spec.cookie = read_token(section, "cookie", false);
  spec.keys = read_keys(section);
  spec.idle = section.duration("idle");
  spec.absolute = section.duration("absolute");
  spec.path = section.string("path");
  check_url_path(spec.path, section.place("path"), "sessions.path", section.diagnostics());
  spec.same_site = section.string("same_site");
  spec.secure = section.boolean("secure");
  spec.skip_cacheable = section.string("cacheable") == "skip";
  check_cookie_prefix(spec, section);
  if (spec.same_site == "none" && !spec.secure) {
    Diagnostic d{Severity::error,
                 code::kSameSite,
                 section.place("same_site"),
                 "sessions.same_site: browsers refuse a cookie with SameSite=None that is not Secure",
                 "set secure: true",
                 {},
                 {}};
    if (section.has("secure")) d.other = section.place("secure"), d.other_note = "secure is set here";
    section.diagnostics().add(std::move(d));
  }
  return spec;
}

LatencySpec read_latency(const Section& section) {
  return {section.duration("half_life"), section.duration("idle_decay"), section.percent("exploration"),
          section.boolean("all_slow")};
}

}  // namespace rhumb::config
