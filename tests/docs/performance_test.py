# SPDX-License-Identifier: Apache-2.0
"""What is compared with docs/performance.md alone: see page_test.py."""

import re
import unittest

import names
import pages


PAGE = pages.DOCS / "performance.md"


class PerformanceTest(unittest.TestCase):

    def test_readme_has_the_figures_of_the_page(self):
        ratio = re.search(r"at ([\d.]+) times the rate of bare Paho", pages.read(pages.README)).group(1)
        self.assertRegex(pages.section(PAGE, "Figures"),
                         rf"\| flat out, 1 subscriber \| [\d,]+ packets/s, {re.escape(ratio)};")

    def test_tables_are_those_of_the_benchmark(self):
        described = re.findall(r"^### `(\w+)`", pages.read(PAGE), re.MULTILINE)
        listed = re.search(r"all of them by default: ([\w, ]+)\.",
                           names.help_of(pages.ROOT / "tests/bench/run")).group(1)
        self.assertEqual(described, listed.split(", "))
