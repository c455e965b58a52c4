// SPDX-License-Identifier: Apache-2.0
// JSON text, piece by piece, indented by two: what the tools of this layer print. The caller keeps the order (a key,
// then its value; each open() its close()). A value; one thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace rhumb::config {

class JsonWriter {
 public:
  void open(char bracket);  // '{' or '['
  void close();
  void key(std::string_view name);
  void text(std::string_view value);
  /// A number, boolean or null, as it is to stand there.
  void raw(std::string_view value);
  void member(std::string_view name, std::string_view value) { key(name), text(value); }
  /// What is written so far, to the end of `to`; it goes on from there.
  void move_to(std::string& to);
  /// All that is left, with a line end.
  std::string take();

 private:
  void begin();
  std::string out_;
  std::vector<char> open_;
  bool first_ = true;  // nothing in the innermost bracket yet
  bool after_key_ = false;
};

}  // namespace rhumb::config
