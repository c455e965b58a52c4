// SPDX-License-Identifier: Apache-2.0
// How one request becomes a line of the access log: access_log's format, what of a request may be told, and the share
// of requests that is. Compiled with the configuration, immutable and shared by all workers; a request is written as
// the configuration in force at its end says.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "config/spec.h"
#include "proxy/access_fields.h"

namespace rhumb::proxy {

struct ExchangeRecord;

class AccessFormat {
 public:
  static constexpr size_t kMaxPieces = 128;

  /// Null when the log is off, or after errors, which are in the diagnostics. Control thread.
  static std::shared_ptr<const AccessFormat> compile(const config::AccessLogSpec& spec,
                                                     config::Diagnostics& diagnostics);

  /// Does this request get a line? `draw`: 64 random bits. A request that failed always does. Worker's thread.
  bool takes(const ExchangeRecord& record, uint64_t draw) const noexcept;
  bool samples() const noexcept { return sample_ < 1; }
  /// The line, with its newline, inside `to` (64 KiB hold any). Values are cut to keep it there. No allocation.
  /// Worker's thread.
  std::string_view line(const Exchange& exchange, base::WallTime wall, base::Instant now,
                        std::span<char> to) const noexcept;

 private:
  struct Piece {
    std::string literal;
    const AccessField* field = nullptr;  // this, else
    int header = -1;                     // this, else the literal
  };
  bool add_pieces(std::string_view text, const config::AccessLogSpec& spec, config::Diagnostics& diagnostics);
  std::string_view json_line(const LineContext& line, std::span<char> to) const noexcept;
  std::string_view text_line(const LineContext& line, std::span<char> to) const noexcept;

  Discretion discretion_;
  double sample_ = 1;
  bool json_ = false;
  std::vector<LoggedHeader> headers_;
  std::vector<Piece> pieces_;  // of a line of text
};

}  // namespace rhumb::proxy
