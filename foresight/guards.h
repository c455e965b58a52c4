// SPDX-License-Identifier: Apache-2.0
// Whether a route would turn a client away by where it is or what its network is: the filters geo_acl and ip_acl of the
// route, run on facts alone. Control thread and command line.
#pragma once
#include <memory>
#include <vector>

#include "base/arena.h"
#include "decision/facts.h"
#include "filters/chain.h"

namespace rhumb::foresight {

class Guards {
 public:
  /// Of a file that was found good.
  explicit Guards(const config::Spec& spec);
  bool deny(uint32_t route, const decision::RequestFacts& facts);

 private:
  std::vector<std::shared_ptr<const filters::Chain>> chains_;  // by route; null: none of those filters
  base::BlockPool blocks_{4};
  base::Arena arena_{blocks_};
};

}  // namespace rhumb::foresight
