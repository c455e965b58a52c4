// SPDX-License-Identifier: Apache-2.0
// A loaded configuration as the gateway understands it: included files merged, variables put in, defaults if wanted.
// Of rows marked `secret` nothing is shown but where the value comes from ("!file PATH", "${NAME}") or "***"; keys the
// tables do not know (x-*) are left out. The YAML is a configuration again, which means the same as long as nothing had
// to be hidden; a hidden session key is "***", which is too short to be accepted.
// For a running gateway: tree and sources are kept in its snapshot's Spec. Pure; any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "config/field.h"
#include "config/node.h"
#include "config/source.h"

namespace rhumb::config {

struct ShowOptions {
  bool effective = false;  // defaults too
  bool origin = false;     // where each value stands: file:line, or the environment variable it was made from
};

/// `filters` are filters::filter_rows(). `tree` must have loaded without errors, from `sources`.
std::string show_yaml(const Node& tree, const SourceList& sources, std::span<const Field> filters, ShowOptions options);
/// The same structure; each value, list of values or map is {"value", "default", "origin"}.
std::string show_json(const Node& tree, const SourceList& sources, std::span<const Field> filters, ShowOptions options);

enum class ShowForm : uint8_t { json, yaml };

/// The same text bit by bit: thousands of routes are megabytes, and who shows them has other work too. One bit is about
/// kBit bytes, or one item (a route) if that is more. Keeps tree and sources.
class ShowPieces {
 public:
  static constexpr size_t kBit = 16 * 1024;

  ShowPieces(std::shared_ptr<const Node> tree, std::shared_ptr<const SourceList> sources,
             std::span<const Field> filters, ShowOptions options, ShowForm form);
  ~ShowPieces();
  /// Appends the next bit; false: that was the last.
  bool next(std::string& to);
  const Node* tree() const noexcept { return tree_.get(); }

 private:
  std::shared_ptr<const Node> tree_;
  std::shared_ptr<const SourceList> sources_;
  struct Walk;
  std::unique_ptr<Walk> walk_;
};

}  // namespace rhumb::config
