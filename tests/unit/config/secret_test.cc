// SPDX-License-Identifier: Apache-2.0
#include "config/secret.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "config/codes.h"
#include "config_testing.h"

namespace rhumb::config {
namespace {

using ::testing::ElementsAre;
using testing::Environment;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TemporaryDirectory;

struct Reading {
  std::optional<std::string> bytes;
  std::vector<int> codes;
  std::string said;
};

Reading read(const std::string& name, bool written = true) {
  Diagnostics diagnostics;
  Reading out;
  out.bytes = read_secret({name, written}, {}, diagnostics);
  out.codes = testing::codes(diagnostics);
  for (const Diagnostic& d : diagnostics.sorted()) out.said += d.message + "; " + d.hint + "\n";
  return out;
}

class SecretTest : public ::testing::Test {
 protected:
  Reading with_mode(mode_t mode) {
    const std::string path = directory_.write("key", "hunter2\n");
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return read(path);
  }
  TemporaryDirectory directory_;
};

TEST_F(SecretTest, TakesWhatOnlyItsUserAndGroupCanRead) {
  for (const mode_t mode : {0400u, 0440u, 0600u, 0640u, 0700u}) EXPECT_EQ(with_mode(mode).bytes, "hunter2") << mode;
}

TEST_F(SecretTest, RefusesWhatOthersCanReadOrTheGroupCanWrite) {
  for (const mode_t mode : {0644u, 0604u, 0660u, 0602u, 0601u, 0620u, 0666u, 0777u}) {
    const Reading open = with_mode(mode);
    EXPECT_EQ(open.bytes, std::nullopt) << mode;
    EXPECT_THAT(open.codes, ElementsAre(code::kSecretOpen)) << mode;
    EXPECT_THAT(open.said, HasSubstr("chmod 600 '" + directory_.path("key") + "'"));
    EXPECT_THAT(open.said, Not(HasSubstr("hunter2")));
  }
  EXPECT_THAT(with_mode(0644).said, HasSubstr("everybody can read it (mode 0644)"));
  EXPECT_THAT(with_mode(0660).said, HasSubstr("its group can write it (mode 0660)"));
}

TEST_F(SecretTest, RemovesOneLineEndAndRefusesWhatIsEmptyThen) {
  EXPECT_EQ(read(directory_.write_secret("a", "x\r\n")).bytes, "x");
  EXPECT_EQ(read(directory_.write_secret("b", " x\n\n")).bytes, " x\n");
  for (const char* nothing : {"", "\n", "\r\n"})
    EXPECT_THAT(read(directory_.write_secret("c", nothing)).codes, ElementsAre(code::kSecretFile));
}

TEST_F(SecretTest, LooksForANameAmongTheCredentials) {
  directory_.write_secret("session.key", "from systemd");
  EXPECT_THAT(read("session.key").codes, ElementsAre(code::kSecretFile));
  EXPECT_THAT(read("session.key").said, HasSubstr("CREDENTIALS_DIRECTORY is not set"));
  const Environment set("CREDENTIALS_DIRECTORY", directory_.path(".").c_str());
  EXPECT_EQ(read("session.key").bytes, "from systemd");
  EXPECT_THAT(read("other.key").said, HasSubstr("No such file"));
  EXPECT_THAT(read("..").said, HasSubstr("it is a directory"));
}

TEST_F(SecretTest, DoesNotNameWhatMayBeASecretItself) {
  const std::string key = "aGh1bnRlcjI/aHVudGVyMmh1bnRlcjJodW50ZXIy";
  EXPECT_THAT(read(key).said, HasSubstr("cannot read the file: No such file"));
  EXPECT_THAT(read("aGh1bnRlcjIaHVudGVyMmh1bnRlcjJodW50ZXIy").said, HasSubstr("the file is named without '/'"));
  for (const char* path : {"/hunter2", "hunter2"}) {
    EXPECT_THAT(read(path).said, HasSubstr("hunter2"));
    EXPECT_THAT(read(path, false).said, Not(HasSubstr("hunter2"))) << "a variable was put in";
  }
}

TEST(IsSecretKey, KnowsKeysWhoseValuesAreNotShown) {
  EXPECT_TRUE(is_secret_key("secret"));
  EXPECT_FALSE(is_secret_key("id"));
}

}  // namespace
}  // namespace rhumb::config
