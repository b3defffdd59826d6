# SPDX-License-Identifier: Apache-2.0
"""What is compared with docs/options.md alone: see page_test.py."""

import re
import unittest

import options_table


class OptionsTest(unittest.TestCase):

    def test_options_are_those_of_help(self):
        self.assertEqual(options_table.table_in_page(), options_table.table(),
                         "run tests/docs/options_table.py")
        options = set(re.findall(r"^ +(?:-\w, )?(--\w+)", options_table.help_text(), re.MULTILINE))
        shown = set(re.findall(r"^\| `(--\w+)", options_table.table_in_page(), re.MULTILINE))
        self.assertEqual(options - shown, {"--help", "--version", "--check"})
