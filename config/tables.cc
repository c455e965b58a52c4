// SPDX-License-Identifier: Apache-2.0
#include "config/tables.h"

#include "config/tables_assert.h"
#include "config/tables_ends.h"
#include "config/tables_gateway.h"
#include "config/tables_routes.h"

namespace rhumb::config {
namespace {

using namespace tables;

constexpr Field kRoot[] = {
    {.name = "version", .type = Type::integer, .fallback = "1", .doc = "Version of the format."},
    {.name = "include",
     .type = Type::list,
     .fallback = "[]",
     .doc = "Files that are read as well: names, or patterns such as conf.d/*.yaml, from this file's directory on.",
     .element = Type::path},
    {.name = "gateway", .type = Type::section, .doc = "The process.", .fields = kGateway},
    {.name = "admin",
     .type = Type::section,
     .doc = "Where metrics and health are served. Without this section, nowhere.",
     .optional = true,
     .effect = Effect::restart,
     .fields = kAdmin},
    {.name = "access_log", .type = Type::section, .doc = "One line per request.", .fields = kAccessLog},
    {.name = "recorder",
     .type = Type::section,
     .doc = "Keeps decisions with all that they were made from, for rhumb replay and plan. Without this section, none.",
     .optional = true,
     .fields = kRecorder},
    {.name = "geo", .type = Type::section, .doc = "Where clients are.", .fields = kGeo},
    {.name = "tenant", .type = Type::section, .doc = "On whose behalf requests are made.", .fields = kTenant},
    {.name = "listeners", .type = Type::sections, .doc = "Where clients are accepted.", .fields = kListener},
    {.name = "regions", .type = Type::sections, .doc = "Where requests can go.", .fields = kRegion},
    {.name = "terms",
     .type = Type::sections,
     .fallback = "[]",
     .doc = "Numbers of your own that can count in the score of a route; at most four.",
     .fields = kTerm},
    {.name = "fence",
     .type = Type::sections,
     .fallback = "[]",
     .doc = "Residency: which regions may ever serve whom.",
     .fields = kFence},
    {.name = "sessions", .type = Type::section, .doc = "How clients are kept at their region.", .fields = kSessions},
    {.name = "latency", .type = Type::section, .doc = "How latency is averaged.", .fields = kLatency},
    {.name = "routes",
     .type = Type::sections,
     .fallback = "[]",
     .doc = "Which request is treated how; the first that matches. Without any, one named default takes all.",
     .ordered = true,
     .fields = kRoute},
    {.name = "assert",
     .type = Type::sections,
     .fallback = "[]",
     .doc = "Rules that rhumb verify proves or refutes; the gateway itself does not look at them.",
     .fields = kAssert},
};

}  // namespace

std::span<const Field> root_fields() noexcept { return kRoot; }

}  // namespace rhumb::config
