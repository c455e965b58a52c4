// SPDX-License-Identifier: Apache-2.0
#include "proxy/event_reader.h"

#include <gtest/gtest.h>

namespace rhumb::proxy {
namespace {

constexpr std::string_view kStream =
    "retry: 2000\n\n:\n\nid: 4\nevent: region_down\ndata: {\"seq\":4}\n\nevent: gap\r\ndata: {\"missed\":2}\r\ndata: "
    "x\r\n\r\n";

std::vector<std::string> all(const std::vector<SentEvent>& events) {
  std::vector<std::string> out;
  for (const SentEvent& e : events) out.push_back(e.id + "|" + e.kind + "|" + e.data);
  return out;
}

TEST(EventReader, FindsTheSameEventsHoweverTheBytesArrive) {
  const std::vector<std::string> expected = {"4|region_down|{\"seq\":4}", "4|gap|{\"missed\":2}\nx"};
  EXPECT_EQ(all(EventReader().feed(kStream)), expected);
  EventReader slow;
  std::vector<std::string> found;
  for (const char c : kStream)
    for (const std::string& one : all(slow.feed({&c, 1}))) found.push_back(one);
  EXPECT_EQ(found, expected);
}

TEST(EventReader, AnEventWithoutItsEmptyLineIsNotOneYet) {
  EventReader reader;
  EXPECT_TRUE(reader.feed("id: 1\ndata: a\n").empty());
  EXPECT_EQ(all(reader.feed("\n")), std::vector<std::string>{"1||a"});
}

}  // namespace
}  // namespace rhumb::proxy
