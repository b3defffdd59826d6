# SPDX-License-Identifier: Apache-2.0
"""What is compared with docs/errors.md alone: see page_test.py."""

import re
import unittest

import names
import pages
import reasons_table


class ErrorsTest(unittest.TestCase):

    def test_result_codes_are_those_of_the_api(self):
        codes = {value for value in names.enum_values() if value.startswith("RESULT_CODE_")}
        named = set(re.findall(r"\bRESULT_CODE_\w+[A-Z]\b", pages.read(pages.ERRORS)))
        self.assertTrue(named)
        self.assertEqual(named - codes, set())
        # Those that one row stands for.
        others = {code for code in codes - named if not code.startswith("RESULT_CODE_INVALID_")}
        self.assertEqual(others, {"RESULT_CODE_OK", "RESULT_CODE_UNSPECIFIED"})

    def test_reasons_are_those_of_the_api(self):
        self.assertGreater(len(reasons_table.reasons()), 30)
        self.assertEqual(reasons_table.table_in_page(), reasons_table.table(),
                         "python3 tests/docs/reasons_table.py writes it anew")

    def test_every_row_has_a_test_of_whether_anything_was_sent(self):
        rows = [(status, sent) for status, _, sent in map(_cells, _rows()) if sent]
        self.assertGreater(len(rows), 15)
        files = sorted((pages.ROOT / "tests/integration").glob("outcome*_test.cc"))
        tests = "\n".join(file.read_text(encoding="utf-8") for file in files)
        tested = re.findall(r"^// ([A-Z_]+(?:, with(?:out)? a GatewayError)?): (.+)\nTEST_F\(", tests,
                            re.MULTILINE)
        self.assertEqual(sorted(rows), sorted(tested))


def _rows():
    """The lines of the table of statuses."""
    lines = pages.read(pages.ERRORS).splitlines()
    begin = lines.index("| status | cause | was anything sent? |") + 2
    return lines[begin:lines.index("", begin)]


def _cells(line):
    return [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]
