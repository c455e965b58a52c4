// SPDX-License-Identifier: Apache-2.0
// Arguments to commands.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "base/descriptors.h"
#include "base/secret_memory.h"
#include "geo/validate.h"
#include "proxy/cli_json.h"
#include "proxy/commands.h"
#include "proxy/commands_admin.h"
#include "proxy/commands_check.h"
#include "proxy/commands_config.h"
#include "proxy/commands_control.h"
#include "proxy/commands_explain.h"
#include "proxy/commands_foresight.h"
#include "proxy/commands_help.h"
#include "proxy/commands_score.h"
#include "proxy/commands_verify.h"
#include "proxy/config_file.h"
#include "proxy/control.h"
#include "proxy/terminal.h"
#include "proxy/version.h"

namespace {

using rhumb::proxy::ExplainQuestion;

void add_run(CLI::App& app, int& code) {
  static std::string config;
  static bool last_good = false;
  CLI::App* command = app.add_subcommand("run", "Serve until SIGTERM; SIGHUP reloads");
  command->add_option("--config,-c", config, "Configuration file")->required()->type_name("FILE");
  command->add_flag("--last-good", last_good, "If the file is refused, start with the configuration last in force");
  command->callback([&code] { code = rhumb::proxy::run_gateway(config, last_good); });
}

void add_check(CLI::App& app, int& code) {
  static std::vector<std::string> files;
  static rhumb::proxy::CheckOptions options;
  CLI::App* command = app.add_subcommand("check", "Say everything that is wrong with configuration files");
  command->add_option("files", files, "Configuration files")->required()->type_name("FILE");
  command->add_flag("--json", options.json, "One JSON document about all files");
  command->add_flag("--strict", options.strict, "Warnings are fatal too");
  command->add_flag("--deep", options.deep, "Also look at the databases, the log and the addresses a file names");
  command->callback([&code] { code = rhumb::proxy::check_files(files, options); });
}

void add_verify(CLI::App& app, int& code) {
  static std::string file;
  static bool json = false;
  CLI::App* command =
      app.add_subcommand("verify", "Prove the rules of a file's assert section; exit 0: all hold, 1: some do not");
  command->add_option("file", file, "Configuration file")->required()->type_name("FILE");
  command->add_flag("--json", json, "As JSON");
  command->callback([&code] { code = rhumb::proxy::verify_file(file, json); });
}

struct ExplainArguments {
  ExplainQuestion question;
  rhumb::proxy::LoggedQuestion logged;
  rhumb::proxy::AskedGateway gateway;
  std::string config;
  std::vector<std::string> headers;
};

int explain(ExplainArguments& given) {
  if (given.question.ip.empty() == given.logged.id.empty())
    throw CLI::ValidationError("explain", "one of --ip and --id is wanted");
  for (const std::string& header : given.headers)
    if (!rhumb::proxy::add_header(given.question, header))
      throw CLI::ValidationError("--header", "'Name: value' is wanted");
  if (!given.logged.id.empty()) {
    given.logged.json = given.question.json;
    return rhumb::proxy::explain_logged(given.gateway, given.logged);
  }
  if (!given.config.empty()) return rhumb::proxy::explain_file(given.config, given.question);
  return rhumb::proxy::explain_running(given.gateway.admin, given.gateway.token_file, given.question);
}

void add_explain(CLI::App& app, int& code) {
  static ExplainArguments given;
  CLI::App* command = app.add_subcommand("explain", "Say which region a request would reach, or did, and why");
  CLI::Option* id = command->add_option("--id", given.logged.id, "A request that was logged: its X-Request-Id");
  const auto described = [&](CLI::Option* option) { return option->excludes(id); };
  described(command->add_option("--ip", given.question.ip, "Client address"));
  described(command->add_option("--host", given.question.host, "Host of the request"));
  described(command->add_option("--path", given.question.path, "Path of the request, with its query"));
  described(command->add_option("--method", given.question.method, "Method of the request"));
  const auto repeated = [&](CLI::Option* option) { described(option)->allow_extra_args(false); };
  repeated(command->add_option("--header", given.headers, "Field of the request, 'Name: value'; may be repeated"));
  repeated(command->add_option("--cookie", given.question.cookies, "Cookie of it, 'name=value'; may be repeated"));
  described(command->add_option("--tenant", given.question.tenant, "Its tenant, in place of what tenant.key finds"));
  described(command->add_option("--bound", given.question.bound, "Region of a good token that the client holds"));
  command->add_flag("--json", given.question.json, "As JSON");
  command
      ->add_option("--log", given.logged.log,
                   "Access log the id is looked for in, or - for standard input; else the gateway is asked for it")
      ->type_name("FILE")
      ->needs(id);
  CLI::Option* file =
      described(command->add_option("--config,-c", given.config, "Ask a configuration file")->type_name("FILE"));
  command->add_option("--admin", given.gateway.admin, "Ask a running gateway: 127.0.0.1:9901 or unix:/path")
      ->excludes(file);
  command->add_option("--token-file", given.gateway.token_file, "File with the token to show the running gateway")
      ->excludes(file);
  command->callback([&code] { code = explain(given); });
}

void add_score(CLI::App& app, int& code) {
  static rhumb::proxy::ScoreQuestion question;
  static bool grid = false;
  CLI::App* command = app.add_subcommand("score", "Which region wins where: a map of decisions");
  command->add_flag("--grid", grid, "The winner for every part of the world")->required();
  command->add_option("--config,-c", question.config, "Configuration file")->required()->type_name("FILE");
  command->add_option("--route", question.route, "Route to ask; default: the first of the file");
  command->add_option("--by", question.by, "Degrees of a cell's side, or country")
      ->capture_default_str()
      ->check(CLI::IsMember({"1", "2", "5", "country"}));
  command->add_option("--tenant", question.tenant, "Tenant of the requests");
  command->add_option("--down", question.down, "Region that counts as unhealthy; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--before", question.before, "Configuration file to compare with")->type_name("FILE");
  CLI::Option* json = command->add_flag("--json", question.json, "As JSON");
  CLI::Option* svg = command->add_option("--svg", question.svg, "Write a picture there")->type_name("FILE");
  svg->excludes(json);
  command->callback([&code, svg] {
    if (*svg && question.by == "country") throw CLI::ValidationError("--svg", "draws cells, not countries");
    code = rhumb::proxy::score_grid(question);
  });
}

void add_geo(CLI::App& app, int& code) {
  CLI::App* geo = app.add_subcommand("geo", "Geo data: look up, build, fetch")->require_subcommand(1);
  static std::vector<std::string> databases, addresses, csv;
  static std::string out, source, into = "/var/lib/rhumb";
  static bool json = false;
  CLI::App* lookup = geo->add_subcommand("lookup", "Where addresses are");
  lookup->add_option("--database,-d", databases, "mmdb files in order")
      ->required()
      ->type_name("FILE")
      ->allow_extra_args(false);
  lookup->add_option("addresses", addresses, "Addresses")->required();
  lookup->add_flag("--json", json, "As JSON, one object a line");
  lookup->callback([&code] { code = rhumb::proxy::geo_lookup(databases, addresses, json); });
  CLI::App* build = geo->add_subcommand("build", "CSV files into an mmdb");
  build
      ->add_option("csv", csv,
                   "CSV files with a header line: network (or first,last), country, latitude, longitude, ...")
      ->required()
      ->type_name("FILE");
  build->add_option("--out,-o", out, "The mmdb to write")->required()->type_name("FILE");
  build->callback([&code] { code = rhumb::proxy::geo_build(csv, out); });
  CLI::App* fetch = geo->add_subcommand("fetch", "Get free geo data; no account needed");
  fetch->add_option("--source", source, "dbip-city, tor-geoipdb or a file; default: dbip-city, else tor-geoipdb");
  fetch->add_option("--into", into, "Directory")->capture_default_str()->type_name("DIR");
  fetch->callback([&code] { code = rhumb::proxy::geo_fetch(source, into); });
}

void add_gateway(CLI::App& command, rhumb::proxy::AskedGateway& gateway) {
  command.add_option("--admin", gateway.admin,
                     "Its admin listener, 127.0.0.1:9901 say; default $RHUMB_ADMIN, else unix:/run/rhumb/admin.sock");
  command.add_option("--token-file", gateway.token_file, "File with the token to show it; default $RHUMB_TOKEN_FILE");
}

/// `rhumb regions NAME ...`, which sets `change.setting`, or takes it back.
CLI::App* add_region_change(CLI::App& regions, rhumb::proxy::RegionChange& change, const char* name, const char* help) {
  CLI::App* command = regions.add_subcommand(name, help)->fallthrough();
  command->add_option("region", change.region, "Region")->required();
  return command;
}

void add_end(CLI::App& command, rhumb::proxy::RegionChange& change) {
  command.add_option("--ttl", change.ttl, "When it ends by itself, 1s to 30d; not with auto");
  command.add_option("--reason", change.reason, "For those who find it");
}

void add_regions(CLI::App& app, int& code) {
  static rhumb::proxy::AskedGateway gateway;
  static rhumb::proxy::RegionChange change;
  static bool json = false;
  CLI::App* command = app.add_subcommand("regions", "How regions are; set their health, dial or drain for a time");
  command->require_subcommand(0, 1);
  add_gateway(*command, gateway);
  command->add_flag("--json", json, "As JSON");
  CLI::App* health =
      add_region_change(*command, change, "health", "Force a region up or down, or let its checks decide");
  health->add_option("verdict", change.value, "up, down or auto")
      ->required()
      ->check(CLI::IsMember({"up", "down", "auto"}));
  health->add_option("--endpoint", change.endpoint, "Of this endpoint alone, 10.0.0.1:80 say");
  CLI::App* dial = add_region_change(*command, change, "dial", "Set the share of new clients that a region takes");
  dial->add_option("share", change.value, "50% say, or auto: that of the file")->required();
  CLI::App* drain = add_region_change(*command, change, "drain", "Keep bound clients, take no new ones");
  CLI::App* undrain = add_region_change(*command, change, "undrain", "End a drain");
  for (CLI::App* one : {health, dial, drain}) add_end(*one, change);
  command->callback([command, undrain, &code] {
    const auto chosen = command->get_subcommands();
    if (chosen.empty()) return void(code = rhumb::proxy::show_regions(gateway, json));
    change.take_back = chosen[0] == undrain || change.value == "auto";
    change.setting = chosen[0] == undrain ? "drain" : chosen[0]->get_name();
    if (!change.take_back && change.ttl.empty()) throw CLI::RequiredError("--ttl");
    code = rhumb::proxy::change_region(gateway, change, json);
  });
}

/// The options that hold a plan to limits; `what` comes of it past one.
void add_limits(CLI::App& command, rhumb::foresight::PlanLimits& limits, const char* what) {
  for (const rhumb::foresight::PlanLimit& limit : rhumb::foresight::kPlanLimits)
    command
        .add_option_function<std::string>(
            limit.option,
            [&limits, &limit](const std::string& text) {
              if (!rhumb::foresight::take_limit(limit, text, limits))
                throw CLI::ValidationError(limit.option, "is a share: 2%");
            },
            std::string(what) + limit.past)
        ->type_name("P");
}

void add_control(CLI::App& app, int& code) {
  static rhumb::proxy::AskedGateway gateway;
  static rhumb::proxy::ReloadOptions options;
  static bool json = false;
  CLI::App* reload = app.add_subcommand("reload", "Have the running gateway read its files again");
  reload->callback([&code] { options.json = json, code = rhumb::proxy::reload_running(gateway, options); });
  CLI::App* upgrade = app.add_subcommand("upgrade", "Have the running gateway hand over to the binary as it is now");
  upgrade->callback([&code] { code = rhumb::proxy::upgrade_running(gateway, json); });
  reload->add_flag("--wait", options.wait,
                   "Until it is applied (exit 0) or refused (78); says what changed, or why not");
  add_limits(*reload, options.limits, "Waits, and refuses (exit 1) ");
  for (CLI::App* command : {reload, upgrade}) {
    command->add_flag("--json", json, "As JSON");
    add_gateway(*command, gateway);
  }
}

void add_watching(CLI::App& app, int& code) {
  static rhumb::proxy::AskedGateway gateway;
  static rhumb::proxy::EventsQuestion question;
  static bool once = false, json = false;
  CLI::App* events = app.add_subcommand("events", "What has happened, and with -f what happens");
  events->add_flag("-f,--follow", question.follow, "Go on until interrupted, beginning with what is new");
  events->add_option("--after", question.after, "Begin behind this number");
  events->add_flag("--json", question.json, "One JSON object a line");
  events->callback([&code] { code = rhumb::proxy::show_events(gateway, question); });
  CLI::App* top = app.add_subcommand("top", "Rates and load of the regions, once a second");
  top->add_flag("--once", once, "One screen, then the end");
  top->add_flag("--json", json, "As JSON, one object a line");
  top->callback([&code] { code = rhumb::proxy::show_top(gateway, once, json); });
  CLI::App* health = app.add_subcommand("healthcheck", "Exit 0 when the gateway is ready; for containers");
  health->add_flag("--json", json, "As JSON: live, ready and the reason");
  health->callback([&code] { code = rhumb::proxy::healthcheck(gateway, json); });
  for (CLI::App* command : {events, top, health}) add_gateway(*command, gateway);
}

void add_config(CLI::App& app, int& code) {
  CLI::App* parent = app.add_subcommand("config", "Show a configuration, or what another one changes");
  parent->require_subcommand(1);
  static std::string file, before, after, as = "json";
  static rhumb::config::ShowOptions options;
  static bool json = false;
  CLI::App* show = parent->add_subcommand("show", "The file as the gateway understands it; secrets are hidden");
  show->add_option("--config,-c", file, "Configuration file")->required()->type_name("FILE");
  show->add_flag("--effective", options.effective, "With all defaults");
  show->add_flag("--origin", options.origin, "With file and line, or environment variable, of each value");
  show->add_flag("--json", json, "As JSON");
  show->callback([&code] { code = rhumb::proxy::config_show(file, options, json); });
  CLI::App* diff = parent->add_subcommand("diff", "What changes in meaning; exit 0: nothing, 1: something");
  diff->add_option("old", before, "Configuration file")->required()->type_name("FILE");
  diff->add_option("new", after, "Configuration file")->required()->type_name("FILE");
  diff->add_flag("--json", json, "As JSON");
  diff->callback([&code] { code = rhumb::proxy::config_diff(before, after, json); });
  CLI::App* schema = app.add_subcommand("schema", "Print the JSON Schema of the configuration");
  schema->add_option("--as", as, "json: the schema; markdown: the reference page; man: rhumb.yaml(5)")
      ->check(CLI::IsMember({"json", "markdown", "man"}));
  schema->callback([&code] { code = rhumb::proxy::print_schema(as); });
}

void add_foresight(CLI::App& app, int& code) {
  static std::string recording = rhumb::proxy::kRecorderDirectory;
  static bool json = false;
  CLI::App* replay =
      app.add_subcommand("replay", "Decide again what was recorded, and compare; exit 1: something differs");
  replay->add_option("recording", recording, "A recorder's directory, or one file of it")
      ->capture_default_str()
      ->type_name("PATH");
  replay->add_flag("--json", json, "As JSON");
  replay->callback([&code] { code = rhumb::proxy::replay_recording(recording, json); });
  static rhumb::proxy::PlanQuestion question;
  CLI::App* plan = app.add_subcommand("plan", "What a configuration would do to the traffic that was recorded");
  plan->add_option("file", question.file, "The candidate: a configuration file")->required()->type_name("FILE");
  plan->add_option("--recording", question.recording, "A recorder's directory, or one file of it")
      ->capture_default_str()
      ->type_name("PATH");
  plan->add_option("--before", question.before,
                   "The file in force: when nothing is recorded, a population made of the geo data is planned with")
      ->type_name("FILE");
  plan->add_option("--last", question.last, "Of it only the last, 10m say");
  add_limits(*plan, question.limits, "Exit 1 ");
  plan->add_flag("--json", question.json, "As JSON");
  plan->callback([&code] { code = rhumb::proxy::plan_change(question); });
}

void add_help(CLI::App& app, int& code) {
  static std::string topic;
  CLI::App* command = app.add_subcommand("help", "Explain a key of the configuration, a filter or a diagnostic code");
  command->add_option("topic", topic, "regions.health.interval, interval, ip_acl, E0103")
      ->required()
      ->type_name("TOPIC");
  command->callback([&code] { code = rhumb::proxy::help_about(topic); });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "run") rhumb::proxy::hold_signals();
  rhumb::base::open_standard_descriptors();
  // Any of these may read secrets. Only a gateway whose file says so is opened again: gateway.core_dumps.
  rhumb::base::set_dumpable(false);
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
  add_verify(app, code);
  add_explain(app, code);
  add_score(app, code);
  add_geo(app, code);
  add_regions(app, code);
  add_control(app, code);
  add_watching(app, code);
  add_config(app, code);
  add_foresight(app, code);
  add_help(app, code);
  app.add_subcommand("__cli", "The command line as JSON")->group("")->callback([&app] {
    std::fputs(rhumb::proxy::cli_json(app).c_str(), stdout);
  });
  app.add_subcommand("version", "Print the version")->callback([] {
    std::printf("rhumb %s\n", std::string(rhumb::proxy::kVersion).c_str());
  });
  const auto commands = app.get_subcommands([](CLI::App*) { return true; });
  const auto named = [&](const CLI::App* command) { return command->check_name(argv[1]); };
  if (argc > 1 && argv[1][0] != '-' && std::none_of(commands.begin(), commands.end(), named)) {
    std::fprintf(stderr, "rhumb: there is no command '%s'; rhumb --help lists them\n", argv[1]);
    return rhumb::proxy::kUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int shown = app.exit(error);
    return shown == 0 ? 0 : rhumb::proxy::kUsage;
  }
  return code;
}
