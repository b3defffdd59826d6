# SPDX-License-Identifier: Apache-2.0
"""The table in docs/brokers.md: what comes of each feature with each broker, as expected.py has
it, which the tests compare with what they see.

    python3 tests/brokers/table.py

writes it there.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "peers"))

import expected  # noqa: E402
from brokers import BROKERS  # noqa: E402
from features import FEATURES  # noqa: E402

PAGE = ROOT / "docs" / "brokers.md"
BEGIN = "<!-- brokers: made by tests/brokers/table.py -->\n"
END = "<!-- end of brokers -->\n"


def cell(broker, feature):
    if not expected.applies(broker, feature):
        return "–"
    return expected.outcomes(broker, feature)[-1]


def table():
    brokers = BROKERS.values()
    rows = [["", *(f"{broker.title} {broker.version()}" for broker in brokers)],
            ["---"] * (1 + len(brokers)),
            *([feature.title, *(cell(broker, feature) for broker in brokers)]
              for feature in FEATURES)]
    return "\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows) + "\n"


def parts(content):
    """The page before the table, the table, and what follows."""
    before, rest = content.split(BEGIN)
    inside, after = rest.split(END)
    return before + BEGIN, inside, END + after


if __name__ == "__main__":
    start, _, end = parts(PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(start + table() + end, encoding="utf-8")
