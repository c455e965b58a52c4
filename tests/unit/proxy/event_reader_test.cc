// SPDX-License-Identifier: Apache-2.0
#include "proxy/event_reader.h"

#include <gtest/gtest.h>

#include <vector>

namespace rhumb::proxy {
namespace {

std::vector<std::string> all(EventReader& reader, const std::vector<std::string>& lines) {
  std::vector<std::string> out;
  for (const std::string& line : lines)
    if (const auto e = reader.take(line)) out.push_back(e->id + "|" + e->kind + "|" + e->data);
  return out;
}

TEST(EventReader, FindsEventsAmongCommentsAndHints) {
  EventReader reader;
  EXPECT_EQ(all(reader, {"retry: 2000", "", ":", "", "id: 4", "event: region_down", "data: {\"seq\":4}", "",
                         "event: gap\r", "data: {\"missed\":2}\r", "data:x\r", "\r"}),
            (std::vector<std::string>{"4|region_down|{\"seq\":4}", "4|gap|{\"missed\":2}\nx"}));
}

TEST(EventReader, AnEventWithoutItsEmptyLineIsNotOneYet) {
  EventReader reader;
  EXPECT_TRUE(all(reader, {"id: 1", "data: a"}).empty());
  EXPECT_EQ(all(reader, {""}), std::vector<std::string>{"1||a"});
  EXPECT_TRUE(all(reader, {"", "event: lonely", ""}).empty()) << "without data there is no event";
}

TEST(EventReader, AnEventWithoutEndIsLeftOut) {
  EventReader reader;
  const std::string line = "data: " + std::string(1000, 'x');
  for (size_t i = 0; i < 2 * EventReader::kMaxData / 1000; ++i) EXPECT_FALSE(reader.take(line));
  EXPECT_TRUE(all(reader, {"data: the rest", ""}).empty());
  EXPECT_EQ(all(reader, {"id: 7", "data: next", ""}), std::vector<std::string>{"7||next"});
}

}  // namespace
}  // namespace rhumb::proxy
