// SPDX-License-Identifier: Apache-2.0
// Ordered, case-blind header fields (RFC 9110 5) as views over bytes that live elsewhere (the receive block or the
// arena). One fixed table per message in the arena: no allocation after init(). One thread.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/bytes.h"

namespace rhumb::http {

/// Names the gateway itself looks at, so that a look-up is a byte compare. `other` for all else, `removed` for a hole.
enum class FieldId : uint8_t {
  other,
  removed,
  // framing, connection and hop-by-hop (RFC 9110 7.6.1)
  connection,
  keep_alive,
  proxy_connection,
  te,
  trailer,
  transfer_encoding,
  upgrade,
  content_length,
  expect,
  http2_settings,
  // routing and identity
  host,
  via,
  max_forwards,
  forwarded,
  x_forwarded_for,
  x_forwarded_proto,
  x_forwarded_host,
  x_real_ip,
  cookie,
  set_cookie,
  authorization,
  origin,
  user_agent,
  referer,
  accept,
  accept_encoding,
  accept_language,
  x_request_id,
  traceparent,
  tracestate,
  x_region,
  x_region_endpoint,
  x_geo_country,
  x_geo_region,
  proxy_authenticate,
  proxy_authorization,
  // responses
  content_type,
  date,
  server,
  location,
  retry_after,
  content_range,
  content_encoding,
  etag,
  cache_control,
  sec_websocket_key,
  sec_websocket_accept,
  sec_websocket_version,
  sec_websocket_protocol,
  sec_websocket_extensions,
  kCount
};

/// The id of a name, case-blind; `other` when it is none of the above.
FieldId field_id(std::string_view name) noexcept;
/// The canonical spelling ("Content-Length"); empty for other and removed.
std::string_view field_name(FieldId id) noexcept;
/// Case-blind: equal names have equal numbers. Not a secret; other names may have the same.
uint32_t name_hash(std::string_view name) noexcept;

struct Field {
  std::string_view name, value;  // value trimmed of OWS
  FieldId id = FieldId::other;
  bool plain = false;               // is what was received, where it was received: "name: value" CRLF, to the byte
  mutable uint32_t known_hash = 0;  // see hash(); 0: not asked for yet

  /// name_hash() of its name, so that look-ups do not compare long names. Computed when it is first asked for: most
  /// fields are passed on and never looked up by name.
  uint32_t hash() const noexcept {
    if (known_hash == 0) known_hash = name_hash(name);
    return known_hash;
  }
  /// Is it of this name, which has no id, and that hash?
  bool is_other(std::string_view wanted, uint32_t wanted_hash) const noexcept {
    return id == FieldId::other && hash() == wanted_hash && base::iequals(name, wanted);
  }
};
static_assert(sizeof(Field) == 40, "the hash stands where there was nothing");

class Headers {
 public:
  static constexpr size_t kSpare = 28;  // room for fields the gateway adds

  /// Room for `capacity` fields, plus kSpare. Forgets what was there.
  void init(base::Arena& arena, size_t capacity);
  void clear() noexcept { count_ = 0, present_ = 0; }

  /// False when the table is full.
  bool add(std::string_view name, std::string_view value) noexcept { return add(field_id(name), name, value); }
  bool add(FieldId id, std::string_view value) noexcept { return add(id, field_name(id), value); }
  bool add(FieldId id, std::string_view name, std::string_view value, bool plain = false) noexcept;
  /// Removes every field of the name, then adds one.
  bool set(std::string_view name, std::string_view value) noexcept { return set(field_id(name), name, value); }
  bool set(FieldId id, std::string_view value) noexcept { return set(id, field_name(id), value); }
  /// For who knows the id of the name already. A name with an id is written in its canonical spelling.
  bool set(FieldId id, std::string_view name, std::string_view value) noexcept {
    return place(remove(id, name), id, id == FieldId::other ? name : field_name(id), value);
  }
  /// Leaves holes (id == removed); returns how many fields went.
  size_t remove(std::string_view name) noexcept { return remove(field_id(name), name); }
  size_t remove(FieldId id) noexcept;
  size_t remove(FieldId id, std::string_view name) noexcept {
    return id == FieldId::other ? remove_other(name) : remove(id);
  }

  /// First value of a name, or nullptr.
  const Field* find(FieldId id) const noexcept;
  const Field* find(std::string_view name) const noexcept;
  std::string_view get(FieldId id) const noexcept {
    const Field* f = find(id);
    return f ? f->value : std::string_view{};
  }
  std::string_view get(std::string_view name) const noexcept {
    const Field* f = find(name);
    return f ? f->value : std::string_view{};
  }
  size_t count(FieldId id) const noexcept;
  size_t count(std::string_view name) const noexcept;
  /// Quick: may say true after the last field of a name was cleared by hand through all(), never false while there is
  /// one.
  bool has(FieldId id) const noexcept { return (present_ >> static_cast<unsigned>(id) & 1) != 0; }
  /// Does any field of this name hold the token in its comma-separated list? Case-blind (RFC 9110 5.6.1).
  bool has_token(FieldId id, std::string_view token) const noexcept;

  /// All slots in order, holes included (skip id == removed).
  std::span<const Field> all() const noexcept { return {fields_, count_}; }
  /// Makes a hole of what is in a slot of all().
  void remove_at(size_t slot) noexcept { fields_[slot].id = FieldId::removed; }
  /// Puts another field into a slot of all(). There must be one of its name, or remove_at() was the last it saw of it.
  void replace_at(size_t slot, FieldId id, std::string_view name, std::string_view value) noexcept;

 private:
  size_t remove_other(std::string_view name) noexcept;
  bool place(size_t removed, FieldId id, std::string_view name, std::string_view value) noexcept;

  Field* fields_ = nullptr;
  uint32_t count_ = 0, capacity_ = 0;
  uint64_t present_ = 0;  // bit per id: a look-up for what is not there (most are) costs one test
};
static_assert(static_cast<unsigned>(FieldId::kCount) <= 64, "sets of ids are 64 bits wide");

}  // namespace rhumb::http
