# SPDX-License-Identifier: Apache-2.0
"""What is compared with CONTRIBUTING.md alone: see page_test.py."""

import re
import subprocess
import unittest

import developer_commands
import pages

PAGE = pages.ROOT / "CONTRIBUTING.md"


def first_cells(title):
    """What is named in the first column of the section's tables."""
    return {word for row in pages.table_rows(pages.section(PAGE, title))
            for word in pages.code_words(row[0])}


class ContributingTest(unittest.TestCase):

    def test_presets_are_those_there_are(self):
        self.assertEqual(first_cells("Build"), developer_commands.presets()["configure"])

    def test_labels_are_those_of_the_tests(self):
        labels = {label for labels in developer_commands.tests().values() for label in labels}
        self.assertEqual(first_cells("One test alone"), labels)

    def test_layout_has_every_folder(self):
        shown = first_cells("Layout")
        for path in shown:
            with self.subTest(path):
                self.assertTrue((pages.ROOT / path).is_dir())
        listed = subprocess.run(["git", "ls-files"], cwd=pages.ROOT, capture_output=True, text=True,
                                check=False).stdout.splitlines()
        # Sources without their history have no list.
        for top in {name.split("/")[0] for name in listed if "/" in name}:
            if not top.startswith(".") and top != "cmake":
                with self.subTest(top):
                    self.assertTrue(any(path.startswith(f"{top}/") for path in shown))

    def test_scripts_of_tests_run_are_those_there_are(self):
        [paragraph] = [text for text in pages.section(PAGE, "Test").split("\n\n")
                       if "one of the scripts" in text]
        self.assertEqual(set(pages.code_words(paragraph)),
                         developer_commands.scripts_of_tests_run())

    def test_files_that_it_names_exist(self):
        for word in pages.code_words(pages.prose(pages.read(PAGE))):
            top = word.split("/")[0]
            if re.fullmatch(r"[\w./-]+/[\w./-]*", word) and (pages.ROOT / top).is_dir() and top != "build":
                with self.subTest(word):
                    self.assertTrue((pages.ROOT / word).exists())
