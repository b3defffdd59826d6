# SPDX-License-Identifier: Apache-2.0
"""What is compared with docs/rpc_tour.md alone: see page_test.py."""

import unittest

import names
import pages


class RpcTourTest(unittest.TestCase):

    def test_shows_every_call(self):
        self.assertEqual(names.rpcs_shown([pages.DOCS / "rpc_tour.md"])["NetworkService"],
                         names.rpcs()["NetworkService"])
