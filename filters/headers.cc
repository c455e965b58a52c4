// SPDX-License-Identifier: Apache-2.0
// Header fields set, added and removed, with variables in their values. The request's change once the region is
// decided, so that they can name it.
#include <fmt/format.h>

#include "config/codes.h"
#include "filters/registry.h"
#include "filters/template.h"
#include "http/h1_writer.h"

namespace rhumb::filters {
namespace {

using config::Field;
using config::Section;
using config::Type;
using http::FieldId;

constexpr size_t kMaxFields = 16;  // of one filter and direction: a message's table has room for http::Headers::kSpare

// Host decides the route and the rest decides framing and connection: changing them here would make two readings of a
// message.
constexpr uint64_t kNever = http::kHopByHop | http::bit(FieldId::host) | http::bit(FieldId::expect);

struct Change {
  FieldId id;
  std::string name;
  std::optional<Template> value;
};

/// Which fields `add` left behind. A retry in another region runs the filter again, and they must not be there twice.
struct Added {
  uint32_t first = 0, count = 0;
};

class Changes {
 public:
  Changes(const Section& section, bool of_request) {
    read(section, "set", of_request, set_);
    read(section, "add", of_request, add_);
    read_removals(section, of_request);
    if (set_.size() + add_.size() > kMaxFields)
      section.diagnostics().error(
          config::code::kRange, section.place(),
          fmt::format("{}: at most {} fields can be set and added", section.path(), kMaxFields));
  }

  void apply(http::Headers& fields, const ExchangeView& view, Added& added) const {
    for (size_t i = 0; i < added.count; ++i) fields.remove_at(added.first + i);
    for (const Change& change : remove_) fields.remove(change.id, change.name);
    for (const Change& change : set_) {
      const std::string_view value = value_of(change, view);
      // Gone even when there is no value to put there: else the sender's own would pass for ours.
      if (value.empty()) {
        fields.remove(change.id, change.name);
      } else {
        fields.set(change.id, change.name, value);
      }
    }
    put_added(fields, view, added);
  }

 private:
  /// Each has a place of its own, filled again by a later run: a retry takes no further room in the table.
  void put_added(http::Headers& fields, const ExchangeView& view, Added& added) const {
    const bool first_run = added.count == 0;
    if (first_run) added.first = static_cast<uint32_t>(fields.all().size());
    for (size_t i = 0; i < add_.size(); ++i) {
      const Change& change = add_[i];
      const std::string_view value = value_of(change, view);
      if (first_run) {
        if (!fields.add(change.id, change.name, value)) return;
        ++added.count;
      }
      if (i >= added.count) return;
      if (value.empty()) {
        fields.remove_at(added.first + i);
      } else if (fields.has(change.id)) {
        fields.replace_at(added.first + i, change.id, change.name, value);
      } else {
        // The table has forgotten that there is one of these; only add() tells it.
        fields.add(change.id, change.name, value);
      }
    }
  }

  static std::string_view value_of(const Change& change, const ExchangeView& view) {
    const std::string_view value = change.value->expand(view);
    return http::valid_value(value) ? value : std::string_view{};
  }

  static bool check_name(const Section& section, std::string_view name, config::Place place, bool of_request) {
    const FieldId id = http::field_id(name);
    if (!http::valid_name(name)) {
      section.diagnostics().error(config::code::kName, place,
                                  fmt::format("{}: {} is not the name of a header field", section.path(),
                                              section.diagnostics().said(name, place)));
    } else if (id != FieldId::other && (kNever & http::bit(id)) != 0) {
      section.diagnostics().error(
          config::code::kNotAllowed, place,
          fmt::format("{}: '{}' belongs to the connection or the framing", section.path(), name),
          "the gateway writes it itself");
    } else if (of_request && id == FieldId::x_region) {
      section.diagnostics().error(config::code::kNotAllowed, place,
                                  fmt::format("{}: the gateway sets X-Region itself", section.path()));
    } else {
      return true;
    }
    return false;
  }

  static void read(const Section& section, std::string_view key, bool of_request, std::vector<Change>& to) {
    const config::Node* node = section.node() != nullptr ? section.node()->find(key) : nullptr;
    if (node == nullptr) return;
    for (const config::Node::Member& member : node->members) {
      if (!check_name(section, member.key, member.key_place, of_request)) continue;
      const std::string path = fmt::format("{}.{}.{}", section.path(), key, member.key);
      if (member.value.kind != config::Node::Kind::scalar) continue;  // the section has said so
      if (member.value.scalar.empty()) {
        section.diagnostics().error(config::code::kEmpty, member.value.place, path + ": the value is empty",
                                    "to take a field away, name it in remove");
        continue;
      }
      auto value = Template::compile(member.value.scalar, member.value.place, path, section.diagnostics());
      if (value) to.push_back({http::field_id(member.key), member.key, std::move(value)});
    }
  }

  void read_removals(const Section& section, bool of_request) {
    const std::vector<std::string> names = section.strings("remove");
    for (size_t i = 0; i < names.size(); ++i)
      if (check_name(section, names[i], section.item_place("remove", i), of_request))
        remove_.push_back({http::field_id(names[i]), names[i], std::nullopt});
  }

  std::vector<Change> set_, add_, remove_;
};

class HeadersFilter final : public Filter {
 public:
  HeadersFilter(Changes request, Changes response) : request_(std::move(request)), response_(std::move(response)) {}

  Verdict on_request(FilterContext& ctx) const override {
    request_.apply(ctx.request().fields, ctx.view(), ctx.slot<Added>());
    return Verdict::next();
  }
  Verdict on_response(FilterContext& ctx) const override {
    Added once;
    response_.apply(ctx.response().fields, ctx.view(), once);
    return Verdict::next();
  }

 private:
  Changes request_, response_;
};

constexpr Field kChanges[] = {
    {.name = "set",
     .type = Type::map,
     .fallback = "{}",
     .doc = "Fields that get this value and no other; one that comes out empty or invalid is taken away.",
     .secret = true},
    {.name = "add",
     .type = Type::map,
     .fallback = "{}",
     .doc = "Fields added to those that are there.",
     .secret = true},
    {.name = "remove", .type = Type::list, .fallback = "[]", .doc = "Fields taken away, before set and add."},
};

constexpr Field kOptions[] = {
    {.name = "request", .type = Type::section, .doc = "Changes on the way to the region.", .fields = kChanges},
    {.name = "response", .type = Type::section, .doc = "Changes on the way to the client.", .fields = kChanges},
};

std::unique_ptr<const Filter> make(const Section& section, const BuildContext&) {
  const size_t errors = section.diagnostics().errors();
  Changes request(section.section("request"), true), response(section.section("response"), false);
  if (section.diagnostics().errors() != errors) return nullptr;
  return std::make_unique<HeadersFilter>(std::move(request), std::move(response));
}

}  // namespace

constinit const FilterType headers_filter{
    .name = "headers",
    .summary = "Sets, adds and removes header fields of requests and responses.",
    .phase = Phase::decided,
    .on_request = true,
    .on_response = true,
    .options = kOptions,
    .make = make,
};

}  // namespace rhumb::filters
