// SPDX-License-Identifier: Apache-2.0
#include "geo/commands.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "geo/centroids.h"
#include "geo/csv.h"
#include "geo/database.h"
#include "geo/files.h"
#include "geo/mmdb_writer.h"

namespace rhumb::geo {
namespace {

constexpr uint64_t kMaxCsvBytes = 1ull << 30;

uint64_t newest_change(const std::vector<std::string>& paths) {
  uint64_t newest = 0;
  for (const std::string& path : paths) {
    struct stat info {};
    if (stat(path.c_str(), &info) == 0) newest = std::max(newest, static_cast<uint64_t>(info.st_mtim.tv_sec));
  }
  return newest;
}

}  // namespace

base::Result<BuildSummary, std::vector<std::string>> build(const std::vector<std::string>& csv_paths,
                                                           const std::string& out, const BuildOptions& options) {
  MmdbWriter writer;
  BuildSummary summary;
  std::vector<std::string> errors;
  for (const std::string& path : csv_paths) {
    auto text = read_whole_file(path, kMaxCsvBytes);
    if (!text) {
      errors.push_back(std::move(text).error());
      continue;
    }
    const CsvCounts counts = read_csv(path, *text, writer, errors);
    summary.rows += counts.rows;
    summary.skipped += counts.skipped;
  }
  if (errors.empty() && summary.rows == 0) errors.push_back("there is no row to build from");
  if (!errors.empty()) return base::Unexpected(std::move(errors));

  MmdbWriter::Meta meta;
  meta.type = options.type;
  meta.description = options.description;
  meta.build_epoch = options.build_epoch != 0 ? options.build_epoch : newest_change(csv_paths);
  const std::string bytes = writer.finish(meta);
  auto database = Database::from_bytes(out, bytes, false);
  if (!database) return base::Unexpected(std::vector{std::move(database).error()});
  if (std::string why = replace_file(out, bytes); !why.empty()) return base::Unexpected(std::vector{std::move(why)});
  summary.blocks = writer.blocks();
  summary.records = writer.records();
  summary.nodes = database->node_count();
  summary.bytes = bytes.size();
  return summary;
}

std::string describe(const Facts& facts) {
  if (facts.source == Source::none) return "unknown";
  std::string text;
  const auto add = [&](std::string_view part) {
    if (!text.empty() && !part.empty()) text += ", ";
    text += part;
  };
  add(facts.city);
  add(facts.subdivision);
  if (const CountryInfo* info = country_info(facts.country)) {
    add(fmt::format("{} ({})", info->name, info->code));
  } else {
    add(facts.country.view());
  }
  if (facts.has_point) add(fmt::format("{:.2f} {:.2f}", facts.point.latitude, facts.point.longitude));
  if (facts.accuracy_km != 0) text += fmt::format(" within {} km", facts.accuracy_km);
  add(facts.source == Source::centroid
          ? std::string("the middle of the country")
          : fmt::format("from {} {}", facts.source == Source::overlay ? "an" : "a", name(facts.source)));
  return text;
}

}  // namespace rhumb::geo
