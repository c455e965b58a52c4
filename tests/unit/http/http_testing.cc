// SPDX-License-Identifier: Apache-2.0
#include "http_testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/bytes.h"

namespace rhumb::http::testing {

namespace {

Words words_of(const std::string& text) {
  Words out;
  std::istringstream in(text);
  for (std::string word; in >> word;) out.insert(unescape(word));
  return out;
}

std::string framing_word(const Framing& framing) {
  switch (framing.kind) {
    case BodyKind::none:
      return "body=none";
    case BodyKind::length:
      return "body=" + std::to_string(framing.length);
    case BodyKind::chunked:
      return "body=chunked";
    case BodyKind::until_close:
      return "body=close";
  }
  return "?";
}

void add_fields(const Headers& headers, Words& to) {
  size_t count = 0;
  for (const Field& field : headers.all()) {
    if (field.id == FieldId::removed) continue;
    ++count;
    to.insert(std::string(field.name) + ":" + std::string(field.value));
  }
  to.insert("fields=" + std::to_string(count));
}

Words refused(const ParseResult& result) {
  if (result.status == ParseStatus::need_more) return {"more"};
  return {std::string(base::info(result.fault.kind).name), std::string("detail=") + result.fault.detail};
}

}  // namespace

std::string Vector::option(std::string_view key, std::string_view otherwise) const {
  for (const std::string& word : with)
    if (word.compare(0, key.size() + 1, std::string(key) + "=") == 0) return word.substr(key.size() + 1);
  return std::string(otherwise);
}

std::string unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    switch (text.at(++i)) {
      case 'r':
        out += '\r';
        break;
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 's':
        out += ' ';
        break;
      case '0':
        out += '\0';
        break;
      case '\\':
        out += '\\';
        break;
      case 'x':
        out += static_cast<char>(base::hex_value(text.at(i + 1)) * 16 + base::hex_value(text.at(i + 2)));
        i += 2;
        break;
      case '{': {
        const size_t colon = text.find(':', i), close = text.find('}', i);
        const std::string piece = unescape(text.substr(colon + 1, close - colon - 1));
        for (int n = std::stoi(std::string(text.substr(i + 1, colon - i - 1))); n > 0; --n) out += piece;
        i = close;
        break;
      }
      default:
        ADD_FAILURE() << "bad escape in " << text;
    }
  }
  return out;
}

std::vector<Vector> read_vectors(std::string_view file) {
  const std::string path = std::string(RHUMB_SOURCE_DIR) + "/tests/unit/http/vectors/" + std::string(file);
  std::ifstream in(path);
  EXPECT_TRUE(in.good()) << path;
  std::vector<Vector> all;
  std::set<std::string> names;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    if (line.rfind("== ", 0) == 0) {
      all.push_back({line.substr(3), std::string(file), number, {}, {}, {}});
      EXPECT_TRUE(names.insert(line.substr(3)).second) << "two vectors named " << line;
    } else if (all.empty()) {
      ADD_FAILURE() << path << ":" << number << ": line before the first name";
    } else if (line.rfind("with: ", 0) == 0) {
      all.back().with = words_of(line.substr(6));
    } else if (line.rfind("expect: ", 0) == 0) {
      all.back().expect = words_of(line.substr(8));
    } else if (line[0] == '>' || line[0] == '|') {
      all.back().bytes += unescape(line.size() > 2 ? line.substr(2) : "") + (line[0] == '>' ? "\r\n" : "");
    } else {
      ADD_FAILURE() << path << ":" << number << ": " << line;
    }
  }
  for (const Vector& v : all) EXPECT_FALSE(v.expect.empty()) << v.name;
  return all;
}

std::string join(const Words& words) {
  std::string out;
  for (const std::string& word : words) out += word + "  ";
  return out;
}

Words outcome(const ParseResult& result, const RequestHead& head) {
  if (result.status != ParseStatus::done) return refused(result);
  static const char* const kForms[] = {"origin", "absolute", "authority", "asterisk"};
  Words out{"ok",
            "method=" + std::string(head.method_text),
            "target=" + std::string(head.target),
            std::string("form=") + kForms[static_cast<size_t>(head.form)],
            "host=" + std::string(head.authority),
            "path=" + std::string(head.path),
            head.has_query ? "query=" + std::string(head.query) : "no-query",
            head.version == Version::http11 ? "1.1" : "1.0",
            framing_word(head.framing),
            head.keep_alive ? "keep" : "close",
            "consumed=" + std::to_string(result.consumed)};
  if (head.expect_continue) out.insert("continue");
  if (head.upgrade_websocket) out.insert("websocket");
  if (head.method == Method::other) out.insert("unknown-method");
  add_fields(head.fields, out);
  return out;
}

Words outcome(const ParseResult& result, const ResponseHead& head) {
  if (result.status != ParseStatus::done) return refused(result);
  Words out{"ok",
            "status=" + std::to_string(head.status),
            "reason=" + std::string(head.reason),
            head.version == Version::http11 ? "1.1" : "1.0",
            framing_word(head.framing),
            head.keep_alive ? "keep" : "close",
            "consumed=" + std::to_string(result.consumed)};
  add_fields(head.fields, out);
  return out;
}

void for_each_cut(size_t size,
                  const std::function<void(const std::vector<size_t>& ends, const std::string& how)>& run) {
  const size_t step = size <= 1500 ? 1 : size / 150;  // long messages: every byte would take minutes
  run({size}, "whole");
  std::vector<size_t> ends;
  for (size_t end = step; end < size; end += step) ends.push_back(end);
  ends.push_back(size);
  run(ends, "in pieces of " + std::to_string(step));
  for (size_t end = step; end < size; end += step) run({end, size}, "cut at " + std::to_string(end));
}

Words parse_request(std::string_view bytes, const std::vector<size_t>& ends, HeadLimits limits) {
  Memory memory;
  RequestParser parser(limits);
  for (size_t end : ends) {
    RequestHead head;
    const Exact copy(bytes.substr(0, end));
    const ParseResult result = parser.feed(copy, memory.arena, head);
    if (result.status != ParseStatus::need_more || end == bytes.size()) return outcome(result, head);
  }
  return {"nothing was fed"};
}

Words parse_response(std::string_view bytes, const std::vector<size_t>& ends, Method method, HeadLimits limits) {
  Memory memory;
  ResponseParser parser(limits);
  for (size_t end : ends) {
    ResponseHead head;
    const Exact copy(bytes.substr(0, end));
    const ParseResult result = parser.feed(copy, method, memory.arena, head);
    if (result.status != ParseStatus::need_more || end == bytes.size()) return outcome(result, head);
  }
  return {"nothing was fed"};
}

Words decode_body(std::string_view bytes, const std::vector<size_t>& ends, Framing framing, bool keep_trailers) {
  BodyDecoder decoder;
  std::vector<char> trailers(BodyDecoder::kMaxTrailers);
  decoder.start(framing, base::FaultKind::bad_request);
  if (keep_trailers) decoder.set_trailer_buffer(trailers.data(), static_cast<uint32_t>(trailers.size()));
  std::string body;
  size_t taken = 0;
  for (size_t end : ends) {
    const Exact piece(bytes.substr(taken, end - taken));
    std::string_view rest = piece;
    while (!rest.empty() && !decoder.done()) {
      const BodyDecoder::Step step = decoder.next(rest);
      if (step.failed)
        return {std::string(base::info(step.fault.kind).name), std::string("detail=") + step.fault.detail};
      EXPECT_TRUE(step.consumed > 0 && step.consumed <= rest.size());
      body += step.data;
      rest.remove_prefix(step.consumed);
      taken += step.consumed;
    }
    if (decoder.done()) break;
  }
  if (!decoder.finish()) return {"more", "data=" + body};
  return {"ok", "data=" + body, "size=" + std::to_string(body.size()), "consumed=" + std::to_string(taken),
          "trailers=" + std::string(decoder.trailers())};
}

}  // namespace rhumb::http::testing
