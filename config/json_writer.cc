// SPDX-License-Identifier: Apache-2.0
#include "config/json_writer.h"

#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace rhumb::config {

void JsonWriter::begin() {
  if (std::exchange(after_key_, false)) return;
  if (!first_) out_ += ',';
  if (!open_.empty()) out_ += '\n' + std::string(2 * open_.size(), ' ');
  first_ = false;
}

void JsonWriter::open(char bracket) {
  begin();
  out_ += bracket;
  open_.push_back(bracket == '{' ? '}' : ']');
  first_ = true;
}

void JsonWriter::close() {
  RHUMB_ASSERT(!open_.empty() && !after_key_);
  const char bracket = open_.back();
  open_.pop_back();
  if (!first_) out_ += '\n' + std::string(2 * open_.size(), ' ');
  out_ += bracket;
  first_ = false;
}

void JsonWriter::key(std::string_view name) {
  begin();
  out_ += base::json_text(name) + ": ";
  after_key_ = true;
}

void JsonWriter::text(std::string_view value) {
  begin();
  out_ += base::json_text(value);
}

void JsonWriter::raw(std::string_view value) {
  begin();
  out_ += value;
}

void JsonWriter::move_to(std::string& to) {
  to += out_;
  out_.clear();
}

std::string JsonWriter::take() {
  RHUMB_ASSERT(open_.empty());
  out_ += '\n';
  return std::move(out_);
}

}  // namespace rhumb::config
