# SPDX-License-Identifier: Apache-2.0
"""The table of options in docs/options.md, made of what `wirepas-grpcd --help` says.

    python3 tests/docs/options_table.py

writes it there; the build is that of WIREPAS_BUILD_DIR, else build/release.
"""

import re

import names
import pages

PAGE = pages.DOCS / "options.md"

BEGIN = "<!-- options: made by tests/docs/options_table.py -->\n"
END = "<!-- end of options -->\n"

_OPTION = re.compile(r"^  (?:-\w, )?(--\w+)(?:, (--[\w-]+))?(?: ([A-Z][\w,:\[\]]*))?(?:  +(.*))?$")
# A description starts in this column.
_INDENT = 20


def help_text():
    return names.help_of(names.programs()[0])


def parse_help(text):
    """[(group, name, value, description, default, environment)] in the order of the text."""
    options, group = [], None
    for line in text.splitlines():
        if re.match(r"^\w[\w ]*:$", line):
            group = line[:-1]
        elif match := _OPTION.match(line):
            name, other_name, value, description = match.groups()
            if other_name:
                name = f"{name}, {other_name}"
            options.append([group, name, value or "", description or ""])
        elif options and group and line.startswith(" " * _INDENT):
            options[-1][3] += "\n" + line.strip()
        elif not line.startswith(" "):
            group = None
    return [tuple(option[:3]) + _split(option[3]) for option in options]


def _split(description):
    """Description, default and environment variable out of an option's text."""
    flat = " ".join(description.split())
    default = re.search(r"\[default: (.*?)\](?= \[env|$)", flat)
    environment = re.search(r"\[env: (\w+)\]", flat)
    text = flat.split(" [default:")[0]
    return (text, default.group(1) if default else "", environment.group(1) if environment else "")


def _plain(text):
    """Text that Markdown shows as it stands."""
    return text.replace("<", "&lt;").replace("|", "\\|")


def table():
    lines, group = [], None
    for option_group, name, value, description, default, environment in parse_help(help_text()):
        if not environment:
            continue
        if option_group != group:
            group = option_group
            lines += ["", f"**{group}**", "",
                      "| option, environment | default | what it is |", "| --- | --- | --- |"]
        shown = f"{name} {value}".strip()
        lines.append(f"| `{shown}`<br>`{environment}` "
                     f"| {_plain(default)} | {_plain(description)} |")
    return "\n".join(lines) + "\n\n"


def table_in_page():
    content = pages.read(PAGE)
    return content[content.index(BEGIN) + len(BEGIN):content.index(END)]


if __name__ == "__main__":
    content = pages.read(PAGE)
    start, end = content.index(BEGIN) + len(BEGIN), content.index(END)
    PAGE.write_text(content[:start] + table() + content[end:], encoding="utf-8")
