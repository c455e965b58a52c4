// SPDX-License-Identifier: Apache-2.0
#include "proxy/config_file.h"

#include "proxy/compile.h"

namespace rhumb::proxy {
namespace {

base::Result<void, std::string> check_in_child(std::string_view bytes) {
  const auto copy = base::SealedCopy::of(bytes);
  if (!copy) return base::Unexpected(copy.error());
  return base::run_child(kConfigCommand, copy->fd(), kConfigLimits);
}

/// All that will be done with the text. What is wrong with it is said by who reads it after us; that this ends is the
/// answer.
base::Result<void, std::string> survive(int fd) {
  auto bytes = base::read_descriptor(fd);
  if (!bytes) return base::Unexpected(bytes.error());
  config::Loaded loaded = config::load_text(std::move(*bytes), "checked");
  if (loaded.ok()) compile(loaded.spec, 1, nullptr, nullptr, loaded.diagnostics);
  config::render(loaded.diagnostics, loaded.sources);
  return {};
}

}  // namespace

config::Loaded load_config(const std::string& path) {
  config::Loaded loaded = config::load_file(path, check_in_child);
  loaded.spec.sources = std::make_shared<const config::SourceList>(loaded.sources);
  return loaded;
}

int config_child_main(int fd) noexcept { return base::child_main(fd, kConfigLimits, survive); }

}  // namespace rhumb::proxy
