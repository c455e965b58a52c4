// SPDX-License-Identifier: Apache-2.0
#include "config/include.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "config/codes.h"
#include "config/expand.h"
#include "config/section.h"
#include "config/tables.h"
#include "config/yaml.h"

namespace rhumb::config {
namespace {

constexpr std::string_view kKey = "include";
constexpr std::string_view kGlobSigns = "*?[";

/// The rest of a pattern is the writer's; the folder in front of it is taken as it is.
std::string escaped(std::string_view folder) {
  std::string out;
  for (const char c : folder) {
    if (kGlobSigns.find(c) != std::string_view::npos || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

const Field& field_of(std::string_view key) {
  const auto fields = root_fields();
  static constexpr Field kUnknown{};
  const auto row = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == key; });
  return row == fields.end() ? kUnknown : *row;
}

class TreeReader {
 public:
  TreeReader(Files& files, SourceList& sources, std::vector<std::string>& paths, Diagnostics& diagnostics)
      : files_(files), sources_(sources), paths_(paths), diagnostics_(diagnostics) {}

  std::unique_ptr<Node> read(const std::string& path) {
    paths_.push_back(path);
    add(path, {}, 0);
    return sound_ ? std::move(root_) : nullptr;
  }

 private:
  struct Seen {
    Place place;        // where it was included
    bool open = false;  // its own includes are being read
  };

  void add(const std::string& path, Place place, size_t depth);
  bool fits(const FileText& file, Place place);
  void follow(Node::Member include, const std::string& path, size_t depth);
  void follow_one(const std::string& name, const std::string& folder, Place place, size_t depth);
  void merge(Node tree);
  void join(Node::Member& into, Node::Member from);
  void refuse(uint16_t number, Place place, std::string message, std::string hint = {}) {
    sound_ = false;
    diagnostics_.error(number, place, std::move(message), std::move(hint));
  }

  Files& files_;
  SourceList& sources_;
  std::vector<std::string>& paths_;
  Diagnostics& diagnostics_;
  std::unique_ptr<Node> root_;
  std::map<std::string, Seen> seen_;  // by identity
  size_t bytes_ = 0, nodes_ = 0, entries_ = 0;
  bool sound_ = true;
  bool full_ = false;  // some limit was passed, which is said once
};

void TreeReader::add(const std::string& path, Place place, size_t depth) {
  if (full_) return;
  FileText file = files_.read(path);
  if (depth == 0 && file.problem.code != 0) sources_.add(path, {});
  if (file.problem.code != 0) {
    std::string why = file.problem.message;
    if (depth > 0) why = diagnostics_.without(std::move(why), path, place);
    return refuse(file.problem.code, place, std::move(why), file.problem.hint);
  }
  if (!fits(file, place)) return;
  const std::string identity = file.identity;
  seen_[identity] = {place, true};
  const auto number = static_cast<uint16_t>(sources_.size());
  std::unique_ptr<Node> tree;
  if (add_checked(sources_, path, std::move(file.text), diagnostics_))
    tree = parse_yaml(sources_, number, diagnostics_, &nodes_);
  if (tree) {
    const auto include = std::find_if(tree->members.begin(), tree->members.end(),
                                      [](const Node::Member& member) { return member.key == kKey; });
    Node::Member taken;
    if (include != tree->members.end()) taken = std::move(*include), tree->members.erase(include);
    merge(std::move(*tree));
    if (!taken.key.empty()) follow(std::move(taken), path, depth);
  } else {
    sound_ = false;
  }
  seen_[identity].open = false;
}

/// Whether it is a new file, and one that may still be read; if not, that is reported.
bool TreeReader::fits(const FileText& file, Place place) {
  if (const auto before = seen_.find(file.identity); before != seen_.end()) {
    const bool circle = before->second.open;
    const std::string said = diagnostics_.said(file.path, place);
    Diagnostic d{Severity::error,
                 code::kIncludedTwice,
                 place,
                 circle ? fmt::format("{} is being read already: it includes itself", said)
                        : fmt::format("{} is included a second time", said),
                 "include each file once",
                 before->second.place,
                 "it is included here"};
    diagnostics_.add(std::move(d));
    return false;
  }
  bytes_ += file.text.size();
  full_ = bytes_ > kMaxConfigBytes || seen_.size() >= kMaxConfigFiles;
  if (!full_) return true;
  if (bytes_ > kMaxConfigBytes) {
    refuse(code::kIncludeLimit, place, fmt::format("the files have more than {} bytes together", kMaxConfigBytes));
  } else {
    refuse(code::kIncludeLimit, place, fmt::format("more than {} files", kMaxConfigFiles));
  }
  return false;
}

void TreeReader::follow(Node::Member include, const std::string& path, size_t depth) {
  Node holder;
  holder.kind = Node::Kind::mapping;
  holder.members.push_back(std::move(include));
  expand(holder, diagnostics_);
  const size_t errors = diagnostics_.errors();
  const Field row = field_of(kKey);
  const Section section(&holder, {&row, 1}, {}, diagnostics_);
  if (diagnostics_.errors() != errors || holder.members[0].value.refused) {
    sound_ = false;
    return;
  }
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  const std::vector<std::string> names = section.strings(kKey);
  for (size_t i = 0; i < names.size(); ++i) {
    if (!names[i].empty()) follow_one(names[i], folder, section.item_place(kKey, i), depth + 1);
  }
}

void TreeReader::follow_one(const std::string& name, const std::string& folder, Place place, size_t depth) {
  if (full_) return;
  if (depth > kMaxIncludeDepth)
    return refuse(code::kIncludeLimit, place, fmt::format("included more than {} levels deep", kMaxIncludeDepth),
                  "include the file from one further up");
  if (++entries_ > kMaxConfigFiles) {
    full_ = true;
    return refuse(code::kIncludeLimit, place, fmt::format("more than {} entries of include", kMaxConfigFiles));
  }
  const bool absolute = name.starts_with('/');
  paths_.push_back(absolute ? name : folder + name);
  if (name.find_first_of(kGlobSigns) == std::string::npos) return add(absolute ? name : folder + name, place, depth);
  const Match match = files_.glob(absolute ? name : escaped(folder) + name, kMaxConfigFiles);
  if (match.problem.code != 0)
    return refuse(match.problem.code, place, diagnostics_.without(match.problem.message, match.pattern, place),
                  match.problem.hint);
  if (match.paths.empty()) {
    diagnostics_.warning(code::kIncludeNothing, place,
                         fmt::format("{} matches no file", diagnostics_.said(name, place)),
                         "a name without '*' must exist");
  }
  for (const std::string& path : match.paths) {
    if (is_one_line(path)) {
      add(path, place, depth);
    } else {
      refuse(code::kUnreadable, place,
             fmt::format("{} matches a file whose name cannot be shown", diagnostics_.said(name, place)),
             "rename it: its name is not UTF-8 or has control characters");
    }
  }
}

void TreeReader::merge(Node tree) {
  if (!root_) {
    root_ = std::make_unique<Node>(std::move(tree));
    return;
  }
  for (Node::Member& member : tree.members) {
    const auto same = std::find_if(root_->members.begin(), root_->members.end(),
                                   [&](const Node::Member& known) { return known.key == member.key; });
    if (same == root_->members.end()) {
      root_->members.push_back(std::move(member));
    } else if (field_of(member.key).type == Type::sections) {
      join(*same, std::move(member));
    } else if (!member.key.starts_with("x-")) {
      if (!field_of(member.key).name.empty()) diagnostics_.open(member.key_place);
      diagnostics_.add({Severity::error, code::kDuplicateKey, member.key_place,
                        fmt::format("key{} is given in two files", diagnostics_.named(member.key, member.key_place)),
                        "keep one of them", same->key_place, "the first one is here"});
    }
  }
}

void TreeReader::join(Node::Member& into, Node::Member from) {
  // What is no list is reported, and what is one stays.
  if (into.value.kind != Node::Kind::sequence) std::swap(into, from);
  if (from.value.kind != Node::Kind::sequence) {
    return diagnostics_.error(code::kWrongKind, from.value.place, fmt::format("'{}' must be a list", from.key),
                              "write [] for an empty list");
  }
  for (Node& item : from.value.items) into.value.items.push_back(std::move(item));
}

}  // namespace

std::unique_ptr<Node> read_tree(Files& files, const std::string& path, SourceList& sources,
                                std::vector<std::string>& paths, Diagnostics& diagnostics) {
  return TreeReader(files, sources, paths, diagnostics).read(path);
}

}  // namespace rhumb::config
