# SPDX-License-Identifier: Apache-2.0
"""What is compared with README.md alone: see page_test.py."""

import unittest

import names
import pages
from demo_network import SIMULATOR_OPTIONS


class ReadmeTest(unittest.TestCase):

    def test_simulator_is_that_of_the_quick_start(self):
        self.assertIn(SIMULATOR_OPTIONS, (pages.ROOT / "deploy/quickstart").read_text())

    def test_lists_every_page(self):
        listed = {row[0] for row in pages.table_rows(pages.section(pages.README, "Documentation"))}
        for page in pages.DOCS.glob("*.md"):
            with self.subTest(page.name):
                self.assertTrue(any(f"(docs/{page.name})" in cell for cell in listed))

    def test_every_rpc_takes_the_place_of_a_call(self):
        rows = pages.table_rows(pages.section(pages.README, "From the Python library"))
        named = {word for row in rows for word in pages.code_words(row[1])
                 if not word.endswith("Service")}
        rpcs = names.rpcs()
        self.assertEqual({word for word in named if word in rpcs["NetworkService"]},
                         rpcs["NetworkService"])
        for service in ("OtapService", "NodeService", "AppConfigService"):
            with self.subTest(service):
                self.assertEqual({word.split(".")[1] for word in named
                                  if word.startswith(f"{service}.")}, rpcs[service])
        for word in named:
            service, _, rpc = word.rpartition(".")
            if service in rpcs:
                self.assertIn(rpc, rpcs[service])
