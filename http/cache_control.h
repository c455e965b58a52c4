// SPDX-License-Identifier: Apache-2.0
// What shared caches may do with a response (RFC 9111), for who adds a field that is one client's alone, and how such a
// response is kept from them. In doubt a cache may: what cannot be read forbids nothing, and an unknown directive may
// allow anything. Work is linear in the head. No state; any thread.
#pragma once
#include <cstdint>

#include "base/arena.h"
#include "http/message.h"

namespace rhumb::http {

enum class SharedCaching : uint8_t {
  no,       // none may store it
  stores,   // one may store it, and give it to others; make_private() prevents that
  updates,  // one may add its fields to what it has stored already, which nothing said in it prevents: a 304, and what
            // a HEAD is told (RFC 9111 3.2, 4.3.5)
};

/// `authorized`: the client sent Authorization, so that only a response that says so may be stored (RFC 9111 3.5).
SharedCaching shared_caching(Method method, bool authorized, const ResponseHead& response) noexcept;

/// Cache-Control becomes one field with `private`; what it told the client's own cache stays (max-age, no-cache, ...),
/// what was for shared ones goes, and so do fields for them alone (RFC 9213; those of some products). Where something
/// in it cannot be read, no-store stands for that. The arena has the text. False: the table is full, nothing changed.
bool make_private(Headers& fields, base::Arena& arena);

}  // namespace rhumb::http
