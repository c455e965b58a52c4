// SPDX-License-Identifier: Apache-2.0
// The configuration in force as text for the admin listener. A form of it is made once, by the first who asks for it,
// as far as somebody has read it; all who ask for the same form read the same text. Control thread.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "admin/api.h"
#include "config/show.h"
#include "config/spec.h"

namespace rhumb::proxy {

/// One form of one configuration, in pieces of at most kPiece bytes. Keeps the file's tree until all is made.
class ConfigText {
 public:
  static constexpr size_t kPiece = 64 * 1024;

  ConfigText(const config::Spec& spec, config::ShowOptions options, config::ShowForm form);
  /// Appends piece number `at`, which is made with all before it if it is not yet there; one bit of work
  /// (config/show.h) a call, so that nothing may be appended. Done: there is no piece `at`.
  admin::BodySource::State piece(size_t at, std::string& to);
  /// It is not wanted again.
  void forget(size_t at) { pieces_[at] = {}; }
  size_t pieces() const noexcept { return pieces_.size(); }
  bool is_of(const config::Spec& spec, config::ShowOptions options, config::ShowForm form) const noexcept;

 private:
  void make_some();

  const std::weak_ptr<const config::Node> of_;
  config::ShowOptions options_;
  config::ShowForm form_;
  std::unique_ptr<config::ShowPieces> show_;  // null: all is made
  std::vector<std::string> pieces_;
  std::string rest_;
};

/// The texts that are shared. The last one asked for is kept; of others there is one more, as long as it is read. Who
/// asks for a third form has a text of his own, of which nothing stays.
class ConfigTexts {
 public:
  static constexpr size_t kShared = 2;

  std::unique_ptr<admin::BodySource> source(const config::Spec& spec, config::ShowOptions options,
                                            config::ShowForm form);

 private:
  std::shared_ptr<ConfigText> last_;
  std::vector<std::weak_ptr<ConfigText>> shared_;
};

}  // namespace rhumb::proxy
