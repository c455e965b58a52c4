// SPDX-License-Identifier: Apache-2.0
#include "config/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/codes.h"
#include "config/value.h"

namespace rhumb::config {
namespace {

/// Leaves the parser from inside an event; the diagnostic is already made.
struct Abandon : std::exception {};

bool is_blank(std::string_view line) {
  const size_t first = line.find_first_not_of(" \t\r");
  return first == std::string_view::npos || line[first] == '#';
}

bool is_marker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) && (line.size() == 3 || line[3] == ' ' || line[3] == '\t' || line[3] == '\r');
}

/// yaml-cpp reads one document and stays silent about the rest, so the marks between documents are looked for first.
/// They stand at the start of a line and mean the same inside block and quoted scalars.
bool check_single_document(const Source& source, uint16_t file, Diagnostics& diagnostics) {
  bool content = false, ended = false;
  for (size_t i = 0; i < source.line_starts.size(); ++i) {
    std::string_view line = std::string_view(source.text).substr(source.line_starts[i]);
    line = line.substr(0, line.find('\n'));
    const Place place{file, static_cast<uint32_t>(i + 1), 1, 3};
    const bool start = is_marker(line, "---");
    if (!content && !ended && line.starts_with('%')) {
      diagnostics.error(code::kDirective, place, "YAML directives are not allowed", "remove the line");
      return false;
    }
    if ((start && (content || ended)) || (ended && !is_blank(line) && !is_marker(line, "..."))) {
      diagnostics.error(code::kSecondDocument, place, "a second YAML document begins here",
                        "keep one document in a file");
      return false;
    }
    if (is_marker(line, "...")) {
      ended = true;
    } else if (start || !is_blank(line)) {
      content = true;
    }
  }
  return true;
}

/// Where the quote that opens at `open` is closed; npos when it is not.
size_t closing_quote(std::string_view text, size_t open) {
  const char quote = text[open];
  for (size_t at = open + 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 >= text.size() || text[at + 1] != '\'') return at;
      ++at;
    }
  }
  return std::string_view::npos;
}

/// The first quote from `from` on that opens a value and is never closed; npos when there is none.
size_t find_unclosed(std::string_view text, size_t from) {
  constexpr std::string_view kBefore = " \t\n[{,:";
  for (size_t at = from; at < text.size(); ++at) {
    const bool begins = at == 0 || kBefore.find(text[at - 1]) != std::string_view::npos;
    if (begins && text[at] == '#') at = std::min(text.find('\n', at), text.size() - 1);
    if (!begins || (text[at] != '"' && text[at] != '\'')) continue;
    const size_t end = closing_quote(text, at);
    if (end == std::string_view::npos) return at;
    at = end;
  }
  return std::string_view::npos;
}

/// What a reader can do about the errors of yaml-cpp that say least.
std::string hint_for(std::string_view message, const SourceList& sources, Place place) {
  for (; place.line > 0; --place.line) {
    const std::string_view line = sources.line(place);
    if (is_blank(line)) continue;
    if (line[line.find_first_not_of(' ')] == '\t') return "the line is indented with a tab; use spaces";
    break;
  }
  const std::pair<std::string_view, const char*> hints[] = {
      {YAML::ErrorMsg::END_OF_MAP, "a key is expected here; is the line indented as its neighbours are?"},
      {YAML::ErrorMsg::END_OF_SEQ, "a '-' is expected here; is the line indented as its neighbours are?"},
      {YAML::ErrorMsg::END_OF_MAP_FLOW, "',' or '}' is missing"},
      {YAML::ErrorMsg::END_OF_SEQ_FLOW, "',' or ']' is missing"},
      {YAML::ErrorMsg::MAP_VALUE, "a value with ': ' in it needs quotes; a key stands on its own line"},
      {YAML::ErrorMsg::UNKNOWN_TOKEN, "a value that begins so needs quotes"},
  };
  for (const auto& [known, hint] : hints) {
    if (message == known) return hint;
  }
  return {};
}

class Builder final : public YAML::EventHandler {
 public:
  Builder(const SourceList& sources, uint16_t file, Diagnostics& diagnostics, size_t nodes)
      : source_(sources.at(file)), finder_(source_, file), diagnostics_(diagnostics), nodes_(nodes) {}

  bool sound() const noexcept { return sound_; }
  size_t nodes() const noexcept { return nodes_; }
  std::unique_ptr<Node> take() { return std::move(root_); }
  Place at(const YAML::Mark& mark, uint32_t length = 1) { return finder_.at(last_ = offset(mark), length); }
  void syntax_error(const YAML::Exception& e, const SourceList& sources);

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(started_, true)) {
      refuse(code::kSyntax, at(mark), "syntax error: nothing may follow the end of the top-level value here");
      throw Abandon();
    }
  }
  void OnDocumentEnd() override {}
  // A secret that begins with '&', '*' or '!' is an anchor, an alias or a tag, so none of them is repeated.
  void OnAnchor(const YAML::Mark& mark, const std::string&) override {
    refuse(code::kAnchor, at(mark), "anchors are not allowed", "quote a value that begins with '&'");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(code::kAnchor, at(mark), "aliases are not allowed", "write the value out; quote one that begins with '*'");
    null_at(at(mark));
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    if (expects_key()) bad_key(mark);
    null_at(place_of_null(mark));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, Node::Kind::sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(mark, tag, Node::Kind::mapping);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    std::string key;
    Place key_place;
    bool has_key = false;
    bool drop = false;  // the pending key stood before
    std::unordered_map<std::string, Place> keys;
  };

  size_t offset(const YAML::Mark& mark) const {
    return mark.pos < 0 ? source_.text.size() : std::min(static_cast<size_t>(mark.pos), source_.text.size());
  }
  bool expects_key() const {
    return !open_.empty() && open_.back().node.kind == Node::Kind::mapping && !open_.back().has_key;
  }
  void refuse(uint16_t number, Place place, std::string message, std::string hint = {}) {
    sound_ = false;
    diagnostics_.error(number, place, std::move(message), std::move(hint));
  }
  [[noreturn]] void bad_key(const YAML::Mark& mark) {
    const Place place = at(mark);
    const bool bracket = last_ < source_.text.size() && (source_.text[last_] == '[' || source_.text[last_] == '{');
    refuse(code::kKeyNotScalar, place, "a key must be a plain word",
           bracket ? "is a closing bracket missing?" : "write 'key: value'");
    throw Abandon();
  }
  void null_at(Place place) {
    Node node;
    node.place = place;
    attach(std::move(node));
  }
  Place place_of_null(const YAML::Mark& mark);
  uint32_t source_length(size_t from, const std::string& value, bool quoted, const YAML::Mark& mark);
  void check_tag(const YAML::Mark& mark, const std::string& tag);
  void open(const YAML::Mark& mark, const std::string& tag, Node::Kind kind);
  void close();
  void attach(Node node);
  void take_key(const std::string& key, Place place);
  void given_twice(const Frame& frame, const Node& value);

  const Source& source_;
  PlaceFinder finder_;
  Diagnostics& diagnostics_;
  std::vector<Frame> open_;
  std::unique_ptr<Node> root_;
  size_t nodes_;     // so far, those of other files included
  size_t last_ = 0;  // where the last event stood
  bool started_ = false, sound_ = true;
};

// yaml-cpp marks an empty value where the next token stands, often lines below. The key it belongs to is the better
// place; in a list, the last thing written before the mark: the dash.
Place Builder::place_of_null(const YAML::Mark& mark) {
  const size_t from = offset(mark);
  const std::string_view text = source_.text;
  if (from < text.size() && (text[from] == '~' || text[from] == 'n' || text[from] == 'N')) {
    return at(mark, text[from] == '~' ? 1 : 4);
  }
  if (!open_.empty() && open_.back().has_key) return open_.back().key_place;
  for (Place place = at(mark); place.line > 0; --place.line) {
    const size_t begin = source_.line_starts[place.line - 1];
    std::string_view line = text.substr(begin, std::min(text.find('\n', begin), from) - begin);
    if (is_blank(line)) continue;
    if (const size_t comment = line.find(" #"); comment != std::string_view::npos) line = line.substr(0, comment);
    const size_t last = line.find_last_not_of(" \t\r");
    return {place.file, place.line, static_cast<uint32_t>(count_characters(line.substr(0, last)) + 1), 1};
  }
  return at(mark);
}

/// Characters to underline. Also where a quote without its end is found, which yaml-cpp accepts at the end of the text.
uint32_t Builder::source_length(size_t from, const std::string& value, bool quoted, const YAML::Mark& mark) {
  const std::string_view text = source_.text;
  const char quote = quoted && from < text.size() ? text[from] : '\0';
  if (quote != '"' && quote != '\'') {
    const bool same = text.substr(from, value.size()) == value;
    return same ? static_cast<uint32_t>(count_characters(value)) : 1;
  }
  const size_t end = closing_quote(text, from);
  if (end == std::string_view::npos) {
    refuse(code::kUnterminated, at(mark), "the quote opened here is never closed");
    throw Abandon();
  }
  const std::string_view token = text.substr(from, end + 1 - from);
  return static_cast<uint32_t>(count_characters(token.substr(0, token.find('\n'))));
}

void Builder::check_tag(const YAML::Mark& mark, const std::string& tag) {
  const bool bare = tag == "!" && source_.text.compare(offset(mark), 1, "!") == 0;
  if (!bare && (tag.empty() || tag == "?" || tag == "!")) return;
  const bool file = tag == "!file";
  refuse(code::kTag, at(mark), "YAML tags are not allowed",
         file ? "quote the whole value: \"!file /path\"" : "remove the tag, or quote a value that begins with '!'");
}

void Builder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) {
  check_tag(mark, tag);
  const bool quoted = tag == "!";
  const Place place = at(mark, source_length(offset(mark), value, quoted, mark));
  if (expects_key()) return take_key(value, place);
  Node node;
  node.kind = Node::Kind::scalar;
  node.quoted = quoted;
  node.place = place;
  node.scalar = value;
  attach(std::move(node));
}

void Builder::take_key(const std::string& key, Place place) {
  Frame& frame = open_.back();
  frame.key = key;
  frame.key_place = place;
  frame.has_key = true;
  frame.drop = !frame.keys.emplace(key, place).second;
  if (key == "<<") {
    frame.drop = true;
    refuse(code::kMergeKey, place, "merge keys ('<<') are not allowed", "write the keys out");
  }
}

/// A key without a value may be a secret that lost its key.
void Builder::given_twice(const Frame& frame, const Node& value) {
  if (value.kind != Node::Kind::null && is_plain_name(frame.key)) diagnostics_.open(frame.key_place);
  diagnostics_.add({Severity::error, code::kDuplicateKey, frame.key_place,
                    fmt::format("key{} is given twice", diagnostics_.named(frame.key, frame.key_place)),
                    "keep one of them", frame.keys.at(frame.key), "the first one is here"});
}

void Builder::open(const YAML::Mark& mark, const std::string& tag, Node::Kind kind) {
  check_tag(mark, tag);
  if (expects_key()) bad_key(mark);
  if (open_.size() >= kMaxDepth) {
    refuse(code::kTooDeep, at(mark), fmt::format("nested deeper than {} levels", kMaxDepth));
    throw Abandon();
  }
  Frame frame;
  frame.node.kind = kind;
  frame.node.place = at(mark);
  open_.push_back(std::move(frame));
}

void Builder::close() {
  Node node = std::move(open_.back().node);
  open_.pop_back();
  attach(std::move(node));
}

void Builder::attach(Node node) {
  if (++nodes_ > kMaxNodes) {
    refuse(code::kTooManyNodes, node.place, fmt::format("more than {} values", kMaxNodes));
    throw Abandon();
  }
  if (open_.empty()) {
    root_ = std::make_unique<Node>(std::move(node));
    return;
  }
  Frame& frame = open_.back();
  if (frame.node.kind == Node::Kind::sequence) {
    frame.node.items.push_back(std::move(node));
    return;
  }
  if (frame.drop && frame.key != "<<") given_twice(frame, node);
  if (!frame.drop) frame.node.members.push_back({std::move(frame.key), frame.key_place, std::move(node)});
  frame.has_key = false;
}

/// A quote without its end is noticed at the end of the file; where it begins is what helps.
void Builder::syntax_error(const YAML::Exception& e, const SourceList& sources) {
  const size_t open = e.msg == YAML::ErrorMsg::EOF_IN_SCALAR ? find_unclosed(source_.text, last_) : std::string::npos;
  if (open != std::string::npos) {
    return refuse(code::kUnterminated, finder_.at(open), "the quote opened here is never closed");
  }
  const Place place = at(e.mark);
  // What follows a colon is a piece of the text: the name of an alias, say.
  const std::string why = e.msg.substr(0, e.msg.find(": "));
  refuse(code::kSyntax, place, fmt::format("syntax error: {}", shown(why)), hint_for(e.msg, sources, place));
}

}  // namespace

std::unique_ptr<Node> parse_yaml(const SourceList& sources, uint16_t file, Diagnostics& diagnostics, size_t* nodes) {
  const Source& source = sources.at(file);
  if (!check_single_document(source, file, diagnostics)) return nullptr;
  Builder builder(sources, file, diagnostics, nodes != nullptr ? *nodes : 0);
  try {
    std::istringstream stream(source.text);
    YAML::Parser parser(stream);
    // Exactly once: on "," the parser of 0.7 hands out empty documents for ever. What is left over makes the second
    // call, which ends at its first event.
    parser.HandleNextDocument(builder);
    if (parser) parser.HandleNextDocument(builder);
  } catch (const Abandon&) {
    return nullptr;
  } catch (const YAML::Exception& e) {
    builder.syntax_error(e, sources);
    return nullptr;
  } catch (const std::exception& e) {
    diagnostics.error(code::kSyntax, {file, 1, 1, 1}, fmt::format("the YAML reader failed: {}", e.what()));
    return nullptr;
  }
  if (nodes != nullptr) *nodes = builder.nodes();
  if (!builder.sound()) return nullptr;
  std::unique_ptr<Node> root = builder.take();
  if (root && root->kind == Node::Kind::mapping) return root;
  const bool empty = !root || root->kind == Node::Kind::null;
  diagnostics.error(code::kNotMapping, root ? root->place : Place{file, 1, 1, 1},
                    empty ? "the file says nothing" : "the file must be a mapping of keys to values",
                    "begin with 'listeners:' and 'regions:'");
  return nullptr;
}

}  // namespace rhumb::config
