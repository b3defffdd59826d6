# SPDX-License-Identifier: Apache-2.0
"""The table of reasons in docs/errors.md, made of ErrorReason in error.proto.

    python3 tests/docs/reasons_table.py

writes it there.
"""

import re

import pages

PROTO = pages.ROOT / "proto" / "wirepas" / "mesh" / "v1" / "error.proto"

BEGIN = "<!-- reasons: made by tests/docs/reasons_table.py -->\n"
END = "<!-- end of reasons -->\n"
PREFIX = "ERROR_REASON_"


def reasons():
    """Each with what the .proto file says of it, but for the one that is never sent."""
    [enum] = re.findall(r"^enum ErrorReason \{\n(.*?)^\}", pages.read(PROTO),
                        re.MULTILINE | re.DOTALL)
    found = {}
    comment = []
    for line in map(str.strip, enum.splitlines()):
        if line.startswith("//"):
            comment.append(line.removeprefix("//").strip())
        elif value := re.fullmatch(rf"{PREFIX}(\w+) = (\d+);", line):
            if value[2] != "0":
                found[value[1]] = " ".join(comment)
            comment = []
    return found


def table():
    lines = ["", "| reason | why, and with which status |", "| --- | --- |"]
    lines += [f"| {reason} | {words} |" for reason, words in reasons().items()]
    return "\n".join(lines) + "\n\n"


def table_in_page():
    content = pages.read(pages.ERRORS)
    return content[content.index(BEGIN) + len(BEGIN):content.index(END)]


if __name__ == "__main__":
    page = pages.read(pages.ERRORS)
    start, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    pages.ERRORS.write_text(page[:start] + table() + page[end:], encoding="utf-8")
