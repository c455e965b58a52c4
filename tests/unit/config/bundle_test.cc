// SPDX-License-Identifier: Apache-2.0
#include "config/bundle.h"

#include <gtest/gtest.h>

namespace rhumb::config {
namespace {

Bundle full() {
  Bundle bundle;
  bundle.files.push_back({"a.yaml", "/etc/a.yaml", std::string("text\0with all", 13), {}});
  bundle.files.push_back({"b.yaml", "b.yaml", "", {101, "cannot read 'b.yaml'", "a hint"}});
  bundle.matches.push_back({"conf.d/*", {"conf.d/1", "conf.d/2"}, {}});
  bundle.matches.push_back({"none/*", {}, {101, "Permission denied", ""}});
  return bundle;
}

TEST(Bundle, ComesBackAsItWas) {
  EXPECT_EQ(decode(encode(full())), full());
  EXPECT_EQ(decode(encode(Bundle())), Bundle());
}

TEST(Bundle, IsRefusedWhenAnyPartIsMissing) {
  const std::string bytes = encode(full());
  size_t whole = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto decoded = decode(std::string_view(bytes).substr(0, size));
    if (!decoded) continue;
    EXPECT_EQ(encode(*decoded), bytes.substr(0, size));
    ++whole;
  }
  EXPECT_EQ(whole, 6u) << "what ends between two parts is a smaller bundle";
}

TEST(Bundle, IsRefusedWhenItIsNone) {
  const std::string bytes = encode(full());
  EXPECT_FALSE(decode(""));
  EXPECT_FALSE(decode("version: 1\n"));
  EXPECT_FALSE(decode(bytes + "F"));
  EXPECT_FALSE(decode(bytes + bytes)) << "files stand before patterns";
  EXPECT_FALSE(decode("rhumb bundle 1\nF\xff\xff\xff\xff")) << "a length beyond the end";
  EXPECT_FALSE(decode(std::string("rhumb bundle 1\nP\0\0\0\0", 20))) << "a path of no pattern";
}

}  // namespace
}  // namespace rhumb::config
