// SPDX-License-Identifier: Apache-2.0
#include "proxy/commands_help.h"

#include <cstdio>

#include "config/topic.h"
#include "filters/registry.h"

namespace rhumb::proxy {

int help_about(const std::string& topic) {
  const auto page = config::help_topic(topic, filters::filter_rows());
  if (page) {
    std::fwrite(page->data(), 1, page->size(), stdout);
    return 0;
  }
  std::fprintf(stderr, "rhumb help: %s\n", page.error().c_str());
  return 1;
}

}  // namespace rhumb::proxy
