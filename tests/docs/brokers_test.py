# SPDX-License-Identifier: Apache-2.0
"""What is compared with docs/brokers.md alone: see page_test.py."""

import importlib.util
import sys
import unittest

import pages

BROKERS = pages.ROOT / "tests" / "brokers"


def load_table():
    sys.path.insert(0, str(BROKERS))
    spec = importlib.util.spec_from_file_location("table", BROKERS / "table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class BrokersTest(unittest.TestCase):

    def test_table_is_what_the_tests_expect(self):
        table = load_table()
        _, shown, _ = table.parts(pages.read(table.PAGE))
        self.assertEqual(shown, table.table(), "python3 tests/brokers/table.py writes it")

    def test_brokers_are_those_that_are_tested(self):
        import developer_commands
        tested = {name.removeprefix("brokers_") for name, labels
                  in developer_commands.tests().items() if labels == ["brokers"]}
        self.assertEqual(tested, set(load_table().BROKERS))
