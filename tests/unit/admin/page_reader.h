// SPDX-License-Identifier: Apache-2.0
// For tests: a scrape, read strictly.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "admin/metrics.h"

namespace rhumb::admin::testing {

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  std::string value;
};

/// A strict reader of the text exposition format, 0.0.4: fails the test on anything it does not know.
class PageReader {
 public:
  explicit PageReader(const std::string& text) {
    EXPECT_TRUE(text.empty() || text.back() == '\n') << "the last line ends too";
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) read(line);
  }
  const std::vector<Sample>& samples() const { return samples_; }
  const std::map<std::string, std::string>& types() const { return types_; }

  /// The value of the one sample with this name and, at least, these labels.
  double value(const std::string& name, const std::map<std::string, std::string>& labels = {}) const {
    const Sample* found = nullptr;
    for (const Sample& sample : samples_) {
      bool same = sample.name == name;
      for (const auto& [key, text] : labels)
        same = same && sample.labels.count(key) != 0 && sample.labels.at(key) == text;
      if (!same) continue;
      EXPECT_EQ(found, nullptr) << name << " is there twice";
      found = &sample;
    }
    EXPECT_NE(found, nullptr) << name << " is missing";
    return found == nullptr ? -1 : std::strtod(found->value.c_str(), nullptr);
  }

 private:
  void read(const std::string& line) {
    if (line.rfind("# HELP ", 0) == 0) {
      const std::string name = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(helped_.insert(name).second) << "HELP twice: " << line;
    } else if (line.rfind("# TYPE ", 0) == 0) {
      const size_t space = line.find(' ', 7);
      family_ = line.substr(7, space - 7);
      EXPECT_TRUE(helped_.count(family_)) << line;
      EXPECT_TRUE(types_.emplace(family_, line.substr(space + 1)).second) << "TYPE twice: " << line;
    } else {
      sample(line);
    }
  }
  void sample(const std::string& line) {
    Sample out;
    size_t at = line.find_first_of("{ ");
    ASSERT_NE(at, std::string::npos) << line;
    out.name = line.substr(0, at);
    EXPECT_EQ(out.name.rfind(family_, 0), 0u) << "a sample outside its family: " << line;
    if (line[at] == '{') at = labels(line, at + 1, out);
    ASSERT_LT(at, line.size()) << line;
    ASSERT_EQ(line[at], ' ') << line;
    out.value = line.substr(at + 1);
    char* end = nullptr;
    std::strtod(out.value.c_str(), &end);
    EXPECT_EQ(*end, '\0') << "not a number: " << line;
    std::string key = out.name;
    for (const auto& [name, text] : out.labels) key += "|" + name + "=" + text;
    EXPECT_TRUE(series_.insert(key).second) << "the same series twice: " << line;
    samples_.push_back(out);
  }
  size_t labels(const std::string& line, size_t at, Sample& out) {
    while (at < line.size() && line[at] != '}') {
      const size_t equals = line.find("=\"", at);
      if (equals == std::string::npos) break;
      std::string value;
      size_t i = equals + 2;
      for (; i < line.size() && line[i] != '"'; ++i) {
        if (line[i] == '\\')
          ++i, value += line[i] == 'n' ? '\n' : line[i];
        else
          value += line[i];
      }
      EXPECT_TRUE(out.labels.emplace(line.substr(at, equals - at), value).second) << line;
      at = i + 1;
      if (at < line.size() && line[at] == ',') ++at;
    }
    return at + 1;
  }
  std::string family_;
  std::set<std::string> helped_, series_;
  std::map<std::string, std::string> types_;
  std::vector<Sample> samples_;
};

inline upstream::RegionReport report_of(const std::string& name) {
  upstream::RegionReport report;
  report.name = name;
  return report;
}

}  // namespace rhumb::admin::testing
