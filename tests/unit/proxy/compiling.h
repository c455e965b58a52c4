// SPDX-License-Identifier: Apache-2.0
// For tests: a configuration's text to a world that can serve, with everything up and nothing measured. The test's
// thread.
#pragma once
#include <gtest/gtest.h>

#include <string>

#include "config/load.h"
#include "proxy/compile.h"
#include "proxy/explain.h"

namespace rhumb::proxy::testing {

inline const std::string kListener = "listeners: [{name: web, address: \"127.0.0.1:0\"}]\n";
/// Two regions whose endpoints nobody serves.
inline const std::string kTwoRegions =
    "regions:\n"
    "  - {name: eu, location: {latitude: 50.1, longitude: 8.7, country: DE}, endpoints: [\"127.0.0.1:9001\"]}\n"
    "  - {name: us, location: {latitude: 37.5, longitude: -77.5, country: US}, endpoints: [\"127.0.0.1:9002\"]}\n";

struct Compiled {
  config::Loaded loaded;
  std::shared_ptr<const ConfigSnapshot> snapshot;
  std::string errors() const { return config::render(loaded.diagnostics, loaded.sources); }
};

inline Compiled compile_text(const std::string& text, admin::Registry* registry = nullptr,
                             upstream::Meters* meters = nullptr, uint64_t generation = 1) {
  Compiled out;
  out.loaded = config::load_text(text, "test.yaml");
  if (!out.loaded.ok()) return out;
  config::Spec spec = out.loaded.spec;
  out.snapshot = compile(std::move(spec), generation, registry, meters, out.loaded.diagnostics);
  return out;
}

/// A world of the text; the test fails, and the pointer is null, when the text is bad.
inline World world_of(const std::string& text, admin::Registry* registry = nullptr, upstream::Meters* meters = nullptr,
                      uint64_t generation = 1) {
  const Compiled compiled = compile_text(text, registry, meters, generation);
  EXPECT_NE(compiled.snapshot, nullptr) << compiled.errors();
  World world;
  world.config = compiled.snapshot;
  if (world.config != nullptr)
    world.states = std::make_shared<const decision::RegionStates>(decision::unmeasured(*world.config->regions));
  return world;
}

}  // namespace rhumb::proxy::testing
