// SPDX-License-Identifier: Apache-2.0
// `rhumb score --grid`: the winner for every part of the world, as a file says. Blocks. Returns the process's exit
// code.
#pragma once
#include <string>
#include <vector>

namespace rhumb::proxy {

struct ScoreQuestion {
  std::string config, before;     // files; before: to compare with, or empty
  std::string route;              // empty: the first of the file
  std::string by = "1";           // degrees, or "country"
  std::string tenant;             // empty: none
  std::vector<std::string> down;  // regions that count as unhealthy
  std::string svg;                // a file to write; empty: text or JSON to standard output
  bool json = false;
};

int score_grid(const ScoreQuestion& question);

}  // namespace rhumb::proxy
