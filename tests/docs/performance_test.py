# SPDX-License-Identifier: Apache-2.0
"""What is compared with docs/performance.md alone: see page_test.py."""

import re
import unittest

import names
import pages


class PerformanceTest(unittest.TestCase):

    def test_tables_are_those_of_the_benchmark(self):
        described = re.findall(r"^### `(\w+)`", pages.read(pages.DOCS / "performance.md"),
                               re.MULTILINE)
        listed = re.search(r"all of them by default: ([\w, ]+)\.",
                           names.help_of(pages.ROOT / "tests/bench/run")).group(1)
        self.assertEqual(described, listed.split(", "))
