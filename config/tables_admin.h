// SPDX-License-Identifier: Apache-2.0
// Option tables of the admin listener. Included by tables_gateway.h alone. Constants; any thread.
#pragma once
#include "config/field.h"

namespace rhumb::config::tables {

inline constexpr char kRoles[] = "read operate admin";

inline constexpr Field kAdminToken[] = {
    {.name = "name", .doc = "What the audit calls whoever shows this token.", .required = true},
    {.name = "role",
     .type = Type::enumeration,
     .doc = "What it may do: read, operate regions too, or everything.",
     .allowed = kRoles,
     .required = true},
    {.name = "secret",
     .doc = "At least 32 of the letters, digits and -._~+/= that a bearer token is made of; best as \"!file /path\".",
     .required = true,
     .secret = true},
};

inline constexpr Field kAdmin[] = {
    {.name = "address",
     .type = Type::address,
     .fallback = "127.0.0.1:9901",
     .doc = "Where the gateway is observed and operated: ip:port or unix:/path. An address that is not loopback needs "
            "tokens. Without an admin section, nowhere."},
    {.name = "mode", .fallback = "0600", .doc = "Mode of the unix socket: who may connect at all."},
    {.name = "group", .doc = "Group of the unix socket, by name or number; without it, the gateway's own."},
    {.name = "users",
     .type = Type::map,
     .fallback = "{}",
     .doc = "User (by name or number) to role, on the unix socket; root and the gateway's own user are admin.",
     .allowed = kRoles,
     .element = Type::enumeration},
    {.name = "groups",
     .type = Type::map,
     .fallback = "{}",
     .doc = "Group (by name or number) to role, on the unix socket; who is in none of these and no listed user is "
            "refused.",
     .allowed = kRoles,
     .element = Type::enumeration},
    {.name = "hosts",
     .type = Type::list,
     .fallback = "[]",
     .doc = "Names a request's Host may have besides localhost and addresses."},
    {.name = "tokens",
     .type = Type::sections,
     .fallback = "[]",
     .doc = "Bearer tokens. With any, an address is answered only to who shows one, but for /healthz and /readyz.",
     .fields = kAdminToken},
};

}  // namespace rhumb::config::tables
