// SPDX-License-Identifier: Apache-2.0
// Ordered list of databases: the first that knows an address wins; overlays stand in front. An answer without a point
// takes the point of a later database that names the same country, else the country's centroid. Immutable once built;
// any thread.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "geo/database.h"
#include "geo/facts.h"

namespace rhumb::geo {

class Locator {
 public:
  struct Input {
    std::string path;
    bool overlay = false;
  };
  /// Opens every file (private sealed copy, validated whole). A file that cannot be used is an error with its path;
  /// nothing half-open is kept. Blocks while it works; the running gateway passes validate_in_child.
  static base::Result<std::shared_ptr<const Locator>, std::string> open(const std::vector<Input>& files,
                                                                        Validator validator = validate_here);
  explicit Locator(std::vector<Database> databases);

  /// About 1 microsecond; no allocation, no system call. Unknown addresses give Facts with Source::none.
  Facts locate(const base::IpAddress& address) const noexcept;
  /// In the order they are asked: overlays first, each kind in the order given. Facts::database counts here.
  const std::vector<Database>& databases() const noexcept { return databases_; }

 private:
  std::vector<Database> databases_;
};

}  // namespace rhumb::geo
