// SPDX-License-Identifier: Apache-2.0
// Numbers of everything that can be wrong with a configuration. A number is never reused; its title and paragraph stand
// in codes.cc. Constants; any thread.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "config/diagnostic.h"

namespace rhumb::config {

namespace code {
// The file as such.
inline constexpr uint16_t kUnreadable = 101, kNotRegular = 102, kUnknownKey = 103, kTooLarge = 104, kNotUtf8 = 105,
                          kControlCharacter = 106, kSyntax = 107, kUnterminated = 108, kSecondDocument = 109,
                          kAnchor = 110, kDuplicateKey = 111, kMergeKey = 112, kTag = 113, kKeyNotScalar = 114,
                          kTooManyNodes = 115, kTooDeep = 116, kNotMapping = 117, kDirective = 118, kEnvironment = 119,
                          kExpansion = 120, kSecretFile = 121, kVersion = 122, kUnsafe = 123, kIncludedTwice = 124,
                          kIncludeLimit = 125, kIncludeNothing = 126, kOverride = 127, kSecretOpen = 128,
                          kRenamed = 129;
// One value.
inline constexpr uint16_t kMissingKey = 130, kNoValue = 131, kWrongKind = 132, kInteger = 133, kNumber = 134,
                          kBoolean = 135, kUnit = 136, kRange = 137, kNotAllowed = 138, kAddress = 139, kCidr = 140,
                          kCountry = 141, kEmpty = 142, kName = 143, kPath = 144, kHost = 145, kExpect = 146,
                          kKey = 147, kFilterEntry = 148, kPattern = 149;
// Values against each other.
inline constexpr uint16_t kUnknownRegion = 150, kDuplicateName = 151, kDuplicateAddress = 152, kNoneGiven = 153,
                          kNoLocation = 154, kTwoPaths = 155, kNoWeight = 156, kShortSecret = 157, kDuplicateId = 158,
                          kSameSite = 159, kOwnBackup = 160, kDuplicateItem = 161, kTooManyRegions = 162,
                          kNormaliser = 163, kTooManyTerms = 164, kCookiePrefix = 165, kTooManyEndpoints = 166;
// What is allowed and hardly meant.
inline constexpr uint16_t kUnreachable = 170, kUnusedRegion = 171, kNoKeys = 172;
// What the file names, as `check --deep` finds it.
inline constexpr uint16_t kGeoFile = 180, kNotWritable = 181, kSocketDirectory = 182, kForeignAddress = 183,
                          kAddressInUse = 184;
// Rules of `assert` that cannot be meant.
inline constexpr uint16_t kUnknownRoute = 190, kRuleKey = 191, kRuleDown = 192, kNoCapacity = 193, kNoClient = 194;
}  // namespace code

struct CodeHelp {
  uint16_t code;
  std::string_view title;
  std::string_view paragraph;
  Severity severity = Severity::error;
};

/// Every code, ascending.
std::span<const CodeHelp> all_codes() noexcept;

}  // namespace rhumb::config
