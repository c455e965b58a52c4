// SPDX-License-Identifier: Apache-2.0
#include "proxy/commands_explain.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/units.h"
#include "proxy/admin_client.h"
#include "proxy/log_lines.h"
#include "proxy/logged_decision.h"
#include "proxy/terminal.h"

namespace rhumb::proxy {
namespace {

using base::Result;
using base::Unexpected;

/// access_log of the gateway that is asked.
struct LogSettings {
  std::string path, format, sample;
};

Result<std::string, std::string> ask(const AskedGateway& gateway, const std::string& path) {
  const auto target = find_gateway(gateway.admin, gateway.token_file);
  if (!target) return Unexpected(target.error());
  auto answer = AdminClient(*target).request("GET", path);
  if (!answer) return Unexpected(answer.error());
  if (!answer->ok()) return Unexpected(refusal_text(*answer));
  return std::move(answer->body);
}

Result<LogSettings, std::string> ask_settings(const AskedGateway& gateway) {
  const auto body = ask(gateway, "/v1/config?effective=true");
  if (!body) return Unexpected(body.error());
  const LogLine config = LogLine::parse(*body, nullptr, false);
  LogSettings settings;
  for (auto& [key, to] :
       {std::pair("path", &settings.path), {"format", &settings.format}, {"sample", &settings.sample}}) {
    const auto value = LogLine::json_pointer(fmt::format("/access_log/{}/value", key));
    if (!config.contains(value) || !config[value].is_string())
      return Unexpected(std::string("the gateway's configuration is not understood"));
    *to = config[value].get<std::string>();
  }
  return settings;
}

/// The file to look at, or why there is none.
Result<std::string, std::string> log_of(const Result<LogSettings, std::string>& settings) {
  if (!settings)
    return Unexpected(fmt::format("where the access log is cannot be asked: {}; --log names it", settings.error()));
  if (settings->path == "off")
    return Unexpected(std::string("the access log is off (access_log.path): nothing is kept"));
  if (settings->path == "stdout")
    return Unexpected(
        std::string("the gateway logs to its standard output: give what takes it to --log -, as in\n"
                    "  journalctl -u rhumb -o cat | rhumb explain --id ID --log -"));
  if (!settings->path.starts_with('/'))
    return Unexpected(
        fmt::format("access_log.path is {}, relative to where the gateway runs; --log names the file", settings->path));
  return settings->path;
}

/// A regular file from its end, until it is found; else all of it, and the last one counts.
LinesRead search_open(int fd, LineSearch& search) {
  struct stat about {};
  if (::fstat(fd, &about) == 0 && S_ISREG(about.st_mode))
    return read_lines_backwards(fd, [&](std::string_view line) { return !search.look(line); });
  return read_lines(fd, [&](std::string_view line) { return search.look(line), true; });
}

struct Looked {
  std::string places;  // that could be read
  uint64_t too_long = 0;
};

void search_file(const std::string& path, bool may_be_missing, LineSearch& search, Looked& looked) {
  const bool input = path == "-";
  const net::Fd fd(input ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT && may_be_missing) return;
  const LinesRead read = fd ? search_open(fd.get(), search) : LinesRead{0, errno};
  const std::string name = input ? "standard input" : path;
  if (read.error != 0) complain(fmt::format("{}: {}\n", name, std::strerror(read.error)));
  if (fd) looked.places += (looked.places.empty() ? "" : " and ") + name;
  looked.too_long += read.too_long;
}

/// What was looked at, and what else may be the cause.
std::string not_found(const std::string& id, const LineSearch& search, const Looked& looked,
                      const Result<LogSettings, std::string>& settings) {
  std::string out =
      fmt::format("no line with id '{}' in {}: {} lines were looked at", id, looked.places, search.lines());
  if (!search.since().empty()) out += fmt::format(", from {} on", search.since());
  if (search.other() != 0) out += fmt::format("; {} of them are no JSON", search.other());
  if (looked.too_long != 0) out += fmt::format("; {} more are too long", looked.too_long);
  if (settings && settings->format != "json")
    out += "\naccess_log.format is not json now, and no other line tells enough";
  if (settings && base::parse_percent(settings->sample).value_or(0) < 1)
    out += fmt::format("\naccess_log.sample is {}: the line may never have been written", settings->sample);
  if (!settings) out += "\nif access_log.sample is below 100%, the line may never have been written";
  return out;
}

/// What is decided now: as JSON and as people read it.
struct Now {
  LogLine json;
  std::string text;
};

Result<Now, std::string> ask_now(const AskedGateway& gateway, const LogLine& line) {
  const auto question = question_of(line);
  if (!question) return Unexpected(question.error());
  const std::string path = explain_target(*question);
  const auto json = ask(gateway, path);
  if (!json) return Unexpected(json.error());
  auto text = ask(gateway, path + "&format=text");
  if (!text) return Unexpected(text.error());
  Now now{LogLine::parse(*json, nullptr, false), std::move(*text)};
  if (!now.json.is_object()) return Unexpected(std::string("the gateway's answer is not understood"));
  return now;
}

void show_json(const LogLine& line, const Result<Now, std::string>& now) {
  LogLine document{{"logged", line}, {"now", nullptr}, {"same", nullptr}};
  if (now) document["now"] = now->json, document["same"] = compare(line, now->json).same;
  print(document.dump(2) + "\n");
}

void show_text(const LogLine& line, const Result<Now, std::string>& now) {
  print(logged_text(line));
  if (now)
    print(fmt::format("\nWhat would be decided now:\n\n{}\n{}\n", now->text, compare(line, now->json).text));
  else
    print(fmt::format("\nWhat would be decided now was not asked: {}.\n", now.error()));
}

}  // namespace

std::string explain_target(const ExplainQuestion& question) {
  std::string target = "/v1/explain?ip=" + escape_query(question.ip);
  if (!question.host.empty()) target += "&host=" + escape_query(question.host);
  if (!question.path.empty()) target += "&path=" + escape_query(question.path);
  if (!question.method.empty()) target += "&method=" + escape_query(question.method);
  if (!question.tenant.empty()) target += "&tenant=" + escape_query(question.tenant);
  if (!question.bound.empty()) target += "&bound=" + escape_query(question.bound);
  for (const auto& [name, value] : question.headers) target += "&header=" + escape_query(name + ": " + value);
  for (const std::string& cookie : question.cookies) target += "&cookie=" + escape_query(cookie);
  return target;
}

int explain_logged(const AskedGateway& gateway, const LoggedQuestion& question) {
  const auto settings = ask_settings(gateway);
  const auto log = question.log.empty() ? log_of(settings) : Result<std::string, std::string>(question.log);
  if (!log) return fail(log.error());
  LineSearch search(question.id);
  Looked looked;
  search_file(*log, false, search, looked);
  if (!search.found() && *log != "-") search_file(*log + ".1", true, search, looked);
  if (looked.places.empty()) return kFailure;  // it was said why
  if (!search.found()) return fail(not_found(question.id, search, looked, settings));
  const auto now =
      settings ? ask_now(gateway, *search.found()) : Result<Now, std::string>(Unexpected(settings.error()));
  question.json ? show_json(*search.found(), now) : show_text(*search.found(), now);
  if (question.json && !now) complain(fmt::format("what would be decided now was not asked: {}\n", now.error()));
  return kOk;
}

}  // namespace rhumb::proxy
