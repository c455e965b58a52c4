# SPDX-License-Identifier: Apache-2.0
"""The commands of rhumb(1), from what `rhumb __cli` says of the command line, put into packaging/man/rhumb.1.in."""


def escaped(text):
    """Text as troff prints it letter by letter."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq").replace("'", "\\(aq")
    return "\\&" + text if text.startswith(".") else text


def leaves(command, path=()):
    """Every command that does something, with the words that call it."""
    for child in command["commands"]:
        words = (*path, child["name"])
        if child["commands"]:
            yield from leaves(child, words)
        else:
            yield words, child


def value_of(option):
    if "choices" in option:
        return "|".join(option["choices"])
    return option["value"] if option["value"].isupper() else option["value"].upper()


def usage(option):
    """The option in the line that shows a call: \\fB--config\\fR \\fIFILE\\fR, in brackets when it may be left out."""
    if option["argument"]:
        text = f"\\fI{escaped(option['names'][0].upper())}\\fR"
    else:
        text = f"\\fB{escaped(option['names'][-1])}\\fR"
        if "value" in option:
            text += f" \\fI{escaped(value_of(option))}\\fR"
    if option["many"]:
        text += " ..."
    return text if option["required"] else f"[{text}]"


def described(option):
    names = ", ".join(f"\\fB{escaped(name)}\\fR" for name in option["names"])
    if option["argument"]:
        names = f"\\fI{escaped(option['names'][0].upper())}\\fR"
    elif "value" in option:
        names += f" \\fI{escaped(value_of(option))}\\fR"
    return f".TP\n{names}\n{escaped(option['description'])}\n"


def commands(command):
    text = ""
    for words, leaf in leaves(command):
        options = [option for option in leaf["options"] if "--help" not in option["names"]]
        text += f".SS rhumb {escaped(' '.join(words))}\n"
        if options:
            text += " ".join(usage(option) for option in options) + "\n.PP\n"
        text += escaped(leaf["description"]) + ".\n"
        text += "".join(described(option) for option in options)
    return text


def page(template, command, version):
    return template.replace("@VERSION@", version).replace("@COMMANDS@\n", commands(command))
