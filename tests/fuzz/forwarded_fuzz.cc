// SPDX-License-Identifier: Apache-2.0
// Any fields (one a line) as X-Forwarded-For and as Forwarded: whatever a client sends in front, the address the
// nearest trusted hop wrote behind it is the client.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "filters/forwarded.h"

namespace {

using namespace rhumb;
using Which = config::GeoSpec::Forwarded;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

const base::IpAddress kPeer = base::IpAddress::v4(0x0a000001),
                      kClient = base::IpAddress::v4(0xcb007109);  // 203.0.113.9

struct Fields {
  base::BlockPool pool{4};
  base::Arena arena{pool};
  http::Headers headers;
};

/// Each line a field of its own, in memory of exactly its size.
void fill(std::string_view text, http::FieldId id, Fields& to) {
  to.headers.init(to.arena, 32);
  while (!text.empty()) {
    const std::string_view line = base::trim(base::take_until(text, '\n'));
    if (!to.headers.add(id, to.arena.copy(line))) return;
  }
}

void check(std::string_view text, Which which, http::FieldId id, std::string_view honest) {
  static const base::PrefixSet trusted({{base::IpAddress::v4(0x0a000000), 8}});
  Fields fields;
  fill(text, id, fields);
  const base::IpAddress client = filters::walk(fields.headers, which, kPeer, trusted);
  require(filters::walk(fields.headers, which, kPeer, trusted) == client);
  require(filters::walk(fields.headers, Which::none, kPeer, trusted) == kPeer);

  Fields more;
  fill(text, id, more);
  if (more.headers.add(id, honest)) require(filters::walk(more.headers, which, kPeer, trusted) == kClient);

  const std::string joined = std::string(text.substr(0, text.find('\n'))) + ", " + std::string(honest);
  Fields one;
  one.headers.init(one.arena, 1);
  require(one.headers.add(id, joined));
  require(filters::walk(one.headers, which, kPeer, trusted) == kClient);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, Which::x_forwarded_for, http::FieldId::x_forwarded_for, "203.0.113.9");
  check(text, Which::forwarded, http::FieldId::forwarded, "for=203.0.113.9");
  std::string_view rest = text;
  size_t parts = 0;
  while (!rest.empty()) {
    const size_t before = rest.size();
    const std::string_view last = filters::take_last_element(rest);
    require(rest.size() < before && last.size() <= before);
    static_cast<void>(filters::parse_forwarded_element(last));
    static_cast<void>(filters::parse_hop(last));
    ++parts;
  }
  require(parts <= size);
  return 0;
}
