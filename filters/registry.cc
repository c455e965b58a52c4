// SPDX-License-Identifier: Apache-2.0
#include "filters/registry.h"

#include <fmt/format.h>

#include "base/check.h"
#include "config/codes.h"

namespace rhumb::filters {

namespace {

const FilterType* const kAll[] = {
#define RHUMB_FILTER(name) &name##_filter,
#include "filters/list.def"
#undef RHUMB_FILTER
};

void unknown_filter(const config::FilterSpec& spec, config::Diagnostics& diagnostics) {
  std::vector<std::string_view> names;
  for (const FilterType* type : kAll)
    if (type->phase != Phase::identify) names.push_back(type->name);
  const std::string_view meant = config::closest(spec.name, names);
  const std::string hint = fmt::format("{}filters: {}", meant.empty() ? "" : fmt::format("did you mean '{}'? ", meant),
                                       fmt::join(names, ", "));
  diagnostics.error(config::code::kNotAllowed, spec.place,
                    fmt::format("{}: there is no filter{}", spec.path, diagnostics.named(spec.name, spec.place)), hint);
}

}  // namespace

std::span<const FilterType* const> all_filters() noexcept { return kAll; }

std::span<const config::Field> filter_rows() noexcept {
  static const std::vector<config::Field> rows = [] {
    std::vector<config::Field> made;
    for (const FilterType* type : kAll) {
      if (type->phase == Phase::identify) continue;
      made.push_back(
          {.name = type->name, .type = config::Type::section, .doc = type->summary, .fields = type->options});
    }
    return made;
  }();
  return rows;
}

const FilterType* find_filter(std::string_view name) noexcept {
  for (const FilterType* type : kAll)
    if (type->name == name) return type;
  return nullptr;
}

std::shared_ptr<const Chain> build_chain(const std::vector<config::FilterSpec>& specs, const BuildContext& context,
                                         config::Diagnostics& diagnostics) {
  std::vector<Chain::Entry> entries;
  for (const config::FilterSpec& spec : specs) {
    const FilterType* type = find_filter(spec.name);
    if (type == nullptr) {
      unknown_filter(spec, diagnostics);
      continue;
    }
    if (type->phase == Phase::identify) {
      diagnostics.error(config::code::kNotAllowed, spec.place,
                        fmt::format("{}: {} runs for every request, before its route is known", spec.path, spec.name),
                        "remove it; the sections geo and tenant configure such");
      continue;
    }
    const size_t errors = diagnostics.errors();
    config::Node nothing;  // what a name alone stands for: so that missing options are reported, and where
    nothing.kind = config::Node::Kind::mapping;
    nothing.place = spec.place;
    const config::Section section(spec.options != nullptr ? spec.options : &nothing, type->options, spec.path,
                                  diagnostics);
    auto filter = type->make(section, context);
    RHUMB_ASSERT(filter != nullptr || diagnostics.errors() > errors);
    if (filter != nullptr) entries.push_back({type, std::move(filter)});
  }
  return std::make_shared<const Chain>(std::move(entries));
}

std::shared_ptr<const Chain> gateway_chain(const config::Spec& spec) {
  std::vector<Chain::Entry> entries;
  const BuildContext context{spec.geo, spec.tenant, {}};
  config::Diagnostics nothing_to_say;
  for (const FilterType* type : kAll) {
    if (type->phase != Phase::identify) continue;
    const config::Section defaults(nullptr, type->options, std::string(type->name), nothing_to_say);
    entries.push_back({type, type->make(defaults, context)});
    RHUMB_ASSERT(entries.back().filter != nullptr);
  }
  return std::make_shared<const Chain>(std::move(entries));
}

}  // namespace rhumb::filters
