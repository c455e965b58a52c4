// SPDX-License-Identifier: Apache-2.0
// Any template with any values (after the first NUL): expansion stays in its memory, a URI that comes out holds nothing
// that could end a field, and values are never read as templates.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "filters/template.h"
#include "http/chars.h"

namespace {

using namespace rhumb;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view value(reinterpret_cast<const char*>(data), size);
  const std::string text(base::take_until(value, '\0'));
  config::Diagnostics diagnostics;
  const auto compiled = filters::Template::compile(text, {}, "fuzz", diagnostics);
  require(compiled.has_value() == !diagnostics.has_errors());
  if (!compiled) return 0;

  base::BlockPool pool(4);
  base::Arena arena(pool);
  http::RequestHead request;
  request.fields.init(arena, 4);
  request.has_query = true;
  request.query = value;
  filters::ExchangeView view;
  view.arena = &arena;
  view.request = &request;
  view.host = view.path = view.request_id = view.trace_id = view.route = value;
  view.facts.where.city = value;

  const std::string_view plain = compiled->expand(view);
  for (const char c : compiled->expand_uri(view)) require(c == '#' || http::is(http::kTarget, c));
  if (compiled->constant()) require(plain.size() <= text.size());
  if (text == "%{path}") require(plain == value);
  return 0;
}
