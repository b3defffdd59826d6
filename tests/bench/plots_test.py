# SPDX-License-Identifier: Apache-2.0
"""The plots of the benchmark, from made-up figures. Needs matplotlib: run it with
tests/peers/python."""

import json
import sys
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

import plots

SERVICE_RUNS = [{"packets_per_second": rate} for rate in (70_000, 90_000, 80_000)]
RESULTS = {"tables": {
    "flood": {"bare Paho C++": [{"packets_per_second": 72_000}],
              "service, 1 subscriber": SERVICE_RUNS},
    "delay": {"bare Paho C++": [{"delay_percentiles_us": list(range(100, 201))}],
              "service": [{"delay_percentiles_us": [0] * 101}]},
}}


class PlotsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def draw(self, results, name="results.json"):
        file = self.folder / name
        file.write_text(json.dumps(results))
        return plots.draw(file, self.folder)

    def test_draws_what_was_measured(self):
        self.assertEqual([path.name for path in self.draw(RESULTS)], ["rate.svg", "delay.svg"])
        self.assertEqual([path.name for path in self.draw({"tables": {"directory": {}}})], [])

    def test_the_same_figures_give_the_same_files(self):
        first = [path.read_bytes() for path in self.draw(RESULTS)]
        self.assertEqual(first, [path.read_bytes() for path in self.draw(RESULTS)])

    def test_draws_svg_without_a_date(self):
        for path in self.draw(RESULTS):
            ElementTree.parse(path)
            self.assertNotIn("dc:date", path.read_text())

    def test_shows_medians(self):
        self.assertEqual(plots.rates(RESULTS["tables"]["flood"]),
                         {"bare Paho C++": 72_000, "service, 1 subscriber": 80_000})
        delays = plots.delays(RESULTS["tables"]["delay"])
        self.assertEqual(delays["bare Paho C++"], list(range(100, 200)))


if __name__ == "__main__":
    sys.exit(unittest.main())
