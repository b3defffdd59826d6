# SPDX-License-Identifier: Apache-2.0
"""Reads README.md: its fenced blocks, its examples and its tables."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
# In an output: whatever may stand there. Alone on a line: any number of lines.
ANYTHING = "…"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OUTPUT_LANGUAGES = ("json", "text")


@dataclass
class Example:
    """Commands of a block, and the output that the block after it shows, if any."""

    line: int
    commands: str
    output: str | None


def text():
    return README.read_text(encoding="utf-8")


def examples(content=None):
    """The `sh` blocks of a page, by default the README, with their outputs, in its order."""
    content, found = text() if content is None else content, []
    blocks = list(_FENCE.finditer(content))
    for block, after in zip(blocks, [*blocks[1:], None]):
        if block.group(1) != "sh":
            continue
        output = None
        if (after and after.group(1) in _OUTPUT_LANGUAGES
                and not content[block.end():after.start()].strip()):
            output = after.group(2)
        line = content.count("\n", 0, block.start()) + 1
        found.append(Example(line, block.group(2), output))
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


def section(title):
    """The text below a heading, up to the next heading of its level or above."""
    match = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,2}} |\Z)", text(),
                      re.MULTILINE | re.DOTALL)
    if match is None:
        raise ValueError(f"README.md has no section {title}")
    return match.group(2)


def table_rows(markdown):
    """The rows of all tables in a text, without their heads, as lists of cells."""
    rows = []
    for line in markdown.splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
    heads = [i for i, row in enumerate(rows) if all(set(cell) <= {"-"} for cell in row)]
    return [row for i, row in enumerate(rows) if i not in heads and i + 1 not in heads]


def anchors(markdown):
    """What links can name after the #: the headings."""
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
            for title in re.findall(r"^#+ (.*)$", markdown, re.MULTILINE)}


def code_words(markdown):
    """What stands between backquotes."""
    return re.findall(r"`([^`]+)`", markdown)
