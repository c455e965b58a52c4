// SPDX-License-Identifier: Apache-2.0
// Hosts, paths and queries (RFC 3986, RFC 9110 4.2). There is one canonical form of a path and of a host, computed once
// a request; matching, keys, logs and upstream all use it. What can be read two ways is refused. Views point into the
// argument or the arena. No state; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/arena.h"
#include "base/fault.h"
#include "base/result.h"

namespace rhumb::http {

/// host[:port]: a name of letters, digits, '-', '_' and single dots (253 at most, a dot at the end allowed), an IPv4
/// address, or an IPv6 address in brackets without a zone. No user, no percent-encoding, no list.
struct Authority {
  std::string_view host;  // as written; brackets included
  std::optional<uint16_t> port;
};
/// Nothing when the text is not exactly that. A colon needs a port of 1-65535 behind it.
std::optional<Authority> parse_authority(std::string_view text) noexcept;

/// Lower case, without port and without the one dot a name may end in; IPv6 in its shortest form, in brackets. What is
/// empty (HTTP/1.0 without Host) stays so. `parsed` by parse_authority().
Authority canonical_host(Authority parsed, base::Arena& arena);
/// The same of a text, which may be none.
base::Result<Authority, base::Fault> canonical_host(std::string_view authority, base::Arena& arena);

/// Percent-encoded unreserved characters decoded, other encodings in upper case, dot segments removed; empty segments
/// are kept. The argument itself when it is canonical already. Refused (400): not beginning with '/', %00 %2F %5C and
/// '\', bad encodings, overlong UTF-8, ".." above the root, dot segments hidden in an encoding or followed by ';'.
base::Result<std::string_view, base::Fault> canonical_path(std::string_view path, base::Arena& arena);

struct QueryPair {
  std::string_view key, value;  // raw; value empty without '='
};
/// Walks the pairs of "a=1&b&c=2" in order; empty ones are passed over. Each byte is looked at once or twice.
class QueryReader {
 public:
  explicit QueryReader(std::string_view query) noexcept : at_(query.data()), end_(at_ + query.size()) {}
  std::optional<QueryPair> next() noexcept;

 private:
  const char* at_;
  const char* end_;
};

/// Raw value of the first `key` (not empty) in "a=1&b&c=2"; empty for a key without '='. Keys are compared as they are
/// written. One walk.
std::optional<std::string_view> find_query(std::string_view query, std::string_view key) noexcept;

}  // namespace rhumb::http
