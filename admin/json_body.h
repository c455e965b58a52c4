// SPDX-License-Identifier: Apache-2.0
// The body of a change: one JSON object with known keys, each once. What is wrong is kept and told in a sentence; after
// that, reading gives defaults. Pure; any thread.
#pragma once
#include <initializer_list>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace rhumb::admin {

class JsonBody {
 public:
  /// An empty text is an empty object.
  JsonBody(std::string_view text, std::initializer_list<std::string_view> keys);
  ~JsonBody();

  /// Must be there, and true or false.
  bool boolean(std::string_view key);
  /// Must be there: a number from 0 to 1, or "50%".
  double share(std::string_view key);
  /// Must be there: "10m", within the limits; `why` says what it is for.
  base::Micros duration(std::string_view key, base::Micros least, base::Micros most, std::string_view why);
  /// Empty when it is not there. At most `limit` bytes without control characters.
  std::string text(std::string_view key, size_t limit);

  bool ok() const noexcept { return problem_.empty(); }
  /// A sentence; empty while all is well.
  const std::string& problem() const noexcept { return problem_; }

 private:
  const nlohmann::json* find(std::string_view key) const;
  void complain(std::string problem);
  void refuse_unknown(const std::vector<std::string_view>& known);
  std::unique_ptr<nlohmann::json> body_;
  std::string problem_;
};

}  // namespace rhumb::admin
