// SPDX-License-Identifier: Apache-2.0
// A name for each request, and its place in a trace.
#include <cstring>

#include "filters/registry.h"
#include "filters/trace_context.h"

namespace rhumb::filters {
namespace {

using http::FieldId;

constexpr size_t kMaxId = 128;
constexpr uint8_t kSampled = 1, kRandom = 2;  // W3C Trace Context 3.2.2.5; other flags are not ours to pass on

bool usable(std::string_view id) noexcept {
  if (id.empty() || id.size() > kMaxId) return false;
  for (const char c : id)
    if (c <= 0x20 || c >= 0x7f) return false;
  return true;
}

class RequestId final : public Filter {
 public:
  Verdict on_request(FilterContext& ctx) const override {
    name_request(ctx);
    continue_trace(ctx);
    return Verdict::next();
  }

 private:
  static void name_request(FilterContext& ctx) {
    http::Headers& fields = ctx.request().fields;
    ExchangeView& view = ctx.view();
    const std::string_view given = fields.get(FieldId::x_request_id);
    if (view.peer_trusted && fields.count(FieldId::x_request_id) == 1 && usable(given)) {
      view.request_id = given;
      return;
    }
    view.request_id = fresh_id(ctx.arena());
    fields.set(FieldId::x_request_id, view.request_id);
  }

  static void continue_trace(FilterContext& ctx) {
    http::Headers& fields = ctx.request().fields;
    const auto given =
        fields.count(FieldId::traceparent) == 1 ? parse_traceparent(fields.get(FieldId::traceparent)) : std::nullopt;
    if (!given || !states_fit(fields)) fields.remove(FieldId::tracestate);
    ctx.view().trace_id = given ? given->trace_id : fresh_id(ctx.arena());
    // A trace that begins here is marked sampled: most libraries follow their parent, and unmarked they would record
    // nothing.
    const uint8_t flags = given ? given->flags & (kSampled | kRandom) : kSampled | kRandom;
    fields.set(FieldId::traceparent, parent(ctx.arena(), ctx.view().trace_id, flags));
  }

  static bool states_fit(const http::Headers& fields) noexcept {
    if (!fields.has(FieldId::tracestate)) return true;
    for (const http::Field& field : fields.all())
      if (field.id == FieldId::tracestate && !valid_tracestate(field.value)) return false;
    return true;
  }

  /// "00-<trace>-<a span of ours>-<flags>"
  static std::string_view parent(base::Arena& arena, std::string_view trace, uint8_t flags) {
    char* const to = arena.allocate_chars(kTraceparentSize);
    std::memcpy(to, "00-", 3);
    std::memcpy(to + 3, trace.data(), 32);
    to[35] = '-';
    write_fresh_id(to + 36);
    std::memcpy(to + 52, "-0", 2);
    to[54] = static_cast<char>('0' + flags);
    return {to, kTraceparentSize};
  }
};

std::unique_ptr<const Filter> make(const config::Section&, const BuildContext&) {
  return std::make_unique<RequestId>();
}

}  // namespace

constinit const FilterType request_id_filter{
    .name = "request_id",
    .summary = "Names each request (X-Request-Id) and continues or begins its trace (W3C traceparent).",
    .phase = Phase::identify,
    .on_request = true,
    .on_response = false,
    .options = {},
    .make = make,
};

}  // namespace rhumb::filters
