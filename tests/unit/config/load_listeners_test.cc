// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using testing::codes_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kRegions;

std::vector<int> codes_for(const std::string& listeners) {
  return codes_of("listeners:" + listeners + "\n" + kRegions);
}

TEST(LoadListeners, NeedsAtLeastOne) {
  EXPECT_THAT(codes_of(kRegions), ElementsAre(code::kNoneGiven));
  EXPECT_THAT(codes_for(" []"), ElementsAre(code::kNoneGiven));
}

TEST(LoadListeners, NeedsNameAndAddress) {
  EXPECT_THAT(codes_for(" [{}]"), ElementsAre(code::kMissingKey, code::kMissingKey));
  EXPECT_THAT(codes_for(" [{name: a, address: \"unix:/run/x\"}]"), ElementsAre(code::kAddress));
}

TEST(LoadListeners, NeedsNamesAndAddressesOfTheirOwn) {
  EXPECT_THAT(codes_for(" [{name: a, address: \"127.0.0.1:1\"}, {name: a, address: \"127.0.0.1:2\"}]"),
              ElementsAre(code::kDuplicateName));
  EXPECT_THAT(codes_for(" [{name: a, address: \"[::1]:1\"}, {name: b, address: \"[0:0::1]:1\"}]"),
              ElementsAre(code::kDuplicateAddress));
  EXPECT_THAT(codes_for(" [{name: a, address: \"127.0.0.1:0\"}, {name: b, address: \"127.0.0.1:0\"}]"), IsEmpty());
}

TEST(LoadListeners, KeepsLimitsSane) {
  EXPECT_THAT(codes_for(" [{name: a, address: \"127.0.0.1:1\", limits: {request_line: 1B, head: 1GiB, fields: 0}}]"),
              ElementsAre(code::kRange, code::kRange, code::kRange));
  EXPECT_THAT(codes_for(" [{name: a, address: \"127.0.0.1:1\", timeouts: {request_head: 0s, keep_alive: 2d}}]"),
              ElementsAre(code::kRange, code::kRange));
}

}  // namespace
}  // namespace rhumb::config
