# SPDX-License-Identifier: Apache-2.0
"""What holds for all pages together: none is left out of the tests, no call is without example."""

import os
import unittest
from pathlib import Path

import developer_commands
import names
import pages

# Runs the commands of other pages, which it names.
OTHER_COMMANDS = pages.ROOT / "tests/kubernetes/commands_test.py"
# Those that have no example.
WITHOUT_EXAMPLE = {"OtapService": {"StopLoadScratchpad"}}


def other_pages():
    """Pages that no test runs."""
    found = []
    for folder, folders, files in os.walk(pages.ROOT):
        folders[:] = [name for name in folders
                      if name not in ("build", "node_modules", ".git", "__pycache__")]
        found += [Path(folder) / name for name in files if name.endswith(".md")]
    return sorted(set(found) - set(pages.all_pages()))


class PagesTest(unittest.TestCase):

    def test_every_page_is_tested(self):
        tests = developer_commands.tests()
        of_clients = (pages.ROOT / "tests/clients/run").read_text()
        self.assertRegex(of_clients, r'for test in [\w ]*\bdocs\b.*\n.*tests/clients/\$test\.py')
        for page in pages.all_pages():
            with self.subTest(page.name):
                self.assertEqual(tests.get(f"docs_{page.stem.lower()}"), ["docs"])
                if pages.is_of_a_client(page):
                    self.assertIn(page.stem, developer_commands.clients())

    def test_no_other_page_has_commands(self):
        run = OTHER_COMMANDS.read_text(encoding="utf-8")
        for page in other_pages():
            if f'"{page.relative_to(pages.ROOT)}"' in run:
                continue
            with self.subTest(str(page)):
                languages = {language for language, _ in pages.blocks(pages.read(page))}
                self.assertNotIn(pages.COMMANDS, languages, "no test runs them")

    def test_links_of_other_pages_lead_somewhere(self):
        for page in other_pages():
            names.check_links(self, page)

    def test_own_tests_are_of_pages(self):
        topics = {page.stem.lower() for page in pages.all_pages()} | {"page", "pages"}
        for test in (pages.ROOT / "tests/docs").glob("*_test.py"):
            self.assertIn(test.stem.removesuffix("_test"), topics)

    def test_every_rpc_has_an_example(self):
        shown = names.rpcs_shown(page for page in pages.all_pages()
                                 if not pages.is_of_a_client(page))
        for service, rpcs in names.rpcs().items():
            with self.subTest(service):
                self.assertEqual(rpcs - shown[service], WITHOUT_EXAMPLE.get(service, set()))


if __name__ == "__main__":
    unittest.main(verbosity=2)
