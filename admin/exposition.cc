// SPDX-License-Identifier: Apache-2.0
#include "admin/exposition.h"

namespace rhumb::admin {

std::string label(std::string_view name, std::string_view value) {
  std::string out(name);
  out += "=\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    c == '\n' ? out += "\\n" : out += c;
  }
  return out += '"';
}

bool Page::next(std::string& out) {
  const size_t before = out.size();
  while (family_ < families_.size()) {
    const Family& family = families_[family_];
    if (part_ == 0)
      fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", family.name, family.help, family.name,
                     family.type);
    Samples samples(out, family.name);
    if (family.write(samples, part_)) {
      ++part_;
    } else {
      ++family_, part_ = 0;
    }
    if (samples.ended() || out.size() - before >= kPiece) break;
  }
  return family_ < families_.size();
}

}  // namespace rhumb::admin
