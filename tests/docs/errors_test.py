# SPDX-License-Identifier: Apache-2.0
"""What is compared with docs/errors.md alone: see page_test.py."""

import re
import unittest

import names
import pages


class ErrorsTest(unittest.TestCase):

    def test_result_codes_are_those_of_the_api(self):
        codes = {value for value in names.enum_values() if value.startswith("RESULT_CODE_")}
        named = set(re.findall(r"\bRESULT_CODE_\w+[A-Z]\b", pages.read(pages.ERRORS)))
        self.assertTrue(named)
        self.assertEqual(named - codes, set())
        # Those that one row stands for.
        others = {code for code in codes - named if not code.startswith("RESULT_CODE_INVALID_")}
        self.assertEqual(others, {"RESULT_CODE_OK", "RESULT_CODE_UNSPECIFIED"})
