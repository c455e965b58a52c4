// SPDX-License-Identifier: Apache-2.0
#include "proxy/config_text.h"

#include <algorithm>

#include "filters/registry.h"

namespace rhumb::proxy {
namespace {

using State = admin::BodySource::State;

class TextSource final : public admin::BodySource {
 public:
  /// `alone`: nobody else reads it.
  TextSource(std::shared_ptr<ConfigText> text, bool alone) : text_(std::move(text)), alone_(alone) {}
  State next(std::string& to) override {
    const size_t before = to.size();
    const State state = text_->piece(at_, to);
    if (to.size() == before) return state;
    if (alone_) text_->forget(at_);
    ++at_;
    return state;
  }

 private:
  std::shared_ptr<ConfigText> text_;
  bool alone_;
  size_t at_ = 0;
};

}  // namespace

ConfigText::ConfigText(const config::Spec& spec, config::ShowOptions options, config::ShowForm form)
    : of_(spec.tree),
      options_(options),
      form_(form),
      show_(std::make_unique<config::ShowPieces>(spec.tree, spec.sources, filters::filter_rows(), options, form)) {}

bool ConfigText::is_of(const config::Spec& spec, config::ShowOptions options, config::ShowForm form) const noexcept {
  return of_.lock() == spec.tree && options_.effective == options.effective && options_.origin == options.origin &&
         form_ == form;
}

void ConfigText::make_some() {
  const bool more = show_->next(rest_);
  size_t cut = 0;
  for (; rest_.size() - cut >= kPiece; cut += kPiece) pieces_.push_back(rest_.substr(cut, kPiece));
  rest_.erase(0, cut);
  if (more) return;
  if (!rest_.empty()) pieces_.push_back(std::move(rest_));
  rest_ = {};
  show_.reset();
}

State ConfigText::piece(size_t at, std::string& to) {
  if (at >= pieces_.size() && show_ != nullptr) make_some();
  if (at >= pieces_.size()) return show_ == nullptr ? State::done : State::more;
  to += pieces_[at];
  return show_ == nullptr && at + 1 == pieces_.size() ? State::done : State::more;
}

std::unique_ptr<admin::BodySource> ConfigTexts::source(const config::Spec& spec, config::ShowOptions options,
                                                       config::ShowForm form) {
  const auto same = [&](const std::shared_ptr<ConfigText>& text) { return text->is_of(spec, options, form); };
  if (last_ != nullptr && !same(last_)) last_.reset();
  std::erase_if(shared_, [](const auto& text) { return text.expired(); });
  for (const auto& text : shared_) {
    auto there = text.lock();
    if (same(there)) return std::make_unique<TextSource>(last_ = std::move(there), false);
  }
  auto text = std::make_shared<ConfigText>(spec, options, form);
  if (shared_.size() >= kShared) return std::make_unique<TextSource>(std::move(text), true);
  shared_.push_back(text);
  return std::make_unique<TextSource>(last_ = std::move(text), false);
}

}  // namespace rhumb::proxy
