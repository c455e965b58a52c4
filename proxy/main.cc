// SPDX-License-Identifier: Apache-2.0
// Arguments to commands.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "geo/validate.h"
#include "proxy/commands.h"
#include "proxy/config_file.h"
#include "proxy/version.h"

namespace {

using rhumb::proxy::ExplainQuestion;

constexpr int kUsage = 2;

void add_run(CLI::App& app, int& code) {
  static std::string config;
  CLI::App* command = app.add_subcommand("run", "Serve until SIGTERM; SIGHUP reloads");
  command->add_option("--config,-c", config, "Configuration file")->required();
  command->callback([&code] { code = rhumb::proxy::run_gateway(config); });
}

void add_check(CLI::App& app, int& code) {
  static std::vector<std::string> files;
  static bool json = false;
  CLI::App* command = app.add_subcommand("check", "Say everything that is wrong with configuration files");
  command->add_option("files", files, "Configuration files")->required();
  command->add_flag("--json", json, "Diagnostics as JSON");
  command->callback([&code] { code = rhumb::proxy::check_files(files, json); });
}

void add_explain(CLI::App& app, int& code) {
  static ExplainQuestion question;
  static std::string config, admin, token_file;
  static std::vector<std::string> headers;
  CLI::App* command = app.add_subcommand("explain", "Say which region a request would reach, and why");
  command->add_option("--ip", question.ip, "Client address")->required();
  command->add_option("--host", question.host, "Host of the request");
  command->add_option("--path", question.path, "Path of the request, with its query");
  command->add_option("--method", question.method, "Method of the request");
  CLI::Option* fields = command->add_option("--header", headers, "Field of the request, 'Name: value' (with --config)");
  command->add_flag("--json", question.json, "As JSON");
  CLI::Option* file = command->add_option("--config,-c", config, "Ask a configuration file");
  command->add_option("--admin", admin, "Ask a running gateway: 127.0.0.1:9901 or unix:/path")
      ->excludes(file)
      ->excludes(fields);
  command->add_option("--token-file", token_file, "File with the token to show the running gateway")->excludes(file);
  command->callback([&code] {
    for (const std::string& header : headers) {
      const size_t colon = header.find(':');
      if (colon == std::string::npos) throw CLI::ValidationError("--header", "'Name: value' is wanted");
      const size_t value = header.find_first_not_of(' ', colon + 1);
      question.headers.emplace_back(header.substr(0, colon), value == std::string::npos ? "" : header.substr(value));
    }
    if (config.empty() && !headers.empty()) throw CLI::ValidationError("--header", "works with --config alone");
    code = config.empty() ? rhumb::proxy::explain_running(admin, token_file, question)
                          : rhumb::proxy::explain_file(config, question);
  });
}

void add_geo(CLI::App& app, int& code) {
  CLI::App* geo = app.add_subcommand("geo", "Geo data: look up, build, fetch")->require_subcommand(1);
  static std::vector<std::string> databases, addresses, csv;
  static std::string out, source, into = "/var/lib/rhumb";
  static bool json = false;
  CLI::App* lookup = geo->add_subcommand("lookup", "Where addresses are");
  lookup->add_option("--database,-d", databases, "mmdb files in order")->required()->allow_extra_args(false);
  lookup->add_option("addresses", addresses, "Addresses")->required();
  lookup->add_flag("--json", json, "As JSON, one object a line");
  lookup->callback([&code] { code = rhumb::proxy::geo_lookup(databases, addresses, json); });
  CLI::App* build = geo->add_subcommand("build", "CSV files into an mmdb");
  build
      ->add_option("csv", csv,
                   "CSV files with a header line: network (or first,last), country, latitude, longitude, ...")
      ->required();
  build->add_option("--out,-o", out, "The mmdb to write")->required();
  build->callback([&code] { code = rhumb::proxy::geo_build(csv, out); });
  CLI::App* fetch = geo->add_subcommand("fetch", "Get free geo data; no account needed");
  fetch->add_option("--source", source, "dbip-city, tor-geoipdb or a file; default: dbip-city, else tor-geoipdb");
  fetch->add_option("--into", into, "Directory")->capture_default_str();
  fetch->callback([&code] { code = rhumb::proxy::geo_fetch(source, into); });
}

void add_help(CLI::App& app, int& code) {
  static std::string topic;
  CLI::App* command = app.add_subcommand("help", "Explain a diagnostic code, E0103 say");
  command->add_option("code", topic, "Code")->required();
  command->callback([&code] { code = rhumb::proxy::help_code(topic); });
}

}  // namespace

int main(int argc, char** argv) {
  // A checking child: this binary again, with a descriptor to look at.
  if (argc == 3 && std::string_view(argv[1]) == rhumb::geo::kValidatorCommand)
    return rhumb::geo::validator_main(std::atoi(argv[2]));
  if (argc == 3 && std::string_view(argv[1]) == rhumb::proxy::kConfigCommand)
    return rhumb::proxy::config_child_main(std::atoi(argv[2]));
  CLI::App app("Rhumb, a geo-routing edge gateway", "rhumb");
  app.require_subcommand(1);
  app.set_version_flag("--version", "rhumb " + std::string(rhumb::proxy::kVersion));
  int code = 0;
  add_run(app, code);
  add_check(app, code);
  add_explain(app, code);
  add_geo(app, code);
  add_help(app, code);
  app.add_subcommand("version", "Print the version")->callback([] {
    std::printf("rhumb %s\n", std::string(rhumb::proxy::kVersion).c_str());
  });
  const auto commands = app.get_subcommands([](CLI::App*) { return true; });
  const auto named = [&](const CLI::App* command) { return command->check_name(argv[1]); };
  if (argc > 1 && argv[1][0] != '-' && std::none_of(commands.begin(), commands.end(), named)) {
    std::fprintf(stderr, "rhumb: there is no command '%s'; rhumb --help lists them\n", argv[1]);
    return kUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int shown = app.exit(error);
    return shown == 0 ? 0 : kUsage;
  }
  return code;
}
