// SPDX-License-Identifier: Apache-2.0
// Which methods a route takes.
#include <fmt/format.h>

#include <algorithm>

#include "config/codes.h"
#include "filters/registry.h"
#include "http/h1_writer.h"

namespace rhumb::filters {
namespace {

using config::Field;
using config::Section;
using config::Type;

class Methods final : public Filter {
 public:
  explicit Methods(std::vector<std::string> allow)
      : allow_(std::move(allow)), list_(fmt::format("{}", fmt::join(allow_, ", "))) {}

  Verdict on_request(FilterContext& ctx) const override {
    if (std::find(allow_.begin(), allow_.end(), ctx.request().method_text) != allow_.end()) return Verdict::next();
    return Verdict::reply({.status = 405, .extra_name = "Allow", .extra_value = list_});
  }

 private:
  std::vector<std::string> allow_;
  std::string list_;
};

constexpr Field kOptions[] = {
    {.name = "allow",
     .type = Type::list,
     .doc = "The methods that may pass; GET does not imply HEAD.",
     .required = true},
};

std::unique_ptr<const Filter> make(const Section& section, const BuildContext&) {
  const size_t errors = section.diagnostics().errors();
  std::vector<std::string> allow = section.strings("allow");
  for (size_t i = 0; i < allow.size(); ++i) {
    const bool lower = std::any_of(allow[i].begin(), allow[i].end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (http::valid_name(allow[i]) && !lower) continue;
    section.diagnostics().error(config::code::kName, section.item_place("allow", i),
                                fmt::format("{}.allow[{}]: {} is not a method", section.path(), i,
                                            section.diagnostics().said(allow[i], section.item_place("allow", i))),
                                lower ? "methods are written in capital letters: GET" : "");
  }
  if (allow.empty() && section.has("allow")) section.error(config::code::kEmpty, "allow", "the list must not be empty");
  if (section.diagnostics().errors() != errors || allow.empty()) return nullptr;
  return std::make_unique<Methods>(std::move(allow));
}

}  // namespace

constinit const FilterType methods_filter{
    .name = "methods",
    .summary = "Answers 405 to methods that are not allowed.",
    .phase = Phase::guard,
    .on_request = true,
    .on_response = false,
    .options = kOptions,
    .make = make,
};

}  // namespace rhumb::filters
