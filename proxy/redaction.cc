// SPDX-License-Identifier: Apache-2.0
#include "proxy/redaction.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"

namespace rhumb::proxy {
namespace {

/// Reads a name as an application will: percent-decoded, in lower case.
class Decoded {
 public:
  explicit Decoded(std::string_view raw) noexcept : rest_(raw) {}
  bool done() const noexcept { return rest_.empty(); }
  char next() noexcept {
    char c = rest_.front();
    size_t taken = 1;
    if (c == '%' && rest_.size() > 2 && base::hex_value(rest_[1]) >= 0 && base::hex_value(rest_[2]) >= 0) {
      c = static_cast<char>(base::hex_value(rest_[1]) * 16 + base::hex_value(rest_[2]));
      taken = 3;
    }
    rest_.remove_prefix(taken);
    return base::to_lower(c);
  }

 private:
  std::string_view rest_;
};

/// FNV-1a: made while the name is read, so that no room is needed for what it decodes to.
class Hash {
 public:
  void add(char c) noexcept { value_ = (value_ ^ static_cast<uint8_t>(c)) * 0x100000001b3; }
  uint64_t value() const noexcept { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325;
};

bool equal(Decoded given, std::string_view name) noexcept {
  for (const char c : name)
    if (given.done() || given.next() != c) return false;
  return given.done();
}

class Room {
 public:
  explicit Room(std::span<char> to) noexcept : to_(to) {}
  void put(std::string_view text) noexcept {
    const size_t size = std::min(text.size(), to_.size() - size_);
    if (size != 0) std::memcpy(to_.data() + size_, text.data(), size);
    size_ += size;
  }
  bool full() const noexcept { return size_ == to_.size(); }
  std::string_view text() const noexcept { return {to_.data(), size_}; }

 private:
  std::span<char> to_;
  size_t size_ = 0;
};

}  // namespace

bool secret_header(http::FieldId id) noexcept {
  using http::FieldId;
  return id == FieldId::cookie || id == FieldId::set_cookie || id == FieldId::authorization ||
         id == FieldId::proxy_authorization;
}

SecretParameters::SecretParameters(const std::vector<std::string>& names) {
  // A name with a '%' in the file is meant as it stands: decoding it for the hash would miss it.
  for (const std::string& name : names) {
    Hash hash;
    for (const char c : name) hash.add(c);
    entries_.push_back({hash.value(), name});
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.hash < b.hash; });
}

bool SecretParameters::contains(std::string_view name) const noexcept {
  Hash made;
  for (Decoded rest(name); !rest.done();) made.add(rest.next());
  const uint64_t hash = made.value();
  auto at = std::lower_bound(entries_.begin(), entries_.end(), hash,
                             [](const Entry& entry, uint64_t wanted) { return entry.hash < wanted; });
  for (; at != entries_.end() && at->hash == hash; ++at)
    if (equal(Decoded(name), at->name)) return true;
  return false;
}

std::string_view redact_query(std::string_view query, const SecretParameters& secrets, std::span<char> room) noexcept {
  Room out(room);
  while (!query.empty() && !out.full()) {
    const size_t end = std::min(query.find_first_of("&;"), query.size());
    const std::string_view parameter = query.substr(0, end);
    const size_t equals = parameter.find('=');
    const std::string_view name = parameter.substr(0, equals);
    const bool has_value = equals != std::string_view::npos && equals + 1 != parameter.size();
    if (has_value && secrets.contains(name)) {
      out.put(name), out.put("="), out.put(kRedacted);
    } else {
      out.put(parameter);
    }
    if (end == query.size()) break;
    out.put(query.substr(end, 1));
    query.remove_prefix(end + 1);
  }
  return out.text();
}

}  // namespace rhumb::proxy
