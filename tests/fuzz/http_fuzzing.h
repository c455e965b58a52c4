// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets of http/ share: a memory of their own, copies that a sanitizer guards, and heads compared and
// written.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "http/h1_parser.h"
#include "http/h1_writer.h"

namespace rhumb::http::fuzzing {

inline void require(bool condition) {
  if (!condition) __builtin_trap();
}

/// A copy of exactly this size: reading one byte too many is seen.
class Exact {
 public:
  explicit Exact(std::string_view text) : size_(text.size()), bytes_(new char[text.size()]) {
    text.copy(bytes_.get(), size_);
  }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  size_t size_;
  std::unique_ptr<char[]> bytes_;
};

struct Memory {
  base::BlockPool pool{4};
  base::Arena arena{pool};
};

/// One parse and all that its views point into.
template <class Head>
struct Parsed {
  Memory memory;
  std::unique_ptr<Exact> bytes;
  Head head;
  ParseResult result;
};

/// Hands over the bytes in pieces; each call sees a fresh copy of all so far.
template <class Head, class Feed>
void parse(std::string_view bytes, size_t step, const Feed& feed, Parsed<Head>& to) {
  size_t end = 0;
  do {
    end = std::min(bytes.size(), end + step);
    to.bytes = std::make_unique<Exact>(bytes.substr(0, end));
    to.result = feed(to.bytes->view(), to.memory.arena, to.head);
  } while (to.result.status == ParseStatus::need_more && end < bytes.size());
}

inline std::vector<Field> fields_of(const Headers& headers) {
  std::vector<Field> out;
  for (const Field& field : headers.all())
    if (field.id != FieldId::removed) out.push_back(field);
  return out;
}

inline void require_same_fields(const Headers& a, const Headers& b) {
  const auto first = fields_of(a), second = fields_of(b);
  require(first.size() == second.size());
  for (size_t i = 0; i < first.size(); ++i)
    require(first[i].name == second[i].name && first[i].value == second[i].value && first[i].id == second[i].id);
}

inline void require_same_framing(const Framing& a, const Framing& b) {
  require(a.kind == b.kind && a.length == b.length);
}

/// What must hold of the fields of any head that was let through.
inline void require_sound_fields(const Headers& headers) {
  for (const Field& field : fields_of(headers)) {
    require(valid_name(field.name) && valid_value(field.value));
    require(field.id == field_id(field.name));
    require(field.value.empty() || (field.value.front() != ' ' && field.value.back() != ' '));
  }
  require(headers.count(FieldId::content_length) <= 1 && headers.count(FieldId::transfer_encoding) <= 1);
  require(headers.count(FieldId::content_length) == 0 || headers.count(FieldId::transfer_encoding) == 0);
  require(headers.count(FieldId::connection) <= 1);
}

/// All fields as they are: what a Connection field names included.
inline void write_fields(const Headers& headers, Writer& to) {
  for (const Field& field : fields_of(headers)) to.field(field.name, field.value);
  to.end_of_head();
}

}  // namespace rhumb::http::fuzzing
