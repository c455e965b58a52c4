// SPDX-License-Identifier: Apache-2.0
// What the routes of a table ask of a request's header fields, query and cookies: each different condition once, with a
// number. A request's fields, parameters and cookies are then read once each, whatever the number of routes: each looks
// up its own name, and marks the conditions that it meets. Compiled with the configuration, immutable then; any thread.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "base/hash.h"
#include "http/message.h"

namespace rhumb::decision {

enum class Asked : uint8_t { header, query, cookie, kCount };

/// A condition, or a name whose value is wanted, of the table's.
struct Wanted {
  Asked of;
  uint32_t number;
};

class Conditions {
 public:
  static constexpr uint32_t kNone = 0xffffffffu;
  Conditions() { known_.fill(kNone); }

  /// The field, parameter or cookie of the name has the value; "*": it is there. Of several fields of one name any may
  /// have it; of several parameters or cookies the first counts. Names of fields are case-blind.
  Wanted add(Asked of, std::string_view name, std::string_view value);
  /// Its value is asked for: of several the first.
  Wanted add_value(Asked of, std::string_view name);

 private:
  friend class Answers;
  // Look up by view, so that matching makes no string. The hashes are not noexcept: libstdc++ then keeps them beside
  // the keys, and a look-up that finds nothing, as most do, reads no key.
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return base::hash64(text, 0); }
  };
  struct FieldHash {
    using is_transparent = void;
    size_t operator()(std::string_view name) const { return http::name_hash(name); }
    size_t operator()(const http::Field& field) const { return field.hash(); }
  };
  struct FieldEqual {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const noexcept { return base::iequals(a, b); }
    bool operator()(std::string_view a, const http::Field& b) const noexcept { return base::iequals(a, b.name); }
    bool operator()(const http::Field& a, std::string_view b) const noexcept { return base::iequals(a.name, b); }
  };
  using Texts = std::unordered_map<std::string, uint32_t, TextHash, std::equal_to<>>;
  struct Name {
    uint32_t present = kNone;  // the condition that it is there
    bool value_wanted = false;
    size_t longest = 0;  // of the values: a longer one is none of them
    Texts values;        // the condition of each
  };

  uint32_t name_of(Asked of, std::string_view name);
  uint32_t find(const http::Field& field) const noexcept;
  static uint32_t find(const Texts& names, std::string_view name) noexcept;

  std::vector<Name> names_;
  uint32_t conditions_ = 0;
  std::array<uint32_t, static_cast<size_t>(http::FieldId::kCount)> known_;  // fields that have an id
  std::unordered_map<std::string, uint32_t, FieldHash, FieldEqual> fields_;
  Texts parameters_, cookies_;
  std::array<uint32_t, static_cast<size_t>(Asked::kCount)> counts_{};  // of names
};

/// What of it holds for one request. Fields, query and cookies are read when the first condition on them is asked, so a
/// table without any costs nothing. Memory is the arena's. One thread.
class Answers {
 public:
  /// Of the names whose values are asked for, so many different ones are kept of a request; others count as not there.
  static constexpr size_t kMaxValues = 64;
  struct Value {
    std::string_view text;  // data() is nullptr: not there
    uint64_t digest = 0;    // of a long text, so that it is hashed once and not for each route
  };
  static constexpr size_t kLongValue = 256;

  Answers(const Conditions& conditions, const http::RequestHead& request, base::Arena& arena) noexcept
      : conditions_(conditions), request_(request), arena_(arena) {}
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;

  bool holds(Wanted condition) {
    read(condition.of);
    return bit(condition.number);
  }
  Value value(Wanted name);
  /// Fields, parameters and cookies that were looked up so far: the work done, for tests.
  size_t looked_up() const noexcept { return looked_up_; }

 private:
  struct Kept {
    uint32_t name;
    Value value;
  };
  void read(Asked of) {
    if ((read_ >> static_cast<unsigned>(of) & 1) == 0) read_now(of);
  }
  void read_now(Asked of);
  void read_fields() noexcept;
  void read_query() noexcept;
  void read_cookies() noexcept;
  void see(uint32_t name, std::string_view value, bool first_counts) noexcept;
  bool bit(uint32_t at) const noexcept { return (bits_[at / 64] >> at % 64 & 1) != 0; }
  void set_bit(uint32_t at) noexcept { bits_[at / 64] |= uint64_t{1} << at % 64; }

  const Conditions& conditions_;
  const http::RequestHead& request_;
  base::Arena& arena_;
  uint64_t* bits_ = nullptr;  // conditions that hold, then names that were seen
  Kept* kept_ = nullptr;
  uint32_t kept_count_ = 0, seen_ = 0;
  size_t looked_up_ = 0;
  uint8_t read_ = 0;  // a bit per Asked
};

}  // namespace rhumb::decision
