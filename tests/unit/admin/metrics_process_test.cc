// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "admin/metrics.h"
#include "page_reader.h"

namespace rhumb::admin {
namespace {

using namespace testing;

TEST(MetricsOfTheProcess, AreThoseOfThisProcess) {
  GatewayInfo info;
  info.started = base::WallTime(base::Seconds(1'700'000'000));
  const auto page = [&] { return PageReader(render_metrics(Registry(1), upstream::Meters(1), {}, info)); };
  const PageReader before = page();
  EXPECT_EQ(before.value("process_start_time_seconds"), 1'700'000'000);
  EXPECT_GT(before.value("process_resident_memory_bytes"), 1 << 20);
  EXPECT_GT(before.value("process_virtual_memory_bytes"), before.value("process_resident_memory_bytes"));
  EXPECT_GE(before.value("process_cpu_seconds_total"), 0);
  EXPECT_GT(before.value("process_max_fds"), before.value("process_open_fds"));
  std::vector<int> more;
  for (int i = 0; i < 700; ++i) more.push_back(::dup(0));  // more than are counted at once
  EXPECT_EQ(page().value("process_open_fds"), before.value("process_open_fds") + 700);
  for (const int fd : more) ::close(fd);
}

}  // namespace
}  // namespace rhumb::admin
