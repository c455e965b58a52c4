// SPDX-License-Identifier: Apache-2.0
// Option tables of routes; filters bring their own. Included by tables.cc alone. Constants; any thread.
#pragma once
#include "config/field.h"
#include "config/tables_bounds.h"

namespace rhumb::config::tables {

inline constexpr Field kMatch[] = {
    {.name = "host",
     .type = Type::list,
     .fallback = "[]",
     .doc = "Names of hosts; *.example.org stands for all below example.org."},
    {.name = "path", .doc = "Exactly this path."},
    {.name = "path_prefix", .doc = "Every path that begins so."},
    {.name = "path_pattern", .doc = "Every path this RE2 pattern matches as a whole."},
    {.name = "methods", .type = Type::list, .fallback = "[]", .doc = "Any of these methods."},
    {.name = "headers",
     .type = Type::map,
     .fallback = "{}",
     .doc = "Header fields with exactly these values; * for any value.",
     .secret = true},
    {.name = "query",
     .type = Type::map,
     .fallback = "{}",
     .doc = "Query parameters with exactly these values; * for any value.",
     .secret = true},
    {.name = "cookies",
     .type = Type::map,
     .fallback = "{}",
     .doc = "Cookies with exactly these values; * for any value.",
     .secret = true},
};

inline constexpr Field kSplit[] = {
    {.name = "percent",
     .type = Type::percent,
     .fallback = "100%",
     .doc = "The share of what matches that this route takes; the rest goes on to later routes.",
     .min = 0,
     .max = 100},
    {.name = "key",
     .fallback = "client_ip",
     .doc = "What keeps an assignment stable: client_ip, header:NAME, cookie:NAME or request_id."},
};

/// What a term weighs in a score that does not name it: nothing, or its default.
namespace counts {
inline constexpr std::string_view named = "0", always = {};
}

inline constexpr Field kScore[] = {
#define RHUMB_TERM(term, weight, when, what) \
  {.name = #term,                            \
   .type = Type::number,                     \
   .fallback = #weight,                      \
   .doc = "Weight of the " what ".",         \
   .min = 0,                                 \
   .max = 1e6,                               \
   .beside = counts::when},
#include "config/terms.def"
#undef RHUMB_TERM
    {.name = kAnyKey,
     .type = Type::number,
     .doc = "Weight of a term of the section terms, by its name; without it, nothing.",
     .min = 0,
     .max = 1e6},
};

inline constexpr Field kNormalise[] = {
    {.name = "half",
     .type = Type::number,
     .doc = "Where the value is one half: the value is half / (half + number), or the rest to 1.",
     .min = 0.001,
     .max = 1e12},
    {.name = "max",
     .type = Type::number,
     .doc = "Where the scale ends: the value goes evenly from 0 to it, or back; beyond it, it stays.",
     .min = 0.001,
     .max = 1e12},
};

inline constexpr Field kTerm[] = {
    {.name = "name", .doc = "Its name in numbers, scores, explain and the access log.", .required = true},
    {.name = "unit", .doc = "What it is counted in, for people."},
    {.name = "from",
     .fallback = "file",
     .doc = "Where the numbers come from: file, the regions' numbers; or header:NAME, what the region's last response "
            "said in that field, for 60 s, and the file where it says nothing."},
    {.name = "normalise",
     .type = Type::section,
     .doc = "How a number becomes a value between 0 and 1; one of the two.",
     .required = true,
     .fields = kNormalise},
    {.name = "lower_wins",
     .type = Type::boolean,
     .fallback = "true",
     .doc = "Whether less of it is better. A region whose number is not known has the value 0.5."},
};

inline constexpr char kStrategies[] =
#define RHUMB_STRATEGY(strategy) #strategy " "
#include "config/strategies.def"
#undef RHUMB_STRATEGY
    ;

inline constexpr Field kAffinity[] = {
    {.name = "key",
     .type = Type::enumeration,
     .fallback = "cookie",
     .doc = "What a client is known by.",
     .allowed = "none cookie"},
    {.name = "on_failure",
     .type = Type::enumeration,
     .fallback = "rebind",
     .doc = "What becomes of a client whose region is gone.",
     .allowed = "rebind"},
};

inline constexpr Field kRouteLimits[] = {
    {.name = "body",
     .type = Type::size,
     .fallback = "0B",
     .doc = "Largest request body; more is answered 413; 0B for no limit.",
     .min = 0,
     .max = 1024 * 1024 * kGiB},
};

inline constexpr Field kRouteTimeouts[] = {
    {.name = "response_head",
     .type = Type::duration,
     .fallback = "60s",
     .doc = "From the request's end to the response's head.",
     .min = kMilli,
     .max = kDay},
    {.name = "response_idle",
     .type = Type::duration,
     .fallback = "60s",
     .doc = "Longest pause inside a response body.",
     .min = kMilli,
     .max = kDay},
    {.name = "request_body",
     .type = Type::duration,
     .doc = "Longest pause inside a request body; else the listener's.",
     .min = kMilli,
     .max = kDay},
    {.name = "tunnel",
     .type = Type::duration,
     .fallback = "7d",
     .doc = "How long a tunnel may carry nothing.",
     .min = kMilli,
     .max = kYear},
};

inline constexpr Field kRetry[] = {
    {.name = "tries",
     .type = Type::integer,
     .fallback = "2",
     .doc = "Attempts in all, where trying again is safe.",
     .min = 1,
     .max = 10},
    {.name = "budget",
     .type = Type::percent,
     .fallback = "20%",
     .doc = "Retries as a share of requests.",
     .min = 0,
     .max = 100},
};

inline constexpr Field kRoute[] = {
    {.name = "name", .doc = "Its name in logs and metrics.", .required = true},
    {.name = "match",
     .type = Type::section,
     .doc = "Which requests it takes; all of what is given must fit.",
     .fields = kMatch},
    {.name = "split", .type = Type::section, .doc = "Takes only a share of what matches.", .fields = kSplit},
    {.name = "strategy",
     .type = Type::enumeration,
     .fallback = "score",
     .doc = "How the region is chosen.",
     .allowed = kStrategies},
    {.name = "score",
     .type = Type::section,
     .doc = "Weights of the terms for the score strategy. When given, a term it does not name counts nothing, bias "
            "excepted.",
     .fields = kScore},
    {.name = "regions", .type = Type::list, .fallback = "[]", .doc = "Regions it may choose from; all when empty."},
    {.name = "panic",
     .type = Type::boolean,
     .fallback = "true",
     .doc = "When every one of its regions looks down, serve as if the checks had said nothing; if not, answer 503."},
    {.name = "affinity",
     .type = Type::section,
     .doc = "Keeps a client at its region. Without this section, not.",
     .optional = true,
     .fields = kAffinity},
    {.name = "websocket",
     .type = Type::boolean,
     .fallback = "true",
     .doc = "Whether an upgrade to WebSocket is passed on."},
    {.name = "geo_headers",
     .type = Type::boolean,
     .fallback = "false",
     .doc = "X-Geo-Country and X-Geo-Region on responses."},
    {.name = "limits", .type = Type::section, .doc = "What a request may be at most.", .fields = kRouteLimits},
    {.name = "timeouts",
     .type = Type::section,
     .doc = "How long upstream and client may take.",
     .fields = kRouteTimeouts},
    {.name = "retry", .type = Type::section, .doc = "Trying again after a failure.", .fields = kRetry},
    {.name = "filters",
     .type = Type::list,
     .fallback = "[]",
     .doc = "Filters in order, each by its name with its options.",
     .element = Type::section,
     .ordered = true},
};

}  // namespace rhumb::config::tables
