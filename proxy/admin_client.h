// SPDX-License-Identifier: Apache-2.0
// What the commands ask a running gateway with: one request of its admin listener, with deadlines. Blocking; for the
// command line alone, never inside a gateway.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "net/socket.h"

namespace rhumb::proxy {

struct AdminAnswer {
  int status = 0;
  std::string content_type, body;
  bool ok() const noexcept { return status >= 200 && status < 300; }
};

/// Where the gateway is and who asks. `address` is "unix:/path" or "ip:port".
struct AdminTarget {
  std::string address;
  std::string token;  // empty: none is shown
};

/// The address: the one given, else $RHUMB_ADMIN, else unix:/run/rhumb/admin.sock. The token: what the file holds that
/// was given, else the one $RHUMB_TOKEN_FILE names, else none; never an argument, which everybody on the machine can
/// read.
base::Result<AdminTarget, std::string> find_gateway(const std::string& address, const std::string& token_file);

class AdminClient {
 public:
  explicit AdminClient(AdminTarget target) : target_(std::move(target)) {}

  /// `path` with its query, escaped. With a body it is sent as JSON. The whole answer, 256 MiB at most, must be there
  /// within `limit`; an error says where, and what to look at.
  base::Result<AdminAnswer, std::string> request(std::string_view method, std::string_view path,
                                                 std::string_view body = {},
                                                 base::Micros limit = base::Seconds(10)) const;
  /// GET of a stream: calls `line` (without its end) for each line as it comes until that returns false or the stream
  /// ends. The head must come within 10 s, then something at least every `silence`; a line has 1 MiB at most. An answer
  /// that is no stream, a refusal say, must be there whole, 1 MiB at most, within the 10 s and is returned with its
  /// body; of a stream the body is empty.
  base::Result<AdminAnswer, std::string> follow(std::string_view path,
                                                const std::function<bool(std::string_view)>& line,
                                                base::Micros silence = base::Seconds(60)) const;

 private:
  class Exchange;
  base::Result<AdminAnswer, std::string> whole(Exchange& exchange, size_t most) const;

  AdminTarget target_;
};

/// The message of a refusal's {"error": ...}, else the body, else the status: for people.
std::string refusal_text(const AdminAnswer& answer);
/// For the value of a query key: all but letters, digits and -._~/: becomes %XX.
std::string escape_query(std::string_view text);
/// For one segment of a path: as above, and "/" too.
std::string escape_segment(std::string_view text);

}  // namespace rhumb::proxy
