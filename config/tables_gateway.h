// SPDX-License-Identifier: Apache-2.0
// Option tables of the process as a whole: gateway, access log, geo, tenant, fence, sessions, latency. Included by
// tables.cc alone. Constants; any thread.
#pragma once
#include "config/field.h"
#include "config/tables_admin.h"
#include "config/tables_bounds.h"

namespace rhumb::config::tables {

inline constexpr Field kGateway[] = {
    {.name = "region", .doc = "The region this gateway stands in; must be one of regions."},
    {.name = "workers",
     .fallback = "auto",
     .doc = "Threads that serve requests: a number, or auto for one per CPU.",
     .effect = Effect::restart},
    {.name = "drain_timeout",
     .type = Type::duration,
     .fallback = "30s",
     .doc = "How long running requests may take to end after SIGTERM.",
     .min = 0,
     .max = kDay},
    {.name = "upgrade_timeout",
     .type = Type::duration,
     .fallback = "24h",
     .doc = "How long the old process may go on with the requests and tunnels it has after an upgrade.",
     .min = 0,
     .max = kYear},
    {.name = "watch_files",
     .type = Type::boolean,
     .fallback = "false",
     .doc = "Reload when a file of the configuration, or a geo database, changes on disk."},
    {.name = "core_dumps",
     .type = Type::boolean,
     .fallback = "false",
     .doc = "Allow a core dump of the process, and debuggers of its user. Keys and tokens that are read from files are "
            "in no dump.",
     .effect = Effect::restart},
    {.name = "memory_limit",
     .fallback = "auto",
     .doc = "Resident memory that is in no file and memory of the sockets, near which keep-alive, then requests, then "
            "connections are given up: "
            "a size, auto for the "
            "limit of the cgroup, or off."},
    {.name = "log_level",
     .type = Type::enumeration,
     .fallback = "info",
     .doc = "The least severe message that is logged.",
     .allowed = "error warning info debug"},
};

inline constexpr Field kAccessLog[] = {
    {.name = "path",
     .type = Type::path,
     .fallback = "stdout",
     .doc = "stdout, off, or the file that gets one line per request; SIGUSR1 opens it anew."},
    {.name = "format",
     .fallback = "json",
     .doc = "json, clf, combined, or a text with fields: \"%{client} %{method} %{path} %{status} %{total_ms}\"."},
    {.name = "headers",
     .type = Type::list,
     .fallback = "[]",
     .doc = "Request headers that a JSON line carries; cookies and credentials only ever as REDACTED."},
    {.name = "query", .type = Type::boolean, .fallback = "false", .doc = "Log the query of a target as well."},
    {.name = "redact_query",
     .type = Type::list,
     .fallback = "[access_token, api_key, apikey, auth, authorization, client_secret, code, credential, id_token, jwt, "
                 "key, passwd, password, private_key, pwd, refresh_token, secret, session, sessionid, sid, sig, "
                 "signature, state, token, x-amz-credential, x-amz-security-token, x-amz-signature]",
     .doc = "Parameters of a query whose values are logged as REDACTED."},
    {.name = "truncate_addresses",
     .type = Type::boolean,
     .fallback = "false",
     .doc = "Log of client and peer the network alone: /24, or /48 of IPv6."},
    {.name = "sample",
     .type = Type::percent,
     .fallback = "100%",
     .doc = "Share of requests that get a line; those that failed always do.",
     .min = 0,
     .max = 100},
    {.name = "buffer",
     .type = Type::size,
     .fallback = "1MiB",
     .doc = "Ring of each worker; a full ring drops lines and counts them.",
     .min = 4 * kKiB,
     .max = kGiB,
     .effect = Effect::restart},
};

inline constexpr Field kRecorder[] = {
    {.name = "directory",
     .type = Type::path,
     .doc = "Where the recording lies; made when it is missing.",
     .required = true,
     .effect = Effect::restart},
    {.name = "sample",
     .type = Type::percent,
     .fallback = "100%",
     .doc = "Share of the decisions that is recorded.",
     .min = 0,
     .max = 100},
    {.name = "size",
     .type = Type::size,
     .fallback = "256MiB",
     .doc =
         "Of the ring; a decision takes 256 bytes, and the oldest make room. Allocated at the start; a second one may "
         "be left by the process before.",
     .min = kMiB,
     .max = 64 * kGiB,
     .effect = Effect::restart},
    {.name = "clients",
     .type = Type::boolean,
     .fallback = "true",
     .doc = "Record the network of a client, /24 or /48; never its address."},
    {.name = "targets",
     .type = Type::boolean,
     .fallback = "true",
     .doc = "Record method, host and path of a request; never its query, headers or body."},
};

inline constexpr Field kGeo[] = {
    {.name = "databases",
     .type = Type::list,
     .fallback = "[]",
     .doc = "mmdb files in order; the first that knows an address answers.",
     .element = Type::path,
     .ordered = true},
    {.name = "overlays",
     .type = Type::list,
     .fallback = "[]",
     .doc = "mmdb files asked before all databases.",
     .element = Type::path,
     .ordered = true},
    {.name = "trusted_proxies",
     .type = Type::list,
     .fallback = "[127.0.0.1/32]",
     .doc = "Networks whose forwarding and geo headers are believed.",
     .element = Type::cidr},
    {.name = "forwarded",
     .type = Type::enumeration,
     .fallback = "x-forwarded-for",
     .doc = "The header that is walked from the right to find the client.",
     .allowed = "x-forwarded-for forwarded none"},
    {.name = "country_header", .doc = "Header in which a trusted CDN gives the client's country."},
    {.name = "latitude_header", .doc = "Header in which a trusted CDN gives the client's latitude."},
    {.name = "longitude_header", .doc = "Header in which a trusted CDN gives the client's longitude."},
    {.name = "countries", .type = Type::map, .fallback = "{}", .doc = "Country code to region: asked before distance."},
    {.name = "default_region", .doc = "The region for addresses nothing is known of."},
};

inline constexpr Field kTenant[] = {
    {.name = "key",
     .fallback = "none",
     .doc = "What names the tenant of a request: none, host, header:NAME or cookie:NAME. A header or a cookie is "
            "believed from whoever sends it."},
};

inline constexpr Field kFence[] = {
    {.name = "countries",
     .type = Type::list,
     .fallback = "[]",
     .doc = "Countries whose clients it is about; without any, those of all.",
     .element = Type::country},
    {.name = "tenants",
     .type = Type::list,
     .fallback = "[]",
     .doc = "Tenants whose requests it is about, as tenant.key finds them; without any, all requests."},
    {.name = "regions", .type = Type::list, .doc = "Regions that alone may ever serve them.", .required = true},
};

inline constexpr Field kSessionKey[] = {
    {.name = "id",
     .type = Type::integer,
     .doc = "Number by which a token names its key.",
     .min = 1,
     .max = 255,
     .required = true},
    {.name = "secret", .doc = "At least 32 bytes; best as \"!file /path\".", .required = true, .secret = true},
};

inline constexpr Field kSessions[] = {
    {.name = "cookie", .fallback = "rhumb", .doc = "Name of the cookie that binds a client to a region."},
    {.name = "keys",
     .type = Type::sections,
     .fallback = "[]",
     .doc = "Keys that seal it, newest first; without any, a random one is made at start.",
     .ordered = true,
     .fields = kSessionKey},
    {.name = "idle",
     .type = Type::duration,
     .fallback = "30m",
     .doc = "A binding ends when it is not used for so long.",
     .min = 1,
     .max = kYear},
    {.name = "absolute",
     .type = Type::duration,
     .fallback = "24h",
     .doc = "A binding ends at this age.",
     .min = 1,
     .max = kYear},
    {.name = "path", .fallback = "/", .doc = "Path attribute of the cookie."},
    {.name = "same_site",
     .type = Type::enumeration,
     .fallback = "lax",
     .doc = "SameSite attribute of the cookie; none needs secure.",
     .allowed = "strict lax none"},
    {.name = "secure", .type = Type::boolean, .fallback = "false", .doc = "Secure attribute of the cookie."},
    {.name = "cacheable",
     .type = Type::enumeration,
     .fallback = "private",
     .doc =
         "A response that a shared cache may store, and that is to carry the cookie or X-Geo fields: private makes it "
         "Cache-Control: private; skip leaves them out.",
     .allowed = "private skip"},
};

inline constexpr Field kLatency[] = {
    {.name = "half_life",
     .type = Type::duration,
     .fallback = "10s",
     .doc = "Time in which a measurement loses half its weight in the average.",
     .min = 0.01,
     .max = kDay},
    {.name = "idle_decay",
     .type = Type::duration,
     .fallback = "60s",
     .doc = "Time in which an average without measurements drifts back to the distance's floor.",
     .min = 0.01,
     .max = kDay},
    {.name = "exploration",
     .type = Type::percent,
     .fallback = "1%",
     .doc = "Share of requests that ignore latency, so that slow regions are measured again.",
     .min = 0,
     .max = 100},
    {.name = "all_slow",
     .type = Type::boolean,
     .fallback = "true",
     .doc = "When every candidate exceeds its max_latency, latency is ignored."},
};

}  // namespace rhumb::config::tables
