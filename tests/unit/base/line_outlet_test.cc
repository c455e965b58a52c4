// SPDX-License-Identifier: Apache-2.0
#include "base/line_outlet.h"

#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/unit/base/outlets.h"

namespace rhumb::base {
namespace {

using Took = LineOutlet::Took;

std::string dotted(int from, int to, size_t size = 100) {
  std::string out;
  for (int i = from; i < to; ++i) {
    std::string line = std::to_string(i) + ":";
    line.resize(size - 1, '.');
    out += line + "\n";
  }
  return out;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class OutletFile : public testing::Test {
 protected:
  OutletFile() : path_(testing::TempDir() + "outlet." + std::to_string(::getpid())) { ::unlink(path_.c_str()); }
  ~OutletFile() override { ::unlink(path_.c_str()); }
  LineOutlet open() const {
    return LineOutlet::owned(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600));
  }
  const std::string path_;
};

TEST(LineOutlet, ThatLeadsNowhereTakesAll) {
  LineOutlet outlet;
  std::string lines = "one\ntwo\n";
  EXPECT_EQ(outlet.write(lines), Took::all);
  EXPECT_TRUE(lines.empty());
}

/// Fills what `outlet` leads to, empties it by `read`, and so on, until all lines are through.
template <class Read>
void expect_no_wait_and_no_loss(LineOutlet& outlet, Read read) {
  const std::string all = dotted(0, 5000) + dotted(5000, 5003, 10'000) + dotted(5003, 6000);
  std::string lines = all, got;
  bool waited = false;
  for (Took took = outlet.write(lines); took != Took::all; took = outlet.write(lines)) {
    ASSERT_EQ(took, Took::waits);
    waited = true;
    EXPECT_EQ(all.substr(all.size() - lines.size()), lines);
    const std::string more = read();
    ASSERT_FALSE(more.empty());
    got += more;
  }
  EXPECT_TRUE(waited) << "all of it fitted: this shows nothing";
  EXPECT_EQ(got + read(), all);
}

TEST(LineOutlet, IntoAPipeThatIsSharedDoesNotWaitForItsReaderAndChangesNoFlag) {
  TestPipe pipe;
  const int flags = ::fcntl(pipe.writer(), F_GETFL);
  LineOutlet outlet = LineOutlet::shared(pipe.writer());
  expect_no_wait_and_no_loss(outlet, [&] { return pipe.read(); });
  EXPECT_EQ(::fcntl(pipe.writer(), F_GETFL), flags);
}

TEST(LineOutlet, IntoAPipeOfAnotherUserDoesNotWaitEither) {
  TestPipe pipe;
  ASSERT_EQ(::fchmod(pipe.writer(), 0), 0);
  if (::geteuid() == 0) ::setfsuid(65534);  // root may open all that has a name
  LineOutlet outlet = LineOutlet::shared(pipe.writer());
  if (::geteuid() == 0) ::setfsuid(0);
  const int flags = ::fcntl(pipe.writer(), F_GETFL);
  expect_no_wait_and_no_loss(outlet, [&] { return pipe.read(); });
  EXPECT_EQ(::fcntl(pipe.writer(), F_GETFL), flags);
  pipe.close_reader();
  std::signal(SIGPIPE, SIG_IGN);
  std::string lines = "gone\n";
  EXPECT_EQ(outlet.write(lines), Took::refused);
  EXPECT_EQ(errno, EPIPE);
  std::signal(SIGPIPE, SIG_DFL);
}

TEST(LineOutlet, IntoATerminalOfAnotherUserDoesNotWaitEither) {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_TRUE(::grantpt(master) == 0 && ::unlockpt(master) == 0);
  const int slave = ::open(::ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_EQ(::fchmod(slave, 0), 0);
  if (::geteuid() == 0) ::setfsuid(65534);
  LineOutlet outlet = LineOutlet::shared(slave);
  if (::geteuid() == 0) ::setfsuid(0);
  ::fcntl(master, F_SETFL, O_NONBLOCK);
  expect_no_wait_and_no_loss(outlet, [&] {
    std::string out;
    char buffer[65536];
    for (ssize_t n; (n = ::read(master, buffer, sizeof buffer)) > 0;) out.append(buffer, static_cast<size_t>(n));
    std::erase(out, '\r');
    return out;
  });
  for (const int end : {master, slave}) ::close(end);
}

TEST(LineOutlet, IntoASocketDoesNotWaitForItsReader) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  LineOutlet outlet = LineOutlet::shared(pair[0]);
  expect_no_wait_and_no_loss(outlet, [&] {
    std::string out;
    char buffer[65536];
    for (ssize_t n; (n = ::recv(pair[1], buffer, sizeof buffer, MSG_DONTWAIT)) > 0;)
      out.append(buffer, static_cast<size_t>(n));
    return out;
  });
  for (const int end : pair) ::close(end);
}

TEST(LineOutlet, LinesOfTwoWritersOfAPipeStayWhole) {
  TestPipe pipe;
  LineOutlet a = LineOutlet::shared(pipe.writer()), b = LineOutlet::shared(pipe.writer());
  std::string of_a = dotted(0, 400), of_b = dotted(1000, 1400), got;
  while (a.write(of_a) != Took::all || b.write(of_b) != Took::all) got += pipe.read();
  std::istringstream lines(got + pipe.read());
  size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_EQ(line.size(), 99u) << line;
  EXPECT_EQ(count, 800u);
}

TEST(LineOutlet, WaitsUntilSomebodyReads) {
  TestPipe pipe;
  LineOutlet outlet = LineOutlet::shared(pipe.writer());
  std::string lines = dotted(0, 2000);
  ASSERT_EQ(outlet.write(lines), Took::waits);
  outlet.wait(Millis(1));  // nobody
  pipe.read();
  outlet.wait(Seconds(3600));
  EXPECT_EQ(outlet.write(lines), Took::waits) << "and some more got through";
  EXPECT_FALSE(pipe.read().empty());
}

TEST_F(OutletFile, ALineThatBeganBeforeTheDiskWasFullIsEndedFirst) {
  LineOutlet outlet = open();
  FullDisk full(250);
  std::string lines = dotted(0, 10);
  const Took took = outlet.write(lines);
  const int error = errno;
  const size_t lost = outlet.abandon(lines);
  lines += dotted(10, 12);
  const Took again = outlet.write(lines);
  const size_t lost_again = outlet.abandon(lines);
  full.end();
  EXPECT_EQ(took, Took::refused);
  EXPECT_EQ(error, EFBIG);
  EXPECT_EQ(lost, 7u) << "two are in the file, and half of the third";
  EXPECT_EQ(again, Took::refused);
  EXPECT_EQ(lost_again, 2u);
  lines += dotted(12, 13);
  EXPECT_EQ(outlet.write(lines), Took::all);
  EXPECT_EQ(text_of(path_), dotted(0, 3) + dotted(12, 13));
}

TEST_F(OutletFile, ALineThatBeganInAFileThatWasEmptiedBeginsAnew) {
  LineOutlet outlet = open();
  FullDisk full(150);
  std::string lines = dotted(0, 2);
  const Took took = outlet.write(lines);
  full.end();
  ASSERT_EQ(took, Took::refused);
  ASSERT_EQ(::truncate(path_.c_str(), 0), 0);
  EXPECT_EQ(outlet.write(lines), Took::all);
  EXPECT_EQ(text_of(path_), dotted(1, 2));
}

TEST_F(OutletFile, AnotherOutletIsGivenTheLineFromItsBeginning) {
  LineOutlet outlet = open();
  FullDisk full(150);
  std::string lines = dotted(0, 2);
  const Took took = outlet.write(lines);
  full.end();
  ASSERT_EQ(took, Took::refused);
  TestPipe pipe;
  outlet = LineOutlet::shared(pipe.writer());
  EXPECT_EQ(outlet.write(lines), Took::all);
  EXPECT_EQ(pipe.read(), dotted(1, 2));
}

TEST_F(OutletFile, AFileThatEndsInHalfALineIsGivenItsEnd) {
  std::ofstream(path_) << "whole\nhal";
  LineOutlet outlet = open();
  std::string lines = "new\n";
  EXPECT_EQ(outlet.write(lines), Took::all);
  EXPECT_EQ(text_of(path_), "whole\nhal\nnew\n");
  LineOutlet next = open();
  lines = "newer\n";
  EXPECT_EQ(next.write(lines), Took::all);
  EXPECT_EQ(text_of(path_), "whole\nhal\nnew\nnewer\n");
}

}  // namespace
}  // namespace rhumb::base
