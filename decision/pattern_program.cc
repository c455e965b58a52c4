// SPDX-License-Identifier: Apache-2.0
#include "decision/pattern_program.h"

#include <algorithm>

namespace rhumb::decision {

using Step = PatternStep::Kind;
using Node = PatternNode::Kind;

/// Made from its end: each part is told what follows it.
PatternProgram::PatternProgram(const PatternNode& pattern) {
  add({Step::match});
  start_ = emit(pattern, 0);
}

uint16_t PatternProgram::add(PatternStep step) {
  if (fits()) steps_.push_back(step);
  return static_cast<uint16_t>(steps_.size() - 1);
}

uint16_t PatternProgram::emit(const PatternNode& node, uint16_t next) {
  switch (node.kind) {
    case Node::empty:
      return next;
    case Node::bytes:
      return add({Step::bytes, next, 0, node.bytes});
    case Node::sequence:
      for (auto part = node.parts.rbegin(); part != node.parts.rend(); ++part) next = emit(*part, next);
      return next;
    case Node::either:
      return either(node, next);
    case Node::repeat:
      return repeat(node, next);
    case Node::begin:
      return add({Step::begin, next});
    case Node::end:
      return add({Step::end, next});
    case Node::word_edge:
      return add({Step::word_edge, next});
    case Node::no_word_edge:
      return add({Step::no_word_edge, next});
  }
  return next;
}

uint16_t PatternProgram::either(const PatternNode& node, uint16_t next) {
  uint16_t at = emit(node.parts.back(), next);
  for (size_t i = node.parts.size() - 1; i-- > 0;) {
    const uint16_t one = emit(node.parts[i], next);
    at = add({Step::fork, one, at});
  }
  return at;
}

uint16_t PatternProgram::repeat(const PatternNode& node, uint16_t next) {
  const PatternNode& part = node.parts[0];
  const uint16_t after = next;
  if (node.most < 0) {
    next = add({Step::fork, 0, after});
    const uint16_t body = emit(part, next);
    steps_[next].next = body;
  }
  for (int i = node.least; i < node.most && fits(); ++i) next = add({Step::fork, emit(part, next), after});
  for (int i = 0; i < node.least && fits(); ++i) next = emit(part, next);
  return next;
}

bool PatternProgram::has_word_edges() const noexcept {
  return std::any_of(steps_.begin(), steps_.end(), [](const PatternStep& step) {
    return step.kind == Step::word_edge || step.kind == Step::no_word_edge;
  });
}

bool PatternWays::holds(const PatternStep& step, PatternBefore before, unsigned next) noexcept {
  const bool edge = (before == PatternBefore::word) != is_word_byte(next);
  switch (step.kind) {
    case Step::begin:
      return before == PatternBefore::begin;
    case Step::end:
      return next == kPatternEnd;
    case Step::word_edge:
      return edge;
    case Step::no_word_edge:
      return !edge;
    default:
      return true;
  }
}

}  // namespace rhumb::decision
