// SPDX-License-Identifier: Apache-2.0
// What a shared cache may store, section by section of RFC 9111, and that what was made private is stored by none.
#include "http/cache_control.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "http_testing.h"

namespace rhumb::http {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

class CacheControl : public ::testing::Test {
 protected:
  void answer(uint16_t status, const Lines& lines) {
    texts_ = lines;
    response_.status = status;
    response_.fields.init(memory_.arena, lines.size());
    for (const auto& [name, value] : texts_) ASSERT_TRUE(response_.fields.add(name, value));
  }
  /// "no", "stores" or "updates".
  std::string caching(uint16_t status, const Lines& lines, Method method = Method::get, bool authorized = false) {
    answer(status, lines);
    return name_of(shared_caching(method, authorized, response_));
  }
  static std::string name_of(SharedCaching caching) {
    return caching == SharedCaching::no ? "no" : caching == SharedCaching::stores ? "stores" : "updates";
  }
  /// The same of a 302, which is stored only when something says so.
  std::string said(const std::string& cache_control) { return caching(302, {{"Cache-Control", cache_control}}); }
  /// What Cache-Control becomes.
  std::string privately(const Lines& lines) {
    answer(200, lines);
    EXPECT_TRUE(make_private(response_.fields, memory_.arena));
    EXPECT_EQ(response_.fields.count(FieldId::cache_control), 1u);
    return std::string(response_.fields.get(FieldId::cache_control));
  }
  std::string privately(const std::string& cache_control) { return privately({{"Cache-Control", cache_control}}); }

  testing::Memory memory_;
  Lines texts_;
  ResponseHead response_;
};

TEST_F(CacheControl, Rfc9110_15_1_StatusesThatAreStoredWithoutAWord) {
  for (const uint16_t status : {200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 421, 451, 501})
    EXPECT_EQ(caching(status, {}), "stores") << status;
  for (const uint16_t status : {201, 202, 205, 302, 303, 307, 400, 401, 403, 409, 429, 500, 502, 503, 504, 511})
    EXPECT_EQ(caching(status, {}), "no") << status;
}

TEST_F(CacheControl, Rfc9111_3_WhatLetsAnyStatusBeStored) {
  for (const char* value : {"public", "max-age=0", "max-age=60", "s-maxage=60", "max-age", "max-age=\"60\"", "PUBLIC",
                            "Max-Age=60", "no-cache, max-age=60", " , ,public", "no-transform\t, public"})
    EXPECT_EQ(said(value), "stores") << value;
  for (const char* value : {"", ",", "no-cache", "no-cache=\"set-cookie, x\"", "no-transform", "must-revalidate",
                            "proxy-revalidate", "must-understand", "stale-if-error=60", "stale-while-revalidate=1"})
    EXPECT_EQ(said(value), "no") << value;
}

// A directive that a cache may know and we do not may allow anything (RFC 9111 5.2.3); immutable is one (RFC 8246).
TEST_F(CacheControl, Rfc9111_5_2_3_AnUnknownDirectiveMayAllowIt) {
  for (const char* value : {"immutable", "x", "x=1", "x=\"private, no-store\"", "privat", "private-", "no_store"})
    EXPECT_EQ(said(value), "stores") << value;
}

TEST_F(CacheControl, Rfc9111_5_2_2_WhatForbidsIt) {
  for (const char* value : {"no-store", "private", "PRIVATE", "No-Store", "public, private", "max-age=60,no-store",
                            "private, private=\"x\"", "s-maxage=1 ,\tprivate", ",,no-store,,"})
    EXPECT_EQ(caching(200, {{"Cache-Control", value}}), "no") << value;
}

TEST_F(CacheControl, Rfc9111_5_2_SeveralFieldsAreOneList) {
  EXPECT_EQ(caching(200, {{"Cache-Control", "public"}, {"X", "y"}, {"cache-control", "private"}}), "no");
  EXPECT_EQ(caching(302, {{"Cache-Control", "no-cache"}, {"CACHE-CONTROL", "max-age=1"}}), "stores");
  EXPECT_EQ(caching(200, {{"Cache-Control", "x=\"1"}, {"Cache-Control", "no-store"}}), "no")
      << "the other one is sound";
}

TEST_F(CacheControl, Rfc9111_5_2_2_7_OnlyPrivateWithoutFieldsForbidsIt) {
  for (const char* value : {"private=\"set-cookie\"", "private=set-cookie", "private=\"\"", "no-store=x"})
    EXPECT_EQ(caching(200, {{"Cache-Control", value}}), "stores") << value;
}

TEST_F(CacheControl, Rfc9111_5_2_2_3_MustUnderstandUndoesNoStore) {
  EXPECT_EQ(caching(200, {{"Cache-Control", "no-store, must-understand"}}), "stores");
  EXPECT_EQ(caching(200, {{"Cache-Control", "must-understand, no-store, private"}}), "no");
}

TEST_F(CacheControl, Rfc9110_5_6_WhatCannotBeReadForbidsNothing) {
  for (const char* value : {"x=\"1, private", "x=\"1\\\", private", "x=\"1\\", "max-age = 1, private", "=1, no-store",
                            "x=, private", "a b, private", "\"private\"", "max-age=1;private", "x=\"1\"2, private",
                            "@, no-store", "private;", "private x", "no-store/"})
    EXPECT_EQ(said(value), "stores") << value;
  EXPECT_EQ(said("private, x=\"1"), "no") << "said before";
  EXPECT_EQ(said("x=\"a\\\"b, c\", private"), "no") << "a quoted string with a quote and a comma";
}

TEST_F(CacheControl, Rfc9111_3_5_AnAuthorizedRequestsResponseMustSaySo) {
  for (const char* value : {"public", "s-maxage=1", "must-revalidate", "x", "x=\""})
    EXPECT_EQ(caching(200, {{"Cache-Control", value}}, Method::get, true), "stores") << value;
  for (const char* value : {"", "max-age=60", "no-cache", "proxy-revalidate"})
    EXPECT_EQ(caching(200, {{"Cache-Control", value}}, Method::get, true), "no") << value;
  EXPECT_EQ(caching(200, {{"Expires", "0"}}, Method::get, true), "no");
}

TEST_F(CacheControl, Rfc9111_5_3_ExpiresLetsItBeStoredWhateverItsDate) {
  for (const char* value : {"Thu, 01 Dec 2033 16:00:00 GMT", "Thu, 01 Dec 1994 16:00:00 GMT", "0", "-1", "never", ""})
    EXPECT_EQ(caching(302, {{"Expires", value}}), "stores") << value;
  EXPECT_EQ(caching(302, {{"expires", "0"}, {"Cache-Control", "no-store"}}), "no");
}

// Pragma of a response means nothing; what Vary names is not more than a key, and the keys of new clients are the same.
TEST_F(CacheControl, Rfc9111_5_4_4_1_PragmaAndVaryPreventNothing) {
  EXPECT_EQ(caching(200, {{"Pragma", "no-cache"}}), "stores");
  EXPECT_EQ(caching(200, {{"Vary", "*"}}), "stores");
  EXPECT_EQ(caching(200, {{"Vary", "Cookie"}}), "stores");
}

TEST_F(CacheControl, Rfc9111_3_2_WhatUpdatesAStoredResponse) {
  const Lines none, shared = {{"Cache-Control", "max-age=60"}}, own = {{"Cache-Control", "private"}};
  for (const Method method : {Method::get, Method::head, Method::other}) {
    EXPECT_EQ(caching(304, none, method), "updates");
    EXPECT_EQ(caching(304, shared, method, true), "updates") << "what was stored may have been got without";
    EXPECT_EQ(caching(304, own, method), "no") << "so the stored one was private as well";
  }
  for (const uint16_t status : {200, 204, 206}) {
    EXPECT_EQ(caching(status, none, Method::head), "updates");
    EXPECT_EQ(caching(status, shared, Method::head, true), "updates");
    EXPECT_EQ(caching(status, own, Method::head), "no");
    EXPECT_EQ(caching(status, {{"Cache-Control", "no-store"}}, Method::head), "no");
  }
  EXPECT_EQ(caching(301, none, Method::head), "stores") << "updates no 200";
  EXPECT_EQ(caching(302, none, Method::head), "no");
}

TEST_F(CacheControl, Rfc9110_9_3_Methods) {
  for (const Method method : {Method::put, Method::delete_, Method::options, Method::trace, Method::connect})
    EXPECT_EQ(caching(200, {{"Cache-Control", "public, max-age=60"}, {"Content-Location", "/"}}, method), "no");
  for (const Method method : {Method::post, Method::patch}) {
    EXPECT_EQ(caching(200, {{"Content-Location", "/"}}, method), "no");
    EXPECT_EQ(caching(200, {{"Cache-Control", "max-age=60"}}, method), "no");
    EXPECT_EQ(caching(200, {{"Cache-Control", "max-age=60"}, {"content-location", "/"}}, method), "stores");
    EXPECT_EQ(caching(200, {{"Expires", "0"}, {"Content-Location", "/"}}, method), "stores");
  }
  EXPECT_EQ(caching(200, {}, Method::other), "stores") << "a cache may know it";
}

TEST_F(CacheControl, Rfc9213_AFieldForSomeCachesCountsForThem) {
  for (const char* name : {"CDN-Cache-Control", "cdn-cache-control", "Example-Cache-Control", "Surrogate-Control",
                           "X-Accel-Expires", "Edge-Control"}) {
    EXPECT_EQ(caching(200, {{"Cache-Control", "private"}, {name, "max-age=60"}}), "stores") << name;
    EXPECT_EQ(caching(302, {{name, "60"}}, Method::get, true), "stores") << name;
    EXPECT_EQ(caching(304, {{"Cache-Control", "no-store"}, {name, "max-age=60"}}), "updates") << name;
    EXPECT_EQ(caching(200, {{"Cache-Control", "private"}, {name, "no-store"}}), "no") << name;
  }
  EXPECT_EQ(caching(200, {{"Cache-Control", "private"}, {"X-Accel-Expires", "0"}}), "no");
  EXPECT_EQ(caching(200, {{"Cache-Control", "private"}, {"-Cache-Control", "max-age=60"}}), "no") << "no target";
  EXPECT_EQ(caching(200, {{"CDN-Cache-Control", "no-store"}}), "stores") << "by all others";
}

TEST_F(CacheControl, MadePrivateItKeepsWhatItToldTheClientsOwnCache) {
  EXPECT_EQ(privately(Lines{}), "private");
  EXPECT_EQ(privately("public"), "private");
  EXPECT_EQ(privately("PUBLIC,max-age=60 ,S-MaxAge=99,no-transform"), "private, max-age=60, no-transform");
  EXPECT_EQ(privately("private=\"a, b\", no-cache=\"set-cookie, x\""), "private, no-cache=\"set-cookie, x\"");
  EXPECT_EQ(privately("must-revalidate, proxy-revalidate"), "private, must-revalidate");
  EXPECT_EQ(privately("immutable, stale-while-revalidate=5, x=y"), "private, immutable, stale-while-revalidate=5, x=y");
  EXPECT_EQ(privately("no-store, must-understand, max-age=1"), "private, no-store, must-understand, max-age=1");
  EXPECT_EQ(privately("a,b,c,d,e,f"), "private, a, b, c, d, e, f");
  EXPECT_EQ(privately("private"), "private");
}

TEST_F(CacheControl, MadePrivateSeveralFieldsAreOne) {
  EXPECT_EQ(privately({{"Cache-Control", "public"}, {"A", "b"}, {"cache-control", "max-age=1"}}), "private, max-age=1");
  EXPECT_EQ(response_.fields.get("a"), "b");
}

TEST_F(CacheControl, MadePrivateNoStoreStandsForWhatCannotBeRead) {
  EXPECT_EQ(privately("max-age=60;public"), "private, no-store");
  EXPECT_EQ(privately("no-cache, x=\"1, public"), "private, no-cache, no-store");
  EXPECT_EQ(privately({{"Cache-Control", "\""}, {"Cache-Control", "max-age=1"}}), "private, max-age=1, no-store");
}

TEST_F(CacheControl, MadePrivateNoOtherFieldSaysOtherwise) {
  EXPECT_EQ(privately({{"CDN-Cache-Control", "max-age=9"},
                       {"Cache-Control", "max-age=1"},
                       {"X-Accel-Expires", "9"},
                       {"Surrogate-Control", "max-age=9"},
                       {"Expires", "0"}}),
            "private, max-age=1");
  for (const char* gone : {"CDN-Cache-Control", "X-Accel-Expires", "Surrogate-Control"})
    EXPECT_EQ(response_.fields.find(gone), nullptr) << gone;
  EXPECT_NE(response_.fields.find("Expires"), nullptr) << "it is the client's own cache's too";
}

TEST_F(CacheControl, AFullTableChangesNothing) {
  answer(200, {{"CDN-Cache-Control", "max-age=9"}});
  while (response_.fields.add("X", "y")) {
  }
  EXPECT_FALSE(make_private(response_.fields, memory_.arena));
  EXPECT_EQ(response_.fields.get("CDN-Cache-Control"), "max-age=9");
  EXPECT_EQ(response_.fields.find(FieldId::cache_control), nullptr);
  // One that is replaced leaves its place.
  response_.fields.remove("CDN-Cache-Control");
  answer(200, {{"Cache-Control", "public"}});
  while (response_.fields.add("X", "y")) {
  }
  EXPECT_TRUE(make_private(response_.fields, memory_.arena));
  EXPECT_EQ(response_.fields.get(FieldId::cache_control), "private");
}

TEST_F(CacheControl, WhateverItSaidNoSharedCacheStoresWhatWasMadePrivate) {
  const std::vector<std::string> pieces = {"public",
                                           "private",
                                           "no-store",
                                           "s-maxage=9",
                                           "max-age=1",
                                           "\"",
                                           "\\",
                                           ",",
                                           "=",
                                           " ",
                                           "\t",
                                           ";",
                                           "x",
                                           "\xff",
                                           "no-cache=\"",
                                           "must-understand",
                                           "private=\"a\"",
                                           "x=\"\\\"\"",
                                           "@"};
  std::mt19937 random(7);
  const auto text = [&] {
    std::string out;
    for (auto n = random() % 8; n > 0; --n) out += pieces[random() % pieces.size()];
    return out;
  };
  for (int round = 0; round < 20'000; ++round) {
    const Lines lines = {{"Cache-Control", text()}, {"CDN-Cache-Control", text()}, {"Cache-Control", text()}};
    const std::string once = privately(lines);
    for (const bool authorized : {false, true})
      ASSERT_EQ(name_of(shared_caching(Method::get, authorized, response_)), "no") << once;
    const Lines again = {{"Cache-Control", once}};
    ASSERT_EQ(privately(again), once);
    memory_.arena.reset();
  }
}

}  // namespace
}  // namespace rhumb::http
