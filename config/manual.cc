// SPDX-License-Identifier: Apache-2.0
#include "config/manual.h"

#include <fmt/format.h>

#include "config/describe.h"

namespace rhumb::config {
namespace {

constexpr std::string_view kHead = R"(.SH NAME
rhumb.yaml \- configuration of the geo-routing edge gateway rhumb
.SH DESCRIPTION
One file in YAML, read by
.BR rhumb (1).
.B rhumb check
says everything that is wrong with it,
.B rhumb help
.I KEY
explains one key, and
.B rhumb schema
prints a JSON Schema for editors.
.PP
In the headings below
.B regions[]
is a list of mappings, and
.B a.b
a key inside a mapping.
A list of plain values may be a single value without brackets.
.PP
Values with units need them: durations (us ms s m h d, also 1h30m), sizes (B KiB MiB GiB KB MB GB), rates (r/s r/m),
percentages (%).
Any value may hold ${NAME} or ${NAME:\-default} from the environment; $$ is a dollar sign.
Keys at the top level that begin with x\- are free.
.PP
A change takes effect at a reload, unless its key says otherwise.
)";

constexpr std::string_view kTail = R"(.SH EXAMPLE
The least a gateway needs:
.PP
.nf
listeners:
  \- {name: web, address: "127.0.0.1:8080"}
regions:
  \- name: eu\-west
    location: {latitude: 53.3, longitude: \-6.2}
    endpoints: ["127.0.0.1:9001"]
  \- name: us\-east
    location: {latitude: 37.5, longitude: \-77.5}
    endpoints: ["127.0.0.1:9002"]
.fi
.SH FILES
.TP
.I /etc/rhumb/rhumb.yaml
The configuration of the packaged service.
.SH SEE ALSO
.BR rhumb (1)
)";

/// Text as troff prints it letter by letter. A line of it never begins with a control character.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else if (c == '"') {
      result += "\\(dq";
    } else if (c == '\'') {
      result += "\\(aq";
    } else {
      result += c;
    }
  }
  return result.starts_with('.') ? "\\&" + result : result;
}

void one_key(const Row& row, std::string& out) {
  const Field& field = *row.field;
  out += fmt::format(".TP\n.B {}\n{}\n", escaped(field.name), escaped(field.doc));
  std::string facts = value_text(field);
  if (!field.fallback.empty()) facts += "; default " + std::string(field.fallback);
  if (facts.starts_with("a ") || facts.starts_with("an ")) facts[0] = 'A';
  out += escaped(facts + ".") + "\n";
  if (const std::string notes = notes_text(row); !notes.empty()) out += escaped(notes) + "\n";
}

}  // namespace

std::string manual_page(std::span<const Field> filters, std::string_view version) {
  const std::vector<Row> rows = all_rows(filters);
  std::string out = fmt::format(".TH RHUMB.YAML 5 \"\" \"rhumb {}\" \"Rhumb manual\"\n", version);
  out += kHead;
  out += ".SH THE TOP LEVEL\n";
  for (const Row& row : rows_below(rows, {})) one_key(row, out);
  for (const Row& row : rows) {
    const bool filter = row.path.find(".filters[].") != std::string::npos;
    const std::vector<Row> below = rows_below(rows, row.path);
    if (below.empty() && !(filter && row.field->type == Type::section)) continue;
    const bool many = row.field->type == Type::sections || row.field->type == Type::list;
    out += fmt::format(".SH \"{}{}\"\n{}\n", escaped(row.path), many ? "[]" : "", escaped(row.field->doc));
    for (const Row& one : below) one_key(one, out);
  }
  out += kTail;
  return out;
}

}  // namespace rhumb::config
