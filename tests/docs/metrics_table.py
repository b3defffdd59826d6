# SPDX-License-Identifier: Apache-2.0
"""The table of metrics in docs/monitoring.md, made of what the service says of them.

    python3 tests/docs/metrics_table.py

writes it there; the build is that of WIREPAS_BUILD_DIR, else build/release.
"""

import re
import sys
import urllib.request

import pages

sys.path.insert(0, str(pages.ROOT / "tests" / "peers"))
from stack import Stack, free_port  # noqa: E402

PAGE = pages.DOCS / "monitoring.md"

BEGIN = "<!-- metrics: made by tests/docs/metrics_table.py -->\n"
END = "<!-- end of metrics -->\n"


def page_of_metrics():
    """What a service with all that it can have serves."""
    with Stack() as stack:
        stack.start_broker()
        address = f"127.0.0.1:{free_port()}"
        stack.start_service("--metrics_listen", address, "--state_dir", stack.folder / "state")
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as response:
            return response.read().decode()


def table(text):
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    helps = dict(re.findall(r"^# HELP (\w+) (.*)$", text, re.MULTILINE))
    lines = ["", "| metric | kind | what it is |", "| --- | --- | --- |"]
    for name, kind in sorted(kinds.items(), key=lambda each: (_group(each[0]), each[0])):
        words = helps[name].replace("|", "\\|").replace("<", "&lt;")
        lines.append(f"| `{name}` | {kind} | {words} |")
    return "\n".join(lines) + "\n\n"


def _group(name):
    """Ours first."""
    return ("wirepas_", "grpc_", "process_").index(re.match(r"[a-z]+_", name).group())


def table_in_page():
    content = pages.read(PAGE)
    return content[content.index(BEGIN) + len(BEGIN):content.index(END)]


if __name__ == "__main__":
    content = pages.read(PAGE)
    start, end = content.index(BEGIN) + len(BEGIN), content.index(END)
    PAGE.write_text(content[:start] + table(page_of_metrics()) + content[end:], encoding="utf-8")
