# SPDX-License-Identifier: Apache-2.0
"""Reads the pages of the documentation: their fenced blocks, examples, tables and links."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
DOCS = ROOT / "docs"
ERRORS = DOCS / "errors.md"
# The blocks that are commands.
COMMANDS = "sh"
# In an output: whatever may stand there. Alone on a line: any number of lines.
ANYTHING = "…"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OUTPUT_LANGUAGES = ("json", "text")


@dataclass
class Example:
    """Commands of a block; the output that the block after it shows, if any, and the file that the
    `conf` block before it shows, if any."""

    line: int
    commands: str
    output: str | None
    file: str | None


def all_pages():
    """The pages that tests/docs/CMakeLists.txt makes tests of, and those of the clients."""
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.glob("*.md"))]


def is_of_a_client(page):
    """Whether it is the page of a client, which tests/clients/docs.py runs."""
    return page.parent == DOCS and (ROOT / "clients" / page.stem).is_dir()


def read(page):
    return page.read_text(encoding="utf-8")


def blocks(content):
    """(language, text) of each fenced block."""
    return [match.groups() for match in _FENCE.finditer(content)]


def examples(content):
    """The `sh` blocks of a page with their outputs, in its order."""
    found, fences = [], list(_FENCE.finditer(content))
    for before, block, after in zip([None, *fences], fences, [*fences[1:], None]):
        if block.group(1) != COMMANDS:
            continue
        output = None
        if (after and after.group(1) in _OUTPUT_LANGUAGES
                and not content[block.end():after.start()].strip()):
            output = after.group(2)
        file = before.group(2) if before and before.group(1) == "conf" else None
        line = content.count("\n", 0, block.start()) + 1
        found.append(Example(line, block.group(2), output, file))
    return found


def output_pattern(output):
    """A regular expression for a real output that is as the shown one."""
    pattern = ""
    for line in output.splitlines():
        if line.strip() == ANYTHING:
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.split(ANYTHING)) + r"\n"
    return re.compile(pattern)


def section(page, title):
    """The text below a heading, up to the next heading of its level or above."""
    content = read(page)
    heading = re.search(rf"^(#+) {re.escape(title)}\n", content, re.MULTILINE)
    if heading is None:
        raise ValueError(f"{page.name} has no section {title}")
    rest = content[heading.end():]
    end = re.search(rf"^#{{1,{len(heading.group(1))}}} ", rest, re.MULTILINE)
    return rest[:end.start()] if end else rest


def table_rows(markdown):
    """The rows of all tables in a text, without their heads, as lists of cells."""
    rows = []
    for line in markdown.splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
    heads = [i for i, row in enumerate(rows) if all(set(cell) <= {"-"} for cell in row)]
    return [row for i, row in enumerate(rows) if i not in heads and i + 1 not in heads]


def prose(content):
    """A page without its fenced blocks."""
    return _FENCE.sub("", content)


def links(content):
    """Where the links of a page lead."""
    return re.findall(r"\]\(([^)]+)\)", prose(content))


def anchors(markdown):
    """What links can name after the #: the headings."""
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
            for title in re.findall(r"^#+ (.*)$", prose(markdown), re.MULTILINE)}


def code_words(markdown):
    """What stands between backquotes."""
    return re.findall(r"`([^`]+)`", markdown)
