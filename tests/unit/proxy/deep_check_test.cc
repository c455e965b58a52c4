// SPDX-License-Identifier: Apache-2.0
#include "proxy/deep_check.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "config/codes.h"
#include "config/load.h"
#include "geo/commands.h"
#include "geo/validate.h"
#include "net/socket.h"

namespace rhumb::proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace code = config::code;

// Databases are walked by this very program, started again.
__attribute__((constructor)) void answer_as_validator(int argc, char** argv, char**) {
  if (argc == 3 && std::strcmp(argv[1], geo::kValidatorCommand) == 0) _exit(geo::validator_main(std::atoi(argv[2])));
}

class DeepCheck : public ::testing::Test {
 protected:
  DeepCheck() {
    char name[] = "/tmp/rhumb-deep-XXXXXX";
    directory_ = mkdtemp(name);
  }
  ~DeepCheck() override { std::filesystem::remove_all(directory_); }

  /// What is said of a configuration with `more` in it.
  std::vector<config::Diagnostic> check(const std::string& more, const std::string& listener = "127.0.0.1:0") {
    const std::string text = "listeners: [{name: web, address: \"" + listener +
                             "\"}]\nregions: [{name: a, location: {latitude: 1, longitude: 1}, endpoints: "
                             "[\"192.0.2.1:1\"]}]\n" +
                             more;
    loaded_ = config::load_text(text, "test.yaml");
    EXPECT_TRUE(loaded_.ok()) << printed();
    check_deep(loaded_.spec, loaded_.diagnostics);
    return loaded_.diagnostics.sorted();
  }
  std::vector<int> codes(const std::string& more, const std::string& listener = "127.0.0.1:0") {
    std::vector<int> all;
    for (const auto& d : check(more, listener)) all.push_back(d.code);
    return all;
  }
  std::string printed() const { return config::render(loaded_.diagnostics, loaded_.sources); }
  std::string path(const std::string& name) const { return directory_ + "/" + name; }

  std::string directory_;
  config::Loaded loaded_;
};

TEST_F(DeepCheck, SaysNothingOfWhatIsThere) {
  std::ofstream(path("geo.csv")) << "network,country\n192.0.2.0/24,DE\n";
  ASSERT_TRUE(geo::build({path("geo.csv")}, path("geo.mmdb")).has_value());
  EXPECT_THAT(codes("geo: {databases: [" + path("geo.mmdb") + "], overlays: [" + path("geo.mmdb") +
                    "]}\naccess_log: {path: " + path("access.log") +
                    "}\nadmin: {address: \"unix:" + path("admin.sock") + "\"}\n"),
              IsEmpty())
      << printed();
  EXPECT_FALSE(std::filesystem::exists(path("access.log"))) << "a check makes nothing";
  EXPECT_FALSE(std::filesystem::exists(path("admin.sock")));
}

// Row S19: garbage, an empty file, a text and a missing file are each named at their place.
TEST_F(DeepCheck, S19_NamesEachDatabaseThatCannotBeUsed) {
  std::ofstream(path("garbage.mmdb")) << std::string(5000, 'x');
  std::ofstream(path("empty.mmdb")) << "";
  const auto found = check("geo:\n  databases:\n    - " + path("garbage.mmdb") + "\n    - " + path("missing.mmdb") +
                           "\n  overlays: " + path("empty.mmdb") + "\n");
  ASSERT_EQ(found.size(), 3u) << printed();
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(found[i].code, code::kGeoFile);
    EXPECT_EQ(found[i].place.line, 5 + i);
  }
  EXPECT_THAT(found[1].message, HasSubstr("geo.databases: " + path("missing.mmdb")));
}

TEST_F(DeepCheck, NamesALogThatCannotBeWritten) {
  EXPECT_THAT(codes("access_log: {path: " + path("none/access.log") + "}\n"), ElementsAre(code::kNotWritable));
  EXPECT_THAT(printed(),
              HasSubstr("test.yaml:3:20: error: access_log.path: '" + path("none") + "' cannot be written: No such"));
  EXPECT_THAT(codes("access_log: {path: " + directory_ + "}\n"), ElementsAre(code::kNotWritable));
  EXPECT_THAT(codes("access_log: {path: off}\n"), IsEmpty());
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  EXPECT_THAT(codes("access_log: {path: " + path("fifo") + "}\n"), IsEmpty()) << "its reader may come later";
  ASSERT_EQ(::mknod(path("socket").c_str(), S_IFSOCK | 0600, 0), 0);
  EXPECT_THAT(codes("access_log: {path: " + path("socket") + "}\n"), ElementsAre(code::kNotWritable));
  EXPECT_THAT(printed(), HasSubstr("access_log.path: it is a socket; a file, a FIFO or a character device is wanted"));
  EXPECT_THAT(codes("recorder: {directory: " + directory_ + "}\n"), IsEmpty());
  EXPECT_THAT(codes("recorder: {directory: " + path("none") + "}\n"), IsEmpty()) << "it would be made";
  EXPECT_THAT(codes("recorder: {directory: " + path("none/recorder") + "}\n"), ElementsAre(code::kNotWritable));
  EXPECT_THAT(codes("recorder: {directory: /etc/passwd}\n"), ElementsAre(code::kNotWritable));
}

TEST_F(DeepCheck, NamesASocketWithoutADirectory) {
  EXPECT_THAT(codes("admin: {address: \"unix:" + path("none/admin.sock") + "\"}\n"),
              ElementsAre(code::kSocketDirectory));
}

TEST_F(DeepCheck, NamesAddressesOfOtherMachines) {
  EXPECT_THAT(codes("", "192.0.2.7:8080"), ElementsAre(code::kForeignAddress));
  EXPECT_THAT(printed(),
              HasSubstr("test.yaml:1:34: error: listeners[0].address: 192.0.2.7 is no address of this machine"));
  EXPECT_THAT(codes("", "0.0.0.0:0"), IsEmpty());
}

TEST_F(DeepCheck, WarnsOfAnAddressInUse) {
  const auto taken = net::listen_tcp(*base::SocketAddress::parse("127.0.0.1:0"), 1);
  ASSERT_TRUE(taken.has_value());
  const auto found = check("", net::local_address(taken->get()).to_string());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].code, code::kAddressInUse);
  EXPECT_EQ(found[0].severity, config::Severity::warning);
}

}  // namespace
}  // namespace rhumb::proxy
