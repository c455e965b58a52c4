// SPDX-License-Identifier: Apache-2.0
#include "proxy/config_file.h"

#include <fmt/format.h>

#include "base/log.h"
#include "config/codes.h"
#include "proxy/compile.h"
#include "proxy/terminal.h"

namespace rhumb::proxy {
namespace {

/// The file in memory holds the path first, and then what the child read from there on.
base::Result<config::Bundle, std::string> survived(const std::string& path) {
  auto letter = base::MemoryFile::of(path);
  if (!letter) return base::Unexpected(letter.error());
  if (auto checked = base::run_child(kConfigCommand, letter->fd(), kConfigLimits); !checked)
    return base::Unexpected(std::move(checked).error());
  const auto bytes = letter->sealed(config::kMaxBundleBytes);
  if (!bytes) return base::Unexpected(fmt::format("what its check handed back: {}", bytes.error()));
  auto bundle = config::decode(*bytes);
  if (!bundle) return base::Unexpected(std::string("its check handed back nothing that can be read"));
  return std::move(*bundle);
}

/// All that will be done with the files. What is wrong with them is said by who reads them after us; that this ends is
/// the answer.
base::Result<void, std::string> survive(int fd) {
  const auto path = base::read_descriptor(fd);
  if (!path) return base::Unexpected(path.error());
  config::DiskFiles files;
  config::Loaded loaded = config::load(files, *path);
  if (loaded.ok()) compile(loaded.spec, 1, nullptr, nullptr, loaded.diagnostics);
  config::render(loaded.diagnostics, loaded.sources, config::Audience::of_the_files);
  return base::rewrite_descriptor(fd, config::encode(files.said()));
}

config::Loaded refused(const std::string& path, const std::string& why) {
  config::Loaded loaded;
  loaded.sources.add(path, {});
  loaded.diagnostics.error(config::code::kUnsafe, {}, fmt::format("refused: {}", why));
  return loaded;
}

config::Loaded load_bundle(config::Bundle bundle, const std::string& path) {
  config::BundleFiles files(std::move(bundle));
  config::Loaded loaded = config::load(files, path);
  loaded.spec.sources = std::make_shared<const config::SourceList>(loaded.sources);
  return loaded;
}

}  // namespace

config::Loaded load_config(const std::string& path, std::string* kept) {
  auto bundle = survived(path);
  if (!bundle) return refused(path, bundle.error());
  if (kept != nullptr) *kept = config::encode(*bundle);
  return load_bundle(*std::move(bundle), path);
}

config::Loaded load_kept(std::string_view kept, const std::string& path, const std::string& from) {
  auto bundle = config::decode(kept);
  if (!bundle) return refused(from, "it is no kept configuration");
  return load_bundle(*std::move(bundle), path);
}

std::unique_ptr<config::Spec> load_good(const std::string& path) {
  config::Loaded loaded = load_config(path);
  if (loaded.ok()) compile(loaded.spec, 1, nullptr, nullptr, loaded.diagnostics);
  if (loaded.ok()) return std::make_unique<config::Spec>(std::move(loaded.spec));
  complain(config::render(loaded.diagnostics, loaded.sources, config::Audience::of_the_files));
  return nullptr;
}

std::string without_values(std::string words, const config::Node& tree, std::string_view section, std::string_view key,
                           const config::Diagnostics& diagnostics) {
  const config::Node* mapping = tree.find(section);
  const config::Node* value = mapping != nullptr ? mapping->find(key) : nullptr;
  if (value == nullptr) return words;
  for (const config::Node& item : value->items) words = diagnostics.without(std::move(words), item.scalar, item.place);
  return diagnostics.without(std::move(words), value->scalar, value->place);
}

void log_warnings(const config::Loaded& loaded) {
  if (loaded.diagnostics.warnings() == 0) return;
  for (const std::string& line : config::render_lines(loaded.diagnostics, loaded.sources))
    base::log(base::LogLevel::warning, "{}", line);
}

int config_child_main(int fd) noexcept { return base::child_main(fd, kConfigLimits, survive); }

}  // namespace rhumb::proxy
