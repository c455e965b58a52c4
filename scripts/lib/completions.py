# SPDX-License-Identifier: Apache-2.0
"""Completions for bash, zsh and fish, from what `rhumb __cli` says of the command line. Static: nothing is run while a key is pressed."""

FILES, DIRECTORIES = "FILE", "DIR"


def all_commands(command, path=()):
    """Every command with the words that call it, the root first."""
    yield path, command
    for child in command["commands"]:
        yield from all_commands(child, (*path, child["name"]))


def options_of(command):
    return [option for option in command["options"] if not option["argument"]]


def arguments_of(command):
    return [option for option in command["options"] if option["argument"]]


def words_for(option, cli):
    """The words a value can be, if they can be listed."""
    if option.get("value") == "TOPIC":
        return cli["topics"]
    return option.get("choices", [])


# ---- bash

BASH = """# bash completion for rhumb; made from its command line by scripts/pages
_rhumb() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command="" options="" words="" files="" i
  # --config=FILE comes as three words
  if [ "$cur" = "=" ]; then
    cur=""
  elif [ "$prev" = "=" ]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command ${COMP_WORDS[i]}" in
@PATHS@
    esac
  done
  COMPREPLY=()
  case "$command:$prev" in
@VALUES@
  esac
  if [ -z "$words$files" ]; then
    case "$command" in
@COMMANDS@
    esac
    if [[ "$cur" == -* ]]; then words=$options files=""; fi
  elif [ "$words" = - ]; then
    words=""
  fi
  [ -z "$words" ] || COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [ -z "$files" ] || {
    compopt -o filenames 2>/dev/null
    local IFS=$'\\n'
    COMPREPLY+=($(compgen "$files" -- "$cur"))
  }
}
complete -F _rhumb rhumb
"""


def bash_files(option):
    return {FILES: "-f", DIRECTORIES: "-d"}.get(option.get("value"), "")


def bash_value(command, option, cli):
    """The branch for what follows an option that takes a value; "-" stands for: nothing can be said."""
    patterns = "|".join(f'"{command}:{name}"' for name in option["names"])
    words = " ".join(words_for(option, cli))
    files = bash_files(option)
    return f'    {patterns}) words="{words or ("" if files else "-")}" files="{files}" ;;'


def bash_command(command, node, cli):
    options = " ".join(name for option in options_of(node) for name in option["names"])
    words = [child["name"] for child in node["commands"]]
    files = ""
    for argument in arguments_of(node):
        words += words_for(argument, cli)
        files = files or bash_files(argument)
    return f'      "{command}") options="{options}" words="{" ".join(words) or ("" if files else options)}" files="{files}" ;;'


def bash(cli):
    paths, values, commands = [], [], []
    for path, node in all_commands(cli["command"]):
        command = " ".join(path)
        if path:
            paths.append(f'      "{" ".join(path[:-1])} {path[-1]}") command="{command}" ;;')
        values += [bash_value(command, option, cli) for option in options_of(node) if "value" in option]
        commands.append(bash_command(command, node, cli))
    return BASH.replace("@PATHS@", "\n".join(paths)).replace("@VALUES@", "\n".join(values)).replace("@COMMANDS@", "\n".join(commands))


# ---- zsh


def zsh_quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_escaped(text):
    return "".join("\\" + c if c in "[]:\\" else c for c in text)


def zsh_action(option, cli):
    words = words_for(option, cli)
    if words:
        return "(" + " ".join(words) + ")"
    return {FILES: "_files", DIRECTORIES: "_files -/"}.get(option.get("value"), " ")


def zsh_option(option, cli):
    names = option["names"]
    tail = f"[{zsh_escaped(option['description'])}]"
    if "value" in option:
        tail += f":{option['value'].lower()}:{zsh_action(option, cli)}"
    if len(names) == 1:
        return zsh_quoted(names[0] + tail)
    return zsh_quoted(f"({' '.join(names)})") + "{" + ",".join(names) + "}" + zsh_quoted(tail)


def zsh_function(path):
    return "_".join(("_rhumb", *path))


def zsh(cli):
    text = "#compdef rhumb\n# zsh completion for rhumb; made from its command line by scripts/pages\n"
    for path, node in all_commands(cli["command"]):
        lines = [zsh_option(option, cli) for option in options_of(node)]
        for argument in arguments_of(node):
            many = "*" if argument["many"] else ""
            lines.append(zsh_quoted(f"{many}:{argument['names'][0]}:{zsh_action(argument, cli)}"))
        if node["commands"]:
            lines += ["'1:command:->command'", "'*::argument:->argument'"]
        text += f"\n{zsh_function(path)}() {{\n"
        if node["commands"]:
            text += "  local context state state_descr line\n  typeset -A opt_args\n"
        text += "  _arguments " + ("-C " if node["commands"] else "") + " \\\n    ".join(lines or ["''"]) + "\n"
        if node["commands"]:
            known = " ".join(zsh_quoted(zsh_escaped(child["name"]) + ":" + child["description"]) for child in node["commands"])
            text += f"  case $state in\n    command)\n      local -a commands=({known})\n      _describe command commands ;;\n    argument)\n      case $words[1] in\n"
            for child in node["commands"]:
                text += f"        {child['name']}) {zsh_function((*path, child['name']))} ;;\n"
            text += "      esac ;;\n  esac\n"
        text += "}\n"
    return text + '\n_rhumb "$@"\n'


# ---- fish


def fish_quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish_condition(path, node):
    parts = [f"__fish_seen_subcommand_from {word}" for word in path] or []
    if node["commands"]:
        names = " ".join(child["name"] for child in node["commands"])
        parts.append("__fish_use_subcommand" if not path else f"not __fish_seen_subcommand_from {names}")
    return fish_quoted("; and ".join(parts))


def fish_value(option, cli):
    words = words_for(option, cli)
    if words:
        return " -x -a " + fish_quoted(" ".join(words))
    if option.get("value") == DIRECTORIES:
        return " -x -a '(__fish_complete_directories)'"
    return " -r -F" if option.get("value") == FILES else " -x"


def fish(cli):
    lines = ["# fish completion for rhumb; made from its command line by scripts/pages", "complete -c rhumb -f"]
    for path, node in all_commands(cli["command"]):
        start = f"complete -c rhumb -n {fish_condition(path, node)}"
        for child in node["commands"]:
            lines.append(f"{start} -a {child['name']} -d {fish_quoted(child['description'])}")
        for option in options_of(node):
            names = "".join(f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}" for name in option["names"])
            lines.append(f"{start}{names}{fish_value(option, cli) if 'value' in option else ''} -d {fish_quoted(option['description'])}")
        for argument in arguments_of(node):
            words = words_for(argument, cli)
            if words:
                lines.append(f"{start} -a {fish_quoted(' '.join(words))}")
            elif argument.get("value") == FILES:
                lines.append(f"{start} -F")
    return "\n".join(lines) + "\n"
