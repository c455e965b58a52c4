// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a checking process hands back: they are refused or taken for a bundle, which has one spelling, and
// whose first file is loaded with all it includes without a look at the disk.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/load.h"

namespace {

void require(bool condition) {
  if (!condition) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rhumb::config;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto bundle = decode(bytes);
  if (!bundle) return 0;
  require(encode(*bundle) == bytes);
  const std::string path = bundle->files.empty() ? "rhumb.yaml" : bundle->files[0].path;
  BundleFiles files(*std::move(bundle));
  const Loaded loaded = load(files, path);
  require(loaded.ok() || !render(loaded.diagnostics, loaded.sources).empty());
  require(loaded.sources.size() >= 1);
  return 0;
}
