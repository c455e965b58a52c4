// SPDX-License-Identifier: Apache-2.0
// Faults on purpose: delays and errors for a share of requests, to see what clients make of them.
#include "base/hash.h"
#include "base/random.h"
#include "config/codes.h"
#include "filters/registry.h"

namespace rhumb::filters {
namespace {

using config::Field;
using config::Section;
using config::Type;

constexpr uint64_t kSeed = 0xfa0175;  // of its own, so that splits by request id take other requests

class FaultFilter final : public Filter {
 public:
  FaultFilter(base::Micros delay, uint16_t abort, double share) : delay_(delay), abort_(abort), share_(share) {}

  Verdict on_request(FilterContext& ctx) const override {
    if (base::unit_interval(base::hash64(ctx.view().request_id, kSeed)) >= share_) return Verdict::next();
    if (delay_.count() == 0) return on_wake(ctx);
    ctx.wake(delay_);
    return Verdict::pause();
  }

  Verdict on_wake(FilterContext&) const override {
    return abort_ == 0 ? Verdict::next() : Verdict::reply({.status = abort_});
  }

 private:
  base::Micros delay_;
  uint16_t abort_;
  double share_;
};

constexpr Field kOptions[] = {
    {.name = "delay",
     .type = Type::duration,
     .fallback = "0s",
     .doc = "How long a request is held.",
     .min = 0,
     .max = 3600},
    {.name = "abort",
     .type = Type::integer,
     .doc = "Status it is then answered with; without it, it goes on.",
     .min = 400,
     .max = 599},
    {.name = "percent",
     .type = Type::percent,
     .fallback = "100%",
     .doc = "The share of requests this happens to, chosen by request id.",
     .min = 0,
     .max = 100},
};

std::unique_ptr<const Filter> make(const Section& section, const BuildContext&) {
  const size_t errors = section.diagnostics().errors();
  const bool misspelt = section.node() != nullptr && !section.node()->members.empty() && !section.has("percent");
  if (!section.has("delay") && !section.has("abort") && !misspelt)
    section.diagnostics().error(config::code::kMissingKey, section.place(),
                                section.path() + ": neither delay nor abort is given",
                                "write fault: {delay: 100ms, percent: 5%}");
  const uint16_t abort = section.good("abort") ? static_cast<uint16_t>(section.integer("abort")) : uint16_t{0};
  if (section.diagnostics().errors() != errors) return nullptr;
  return std::make_unique<FaultFilter>(section.duration("delay"), abort, section.percent("percent"));
}

}  // namespace

constinit const FilterType fault_filter{
    .name = "fault",
    .summary = "Delays or fails a share of requests on purpose.",
    .phase = Phase::guard,
    .on_request = true,
    .on_response = false,
    .options = kOptions,
    .make = make,
};

}  // namespace rhumb::filters
