// SPDX-License-Identifier: Apache-2.0
// The parser against llhttp (Node's), both strict, on generated and damaged messages. What both take must mean the same
// to both. Where one takes what the other refuses, the difference belongs to a class named below, with its reason; a
// difference without a class fails and prints the message.
#include <gtest/gtest.h>

#include <map>

#include "http/h1_parser.h"
#include "http/h1_writer.h"
#include "tests/oracles/differences.h"
#include "tests/oracles/llhttp_reader.h"
#include "tests/oracles/message_maker.h"

namespace rhumb::oracles {
namespace {

using http::BodyDecoder;
using http::ParseStatus;

template <class Head>
void add_fields(const Head& head, Reading& to) {
  for (const http::Field& field : head.fields.all())
    if (field.id != http::FieldId::removed) to.fields.emplace_back(field.name, field.value);
}

void read_trailers(std::string_view lines, Reading& to) {
  while (!lines.empty()) {
    const size_t colon = lines.find(':'), end = lines.find("\r\n");
    to.trailers.emplace_back(lines.substr(0, colon), base::trim(lines.substr(colon + 1, end - colon - 1)));
    lines.remove_prefix(end + 2);
  }
}

void read_body(std::string_view bytes, const http::Framing& framing, Reading& to) {
  std::string room(BodyDecoder::kMaxTrailers, '\0');
  BodyDecoder body;
  body.start(framing, base::FaultKind::bad_request);
  body.set_trailer_buffer(room.data(), static_cast<uint32_t>(room.size()));
  while (!bytes.empty() && !body.done()) {
    const BodyDecoder::Step step = body.next(bytes);
    if (step.failed) {
      to.outcome = Outcome::refused;
      to.why = step.fault.detail;
      return;
    }
    to.body += step.data;
    to.end += step.consumed;
    bytes.remove_prefix(step.consumed);
  }
  to.outcome = body.finish() ? Outcome::whole : Outcome::more;
  read_trailers(body.trailers(), to);
}

Reading read_ours(std::string_view bytes, bool request, bool to_head) {
  static base::BlockPool blocks(4);
  base::Arena arena(blocks);
  Reading out;
  http::RequestHead asked;
  http::ResponseHead answered;
  const auto parsed =
      request ? http::RequestParser().feed(bytes, arena, asked)
              : http::ResponseParser().feed(bytes, to_head ? http::Method::head : http::Method::get, arena, answered);
  if (parsed.status == ParseStatus::need_more) return out;
  if (parsed.status == ParseStatus::failed) {
    out.outcome = Outcome::refused;
    out.why = parsed.fault.detail;
    return out;
  }
  out.end = parsed.consumed;
  out.method = asked.method_text, out.target = asked.target;
  out.status = answered.status, out.reason = answered.reason;
  request ? add_fields(asked, out) : add_fields(answered, out);
  read_body(bytes.substr(out.end), request ? asked.framing : answered.framing, out);
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = base::to_lower(c);
  return out;
}

/// The fields that go on from here: without those of the connection, which our parser takes out (RFC 9110 7.6.1).
std::vector<std::pair<std::string, std::string>> passing(const Reading& of, const Reading& with_connection) {
  std::vector<std::string> gone{"connection", "expect"};
  for (const auto& [name, value] : with_connection.fields) {
    if (lower(name) != "connection") continue;
    for (std::string_view rest = value; !rest.empty();) gone.push_back(lower(base::trim(base::take_until(rest, ','))));
  }
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, value] : of.fields)
    if (std::find(gone.begin(), gone.end(), lower(name)) == gone.end()) out.emplace_back(name, base::trim(value));
  return out;
}

void expect_the_same(const Reading& ours, const Reading& theirs, bool request) {
  if (request) {
    EXPECT_EQ(ours.method, theirs.method);
    EXPECT_EQ(ours.target, theirs.target);
  } else {
    EXPECT_EQ(ours.status, theirs.status);
    EXPECT_EQ(ours.reason, theirs.reason);
  }
  EXPECT_EQ(passing(ours, theirs), passing(theirs, theirs));
  EXPECT_EQ(ours.body, theirs.body);
  if (ours.outcome == Outcome::whole) {
    EXPECT_EQ(ours.end, theirs.end);
  }
  size_t at = 0;  // of their trailers, ours are those that may pass, in order
  for (const auto& [name, value] : ours.trailers) {
    while (at < theirs.trailers.size() &&
           (theirs.trailers[at].first != name || base::trim(theirs.trailers[at].second) != value))
      ++at;
    EXPECT_LT(at++, theirs.trailers.size()) << "a trailer only we have: " << name;
  }
}

struct Tally {
  std::map<const Difference*, size_t> classes;
  size_t taken = 0, refused = 0, unfinished = 0;
};

/// The class of a difference; nullptr when it has none.
const Difference* class_of(const Reading& ours, const Reading& theirs) {
  if (ours.outcome == Outcome::more && theirs.outcome == Outcome::refused) return &kLater;
  if (ours.outcome == Outcome::refused) {
    for (const Difference& row : kStricter)
      if (row.said == ours.why) return &row;
  } else if (ours.outcome == Outcome::whole && theirs.outcome == Outcome::refused) {
    for (const Difference& row : kBroader)
      if (theirs.why.compare(0, row.said.size(), row.said) == 0 && (theirs.in_trailers || !row.only_in_trailers))
        return &row;
  }
  return nullptr;
}

void compare(std::string_view bytes, bool request, bool to_head, Tally& tally) {
  const Reading ours = read_ours(bytes, request, to_head), theirs = LlhttpReader::read(bytes, request, to_head);
  if (ours.outcome != theirs.outcome) {
    static const char* const kOutcomes[] = {"take it", "wait for more", "refuse it: "};
    const Difference* known = class_of(ours, theirs);
    ASSERT_NE(known, nullptr) << "a difference without a class: we " << kOutcomes[static_cast<int>(ours.outcome)]
                              << ours.why << "; they " << kOutcomes[static_cast<int>(theirs.outcome)] << theirs.why;
    ++tally.classes[known];
    return;
  }
  if (ours.outcome == Outcome::whole) expect_the_same(ours, theirs, request), ++tally.taken;
  if (ours.outcome == Outcome::refused) ++tally.refused;
  if (ours.outcome == Outcome::more) ++tally.unfinished;
}

std::string visible(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    if (c >= 0x20 && c < 0x7f) {
      out += c;
    } else {
      char text[8];
      std::snprintf(text, sizeof text, "\\x%02x", static_cast<unsigned char>(c));
      out += text;
    }
    if (c == '\n') out += '\n';
  }
  return out;
}

void run(bool request, bool to_head, uint64_t first, uint64_t count, Tally& tally) {
  for (uint64_t seed = first; seed < first + count; ++seed) {
    const std::string bytes = MessageMaker(seed).make(request);
    compare(bytes, request, to_head, tally);
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed << ":\n" << visible(bytes);
  }
}

TEST(AgainstLlhttp, EveryDifferenceHasAClassAndEveryClassIsMet) {
  constexpr uint64_t kRequests = 120'000, kResponses = 80'000, kToHead = 20'000;
  Tally tally;
  run(true, false, 1, kRequests, tally);
  run(false, false, 1'000'000, kResponses, tally);
  run(false, true, 2'000'000, kToHead, tally);
  std::printf("both take %zu, both refuse %zu, both wait for more of %zu\n", tally.taken, tally.refused,
              tally.unfinished);
  for (const auto& [known, times] : tally.classes)
    std::printf("%8zu %s: %s\n", times, std::string(known->said).c_str(), std::string(known->why).c_str());
  const size_t tenth = (kRequests + kResponses + kToHead) / 10;
  EXPECT_GT(tally.taken, tenth) << "the messages are too broken to say much";
  EXPECT_GT(tally.refused, tenth) << "the messages are too good to say much";
  for (const Difference& row : kStricter) EXPECT_TRUE(tally.classes.count(&row)) << row.said << ": never met";
  for (const Difference& row : kBroader) EXPECT_TRUE(tally.classes.count(&row)) << row.said << ": never met";
}

}  // namespace
}  // namespace rhumb::oracles
