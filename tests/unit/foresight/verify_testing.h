// SPDX-License-Identifier: Apache-2.0
// For tests of proofs: the text of a configuration to what is proved of it. The test's thread.
#pragma once
#include <gtest/gtest.h>

#include <string>

#include "config/load.h"
#include "foresight/verify.h"

namespace rhumb::foresight::testing {

inline const std::string kVerifyListener = "listeners: [{name: web, address: \"127.0.0.1:8080\"}]\n";

/// One region's line; `more` begins with ", " when it is not empty.
inline std::string region_line(const std::string& name, double north, double east, const std::string& more = {}) {
  static int port = 0;
  port = port % 50'000 + 1;
  return "  - {name: " + name + ", location: {latitude: " + std::to_string(north) +
         ", longitude: " + std::to_string(east) + "}, endpoints: [\"127.0.0.1:" + std::to_string(port) + "\"]" + more +
         "}\n";
}

/// Frankfurt, Virginia and Mumbai.
inline std::string three_regions(const std::string& eu = {}, const std::string& us = {}, const std::string& ap = {}) {
  return "regions:\n" + region_line("eu", 50.1, 8.7, eu) + region_line("us", 37.5, -77.5, us) +
         region_line("ap", 19.1, 72.9, ap);
}

inline config::Spec listening_spec(const std::string& text) {
  config::Loaded loaded = config::load_text(kVerifyListener + text, "test.yaml");
  EXPECT_TRUE(loaded.ok()) << config::render(loaded.diagnostics, loaded.sources);
  return std::move(loaded.spec);
}

inline Verified verified(const std::string& text) { return verify(listening_spec(text)); }

/// Of a file with one rule: what refutes it, or nothing.
inline std::optional<Refutation> refuted(const std::string& text) {
  const Verified result = verified(text);
  EXPECT_EQ(result.rules.size(), 1u);
  return result.rules.at(0).refutation;
}

}  // namespace rhumb::foresight::testing
