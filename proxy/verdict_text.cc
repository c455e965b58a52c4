// SPDX-License-Identifier: Apache-2.0
#include "proxy/verdict_text.h"

#include <fmt/format.h>

#include <string_view>

#include "base/log.h"

namespace rhumb::proxy {
namespace {

constexpr size_t kPiece = 32 * 1024, kSlice = 4 * 1024;

/// How much of the text makes a slice: some of it, and no character in two.
size_t slice_of(std::string_view text) {
  if (text.size() <= kSlice) return text.size();
  size_t end = kSlice;
  for (int i = 0; i < 3 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80; ++i) --end;
  return end;
}

class VerdictSource final : public admin::BodySource {
 public:
  VerdictSource(std::shared_ptr<const ReloadVerdict> verdict, std::string members)
      : verdict_(std::move(verdict)), members_(std::move(members)) {}

  State next(std::string& to) override {
    if (std::exchange(first_, false))
      to += fmt::format("{{{}\"generation\": {}, \"config\": {}, \"text\": \"", members_, verdict_->generation,
                        base::json_text(verdict_->config));
    while (to.size() < kPiece)
      if (!step(to)) return State::done;
    return State::more;
  }

 private:
  bool step(std::string& to) {
    const std::string_view text = std::string_view(verdict_->text).substr(at_);
    if (change_ == 0 && !text.empty()) {
      const size_t size = slice_of(text);
      const std::string quoted = base::json_text(text.substr(0, size));
      to.append(quoted, 1, quoted.size() - 2);
      at_ += size;
      return true;
    }
    if (change_ == 0) to += "\", \"changes\": [";
    if (change_ == verdict_->changes.size()) return to += "]}\n", false;
    const std::string one = config::diff_json({verdict_->changes[change_]});  // "[\n  {...}\n]\n"
    if (change_ != 0) to += ",";
    to.append(one, 1, one.size() - 4);
    if (++change_ == verdict_->changes.size()) return to += "]}\n", false;
    return true;
  }

  std::shared_ptr<const ReloadVerdict> verdict_;
  std::string members_;
  size_t at_ = 0, change_ = 0;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<admin::BodySource> verdict_source(std::shared_ptr<const ReloadVerdict> verdict, std::string members) {
  return std::make_unique<VerdictSource>(std::move(verdict), std::move(members));
}

}  // namespace rhumb::proxy
