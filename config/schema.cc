// SPDX-License-Identifier: Apache-2.0
#include "config/schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/describe.h"
#include "config/json_writer.h"
#include "config/tables.h"
#include "config/value.h"
#include "geo/centroids.h"

namespace rhumb::config {
namespace {

// Of base/units.h: digits with a fraction, and the units of a kind.
constexpr std::string_view kNumber = "[0-9]+(\\.[0-9]+)?";
constexpr std::string_view kV4 = "[0-9]{1,3}(\\.[0-9]{1,3}){3}";
constexpr std::string_view kV6 = "[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*";

std::string ref(std::string_view definition) { return fmt::format("#/$defs/{}", definition); }

class SchemaWriter {
 public:
  explicit SchemaWriter(std::span<const Field> filters) : filters_(filters) {}

  std::string write() {
    out_.open('{');
    out_.member("$schema", "https://json-schema.org/draft/2020-12/schema");
    out_.member("title", "Configuration of Rhumb, a geo-routing edge gateway");
    mapping(root_fields(), true);
    out_.key("$defs"), out_.open('{');
    definitions();
    out_.close();
    out_.close();
    return out_.take();
  }

 private:
  void pattern(std::string_view name, const std::string& regex) {
    out_.key(name), out_.open('{');
    out_.key("anyOf"), out_.open('[');
    out_.open('{'), out_.member("type", "string"), out_.member("pattern", "^(" + regex + ")$"), out_.close();
    reference("variable");
    out_.close(), out_.close();
  }
  void reference(std::string_view name) { out_.open('{'), out_.member("$ref", ref(name)), out_.close(); }

  void definitions() {
    out_.key("variable"), out_.open('{');
    out_.member("description", "A value with an environment variable in it: ${NAME} or ${NAME:-default}.");
    out_.member("type", "string"), out_.member("pattern", "\\$\\{"), out_.close();
    out_.key("text"), out_.open('{');
    out_.key("type"), out_.open('['), out_.text("string"), out_.text("number"), out_.text("boolean"), out_.close();
    out_.member("pattern", "^[^\\u0000-\\u001f\\u007f]*$"), out_.close();
    out_.key("path"), out_.open('{');
    out_.member("type", "string"), out_.member("pattern", "^[^\\u0000-\\u001f\\u007f]+$"), out_.close();
    pattern("duration", fmt::format("({}(us|ms|s|m|h|d))+", kNumber));
    pattern("size", fmt::format("{}(B|KiB|MiB|GiB|KB|MB|GB)", kNumber));
    pattern("rate", fmt::format("{}r/[sm]", kNumber));
    pattern("percent", fmt::format("{}%", kNumber));
    pattern("address", fmt::format("unix:/.{{0,106}}|({}|\\[{}\\]):[0-9]{{1,5}}", kV4, kV6));
    pattern("cidr", fmt::format("({}|{})(/[0-9]{{1,3}})?", kV4, kV6));
    countries();
    filter_list();
  }

  void countries() {
    out_.key("country"), out_.open('{');
    out_.key("anyOf"), out_.open('['), out_.open('{');
    out_.key("enum"), out_.open('[');
    for (const geo::CountryInfo& info : geo::all_countries()) out_.text(info.code);
    out_.close(), out_.close();
    reference("variable");
    out_.close(), out_.close();
  }

  /// A name alone, where no option is required, or a mapping of one name to its options.
  void filter_list() {
    out_.key("filter"), out_.open('{');
    out_.key("anyOf"), out_.open('['), out_.open('{');
    out_.key("enum"), out_.open('[');
    for (const Field& filter : filters_)
      if (!needs_options(filter)) out_.text(filter.name);
    out_.close(), out_.close();
    out_.open('{'), out_.member("type", "object");
    out_.key("minProperties"), out_.raw("1"), out_.key("maxProperties"), out_.raw("1");
    out_.key("properties"), out_.open('{');
    for (const Field& filter : filters_) {
      out_.key(filter.name), out_.open('{');
      out_.member("description", filter.doc);
      if (needs_options(filter)) {
        mapping(filter.fields, false);
      } else {
        out_.key("anyOf"), out_.open('['), out_.open('{'), out_.member("type", "null"), out_.close();
        out_.open('{'), mapping(filter.fields, false), out_.close(), out_.close();
      }
      out_.close();
    }
    out_.close(), out_.key("additionalProperties"), out_.raw("false");
    out_.close(), reference("variable"), out_.close(), out_.close();
  }
  static bool needs_options(const Field& filter) {
    return std::any_of(filter.fields.begin(), filter.fields.end(), [](const Field& f) { return f.required; });
  }

  void mapping(std::span<const Field> fields, bool root) {
    out_.member("type", "object");
    out_.key("properties"), out_.open('{');
    const Field* any = nullptr;
    for (const Field& field : fields) field.name == kAnyKey ? void(any = &field) : property(field, fields);
    out_.close();
    if (root) out_.key("patternProperties"), out_.open('{'), out_.key("^x-"), out_.raw("true"), out_.close();
    out_.key("additionalProperties");
    any != nullptr ? scalar(*any, any->type) : out_.raw("false");
    const auto demanded = [&](const Field& field) { return field.required && !has_old_name(field, fields); };
    if (std::none_of(fields.begin(), fields.end(), demanded)) return;
    out_.key("required"), out_.open('[');
    for (const Field& field : fields)
      if (demanded(field)) out_.text(field.name);
    out_.close();
  }

  /// Then a file may have either of two keys, and the schema demands neither.
  static bool has_old_name(const Field& field, std::span<const Field> beside) {
    return std::any_of(beside.begin(), beside.end(), [&](const Field& f) { return f.renamed_to == field.name; });
  }

  void property(const Field& field, std::span<const Field> beside) {
    out_.key(field.name), out_.open('{');
    if (field.renamed_to.empty()) {
      std::string doc(field.doc);
      if (!has_rows(field)) doc += fmt::format(" ({})", value_text(field));
      out_.member("description", doc);
      fallback(field);
      value(field);
    } else {
      out_.member("description", fmt::format("The old name of '{}'.", field.renamed_to));
      out_.key("deprecated"), out_.raw("true");
      value(*std::find_if(beside.begin(), beside.end(), [&](const Field& f) { return f.name == field.renamed_to; }));
    }
    out_.close();
  }

  void value(const Field& field) {
    switch (field.type) {
      case Type::section:
        mapping(field.fields, false);
        break;
      case Type::sections:
        out_.member("type", "array"), out_.key("items"), out_.open('{'), mapping(field.fields, false), out_.close();
        break;
      case Type::list:
        list(field);
        break;
      case Type::map:
        out_.member("type", "object"), out_.key("additionalProperties"), scalar(field, field.element);
        break;
      default:
        body(field, field.type);
    }
  }

  /// One value without brackets is a list of one, but for filters.
  void list(const Field& field) {
    if (field.element == Type::section) {
      out_.member("type", "array"), out_.key("items"), reference("filter");
      return;
    }
    out_.key("anyOf"), out_.open('[');
    out_.open('{'), out_.member("type", "array"), out_.key("items"), scalar(field, field.element), out_.close();
    scalar(field, field.element);
    out_.close();
  }

  void scalar(const Field& field, Type type) { out_.open('{'), body(field, type), out_.close(); }

  void body(const Field& field, Type type) {
    switch (type) {
      case Type::boolean:
      case Type::integer:
      case Type::number:
        out_.key("anyOf"), out_.open('['), out_.open('{');
        out_.member("type", type == Type::boolean ? "boolean" : type == Type::integer ? "integer" : "number");
        bounds(field);
        out_.close(), reference("variable"), out_.close();
        break;
      case Type::enumeration:
        out_.key("anyOf"), out_.open('['), out_.open('{'), out_.key("enum"), out_.open('[');
        for (const std::string_view word : words(field.allowed)) {
          out_.text(word);
          if (read_integer(word)) out_.raw(word);  // written without quotes, it is a number to a reader of JSON
        }
        out_.close(), out_.close(), reference("variable"), out_.close();
        break;
      default:
        out_.member("$ref", ref(definition_of(type)));
    }
  }

  static std::string_view definition_of(Type type) {
    switch (type) {
      case Type::duration:
        return "duration";
      case Type::size:
        return "size";
      case Type::rate:
        return "rate";
      case Type::percent:
        return "percent";
      case Type::address:
        return "address";
      case Type::cidr:
        return "cidr";
      case Type::country:
        return "country";
      case Type::path:
        return "path";
      default:
        return "text";
    }
  }

  void bounds(const Field& field) {
    constexpr double kNoLimit = 1e300;
    if (field.min > -kNoLimit) out_.key("minimum"), out_.raw(fmt::format("{:.17g}", field.min));
    if (field.max < kNoLimit) out_.key("maximum"), out_.raw(fmt::format("{:.17g}", field.max));
  }

  void fallback(const Field& field) {
    if (field.fallback.empty()) return;
    out_.key("default");
    if (field.type == Type::list || field.type == Type::sections) {
      out_.open('[');
      for (const std::string_view word : words(field.fallback)) out_.text(word);
      out_.close();
    } else if (field.type == Type::map || field.type == Type::boolean || field.type == Type::integer ||
               field.type == Type::number) {
      out_.raw(field.fallback);
    } else {
      out_.text(field.fallback);
    }
  }

  std::span<const Field> filters_;
  JsonWriter out_;
};

}  // namespace

std::string json_schema(std::span<const Field> filters) { return SchemaWriter(filters).write(); }

}  // namespace rhumb::config
