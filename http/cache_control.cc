// SPDX-License-Identifier: Apache-2.0
#include "http/cache_control.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "http/chars.h"

namespace rhumb::http {
namespace {

using base::iequals;

/// One of a Cache-Control list: token [ "=" ( token / quoted-string ) ] (RFC 9111 5.2).
struct Directive {
  std::string_view name, text;  // text: all of it, as it stands there
  bool argument = false;
};

/// Behind the closing quote, or nullptr when there is none (RFC 9110 5.6.4).
const char* skip_quoted(const char* at, const char* end) noexcept {
  for (++at; at < end; ++at) {
    if (*at == '"') return at + 1;
    if (*at == '\\' && ++at == end) return nullptr;
  }
  return nullptr;
}

const char* skip_space(const char* at, const char* end) noexcept {
  while (at != end && (*at == ' ' || *at == '\t')) ++at;
  return at;
}

/// Walks the directives of one field. Where one is malformed nobody can know what the rest says, so it ends there.
class DirectiveReader {
 public:
  explicit DirectiveReader(std::string_view value) noexcept : at_(value.data()), end_(at_ + value.size()) {}

  bool next(Directive& to) noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == ',')) ++at_;
    if (at_ == end_) return false;
    const char* const begin = at_;
    const char* const name_end = skip(kToken, at_, end_);
    const char* text_end = name_end;
    to.argument = text_end != end_ && *text_end == '=';
    if (to.argument) {
      const char* const argument = text_end + 1;
      const bool quoted = argument != end_ && *argument == '"';
      text_end = quoted ? skip_quoted(argument, end_) : skip(kToken, argument, end_);
      if (text_end == argument) text_end = nullptr;
    }
    at_ = text_end == nullptr ? end_ : skip_space(text_end, end_);
    malformed_ = name_end == begin || text_end == nullptr || (at_ != end_ && *at_ != ',');
    if (malformed_) return false;
    to.name = {begin, static_cast<size_t>(name_end - begin)};
    to.text = {begin, static_cast<size_t>(text_end - begin)};
    return true;
  }
  bool malformed() const noexcept { return malformed_; }

 private:
  const char* at_;
  const char* end_;
  bool malformed_ = false;
};

/// All that the fields of one name say.
struct Said {
  bool no_store = false, must_understand = false, only_private = false;
  bool lets_store = false;       // something allows what would not be stored otherwise (RFC 9111 3)
  bool lets_authorized = false;  // also where the request was authorized (3.5)

  void read(std::string_view value) noexcept {
    DirectiveReader reader(value);
    Directive one;
    while (reader.next(one)) take(one);
    if (reader.malformed()) lets_store = lets_authorized = true;
  }
  /// A cache that understands the status ignores no-store beside must-understand (5.2.2.3).
  bool forbids() const noexcept { return only_private || (no_store && !must_understand); }

 private:
  void take(const Directive& one) noexcept {
    constexpr std::string_view kAllowsNothing[] = {"no-cache",         "no-transform",           "must-understand",
                                                   "proxy-revalidate", "stale-while-revalidate", "stale-if-error"};
    const auto is = [&](std::string_view name) { return iequals(one.name, name); };
    if (is("max-age")) {
      lets_store = true;
    } else if (is("must-revalidate")) {
      lets_authorized = true;
    } else if (is("private") && !one.argument) {
      only_private = true;
    } else if (is("no-store") && !one.argument) {
      no_store = true;
    } else if (std::none_of(std::begin(kAllowsNothing), std::end(kAllowsNothing), is)) {
      // public, s-maxage, private="field", and what we do not know.
      lets_store = lets_authorized = true;
    }
    must_understand |= is("must-understand");
  }
};

/// Fields that some shared caches heed in place of Cache-Control: NAME-Cache-Control (RFC 9213 2.1), and what products
/// had before.
bool is_targeted(std::string_view name) noexcept {
  constexpr std::string_view kEnd = "-cache-control";
  constexpr std::string_view kOwn[] = {"Surrogate-Control", "X-Accel-Expires", "Edge-Control"};
  if (name.size() > kEnd.size() && iequals(name.substr(name.size() - kEnd.size()), kEnd)) return true;
  return std::any_of(std::begin(kOwn), std::end(kOwn), [&](std::string_view own) { return iequals(own, name); });
}

/// Statuses that are stored without a word (RFC 9110 15.1; 421 was one in RFC 7540 9.1.2, 451 is in RFC 7725 3).
bool heuristically_cacheable(uint16_t status) noexcept {
  constexpr uint16_t kStatuses[] = {200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 421, 451, 501};
  return std::find(std::begin(kStatuses), std::end(kStatuses), status) != std::end(kStatuses);
}

struct ResponseCaching {
  Said all;                // Cache-Control
  bool targeted = false;   // another field allows it to some
  bool expires = false;    // whatever date: one that is over or invalid is stored and stale (RFC 9111 5.3)
  bool addressed = false;  // Content-Location

  explicit ResponseCaching(const Headers& fields) noexcept {
    for (const Field& field : fields.all()) {
      if (field.id == FieldId::cache_control) all.read(field.value);
      if (field.id != FieldId::other) continue;
      expires |= iequals(field.name, "Expires");
      addressed |= iequals(field.name, "Content-Location");
      if (is_targeted(field.name)) read_targeted(field.value);
    }
  }
  bool lets_store() const noexcept { return all.lets_store || targeted || expires; }

 private:
  void read_targeted(std::string_view value) noexcept {
    Said said;
    said.read(value);
    targeted |= !said.forbids() && value != "0";  // X-Accel-Expires: 0
  }
};

bool may_be_stored(Method method, uint16_t status, const ResponseCaching& says) noexcept {
  switch (method) {
    case Method::put:
    case Method::delete_:
    case Method::options:
    case Method::trace:
    case Method::connect:
      return false;
    case Method::post:
    case Method::patch:
      return says.lets_store() && says.addressed;  // RFC 9110 9.3.3, RFC 5789 2
    case Method::get:
    case Method::head:
    case Method::other:  // one that a cache may know, as QUERY
      break;
  }
  return says.lets_store() || heuristically_cacheable(status);
}

}  // namespace

SharedCaching shared_caching(Method method, bool authorized, const ResponseHead& response) noexcept {
  const ResponseCaching says(response.fields);
  if (says.all.forbids() && !says.targeted) return SharedCaching::no;
  // Before authorization is asked for: what was stored may have been got without.
  if (response.status == 304 || (method == Method::head && response.status < 300)) return SharedCaching::updates;
  if (!may_be_stored(method, response.status, says)) return SharedCaching::no;
  if (authorized && !says.all.lets_authorized && !says.targeted) return SharedCaching::no;
  return SharedCaching::stores;
}

bool make_private(Headers& fields, base::Arena& arena) {
  constexpr std::string_view kNotPrivate[] = {"private", "public", "s-maxage", "proxy-revalidate"};
  constexpr std::string_view kPrivate = "private", kNoStore = "no-store", kComma = ", ";
  size_t room = kPrivate.size() + kComma.size() + kNoStore.size();
  for (const Field& field : fields.all())
    if (field.id == FieldId::cache_control) room += kComma.size() + field.value.size() * 2;
  char* const text = arena.allocate_chars(room);
  size_t size = 0;
  const auto put = [&](std::string_view piece) {
    std::memcpy(text + size, piece.data(), piece.size());
    size += piece.size();
  };
  put(kPrivate);
  bool malformed = false;
  for (const Field& field : fields.all()) {
    if (field.id != FieldId::cache_control) continue;
    DirectiveReader reader(field.value);
    Directive one;
    while (reader.next(one)) {
      const auto is = [&](std::string_view name) { return iequals(one.name, name); };
      if (std::none_of(std::begin(kNotPrivate), std::end(kNotPrivate), is)) put(kComma), put(one.text);
    }
    malformed |= reader.malformed();
  }
  if (malformed) put(kComma), put(kNoStore);
  if (!fields.set(FieldId::cache_control, {text, size})) return false;
  for (size_t slot = 0; slot < fields.all().size(); ++slot)
    if (const Field& field = fields.all()[slot]; field.id == FieldId::other && is_targeted(field.name))
      fields.remove_at(slot);
  return true;
}

}  // namespace rhumb::http
