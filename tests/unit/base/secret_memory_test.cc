// SPDX-License-Identifier: Apache-2.0
#include "base/secret_memory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <sstream>

#include "base/crypto.h"

namespace rhumb::base {
namespace {

const std::string kText = "0123456789abcdef0123456789abcdef";

/// The VmFlags of the mapping an address lies in, as /proc/self/smaps has them: "rd wr mr mw me dd ac ".
std::string flags_of(const void* address) {
  std::ifstream smaps("/proc/self/smaps");
  const auto wanted = reinterpret_cast<uintptr_t>(address);
  bool inside = false;
  for (std::string line; std::getline(smaps, line);) {
    std::istringstream range(line);
    uintptr_t first = 0, last = 0;
    char dash = 0;
    if (range >> std::hex >> first >> dash >> last && dash == '-') inside = first <= wanted && wanted < last;
    if (inside && line.starts_with("VmFlags: ")) return line.substr(9);
  }
  return "no such mapping";
}

bool left_out_of_dumps(const void* address) { return flags_of(address).find("dd ") != std::string::npos; }

/// Whether `bytes` stand in [first, last), wherever that can be read.
bool found_between(int memory, uintptr_t first, uintptr_t last, std::string_view bytes) {
  std::string copy(last - first, '\0');
  const ssize_t got = ::pread(memory, copy.data(), copy.size(), static_cast<off_t>(first));
  copy.resize(got > 0 ? static_cast<size_t>(got) : 0);
  bool found = false;
  for (size_t at = copy.find(bytes); at != std::string::npos; at = copy.find(bytes, at + 1)) {
    const auto* here = reinterpret_cast<const char*>(first + at);
    found = found || here < copy.data() || here >= copy.data() + copy.size();  // our own copy is no find
  }
  wipe(copy);
  return found;
}

/// Whether `bytes` are in any memory of this process that a core dump would hold.
bool dump_would_hold(std::string_view bytes) {
  constexpr uintptr_t kLargest = 64 << 20;  // the shadow of a sanitizer is larger, and holds no bytes of ours
  std::ifstream smaps("/proc/self/smaps");
  const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  uintptr_t first = 0, last = 0;
  bool found = false;
  for (std::string line; std::getline(smaps, line);) {
    std::istringstream range(line);
    uintptr_t from = 0, to = 0;
    char dash = 0;
    if (range >> std::hex >> from >> dash >> to && dash == '-') first = from, last = to;
    const bool dumped = line.starts_with("VmFlags: rd") && line.find("dd ") == std::string::npos;
    if (dumped && last - first <= kLargest) found = found || found_between(memory, first, last, bytes);
  }
  ::close(memory);
  return found;
}

TEST(SecretMemory, S33_ASecretLiesWhereNoDumpReaches) {
  const Secret secret = kText;
  EXPECT_EQ(secret.view(), kText);
  EXPECT_TRUE(left_out_of_dumps(secret.view().data())) << flags_of(secret.view().data());
  EXPECT_FALSE(left_out_of_dumps(kText.data())) << "or the look at it would prove nothing";
  const Secret copy = secret;
  EXPECT_NE(copy.view().data(), secret.view().data());
  EXPECT_TRUE(left_out_of_dumps(copy.view().data()));
}

TEST(SecretMemory, S33_IsZeroedWhenGivenBack) {
  auto* bytes = static_cast<char*>(secret_allocate(kText.size()));
  std::copy(kText.begin(), kText.end(), bytes);
  secret_free(bytes, kText.size());
  // The pages stay: the arena is the process's to its end. Its own links of free pieces are at the piece's beginning.
  EXPECT_EQ(std::string_view(bytes + 16, 16), std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16));
}

TEST(SecretMemory, TakingATextOverLeavesNothingBehind) {
  std::string text = kText;
  const char* was = text.data();
  const Secret secret = Secret::taken_from(text);
  EXPECT_EQ(secret.view(), kText);
  EXPECT_TRUE(text.empty());
  for (size_t i = 0; i < kText.size(); ++i) EXPECT_EQ(was[i], '\0') << i;
}

TEST(SecretMemory, WhatDoesNotFitIsServedAllTheSame) {
  const std::string large(5 << 20, 'x');
  const Secret secret = large;
  EXPECT_EQ(secret.view(), large);
}

TEST(SecretMemory, ComparesByValue) {
  EXPECT_EQ(Secret(kText), Secret(kText));
  EXPECT_NE(Secret(kText), Secret(kText + "0"));
  EXPECT_NE(Secret(kText), Secret("0123456789abcdef0123456789abcdeF"));
  EXPECT_EQ(Secret(), Secret(""));
  EXPECT_TRUE(Secret().empty());
}

TEST(SecretMemory, S33_TheKeyOfACipherIsInNoOtherMemory) {
  Aead::Key derived = Aead::derive(kText);
  const Secret key = std::string_view(reinterpret_cast<const char*>(derived.data()), derived.size());
  const Aead aead(derived);
  EXPECT_TRUE(dump_would_hold(key.view())) << "on the stack, where the look must find it";
  wipe(derived);
  EXPECT_FALSE(dump_would_hold(key.view()));
  std::vector<uint8_t> sealed(5 + Aead::kOverhead);
  std::string opened(5, '\0');
  ASSERT_TRUE(aead.seal("hello", {}, sealed.data()));
  ASSERT_TRUE(aead.open(sealed, {}, reinterpret_cast<uint8_t*>(opened.data())));
  EXPECT_EQ(opened, "hello");
  EXPECT_FALSE(dump_would_hold(key.view()));
}

TEST(SecretMemory, S33_DumpsAreAllowedOrNot) {
  const int before = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
  set_dumpable(false);
  EXPECT_EQ(::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
  set_dumpable(true);
  EXPECT_EQ(::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
  set_dumpable(before == 1);
}

}  // namespace
}  // namespace rhumb::base
