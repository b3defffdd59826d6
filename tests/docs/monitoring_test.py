# SPDX-License-Identifier: Apache-2.0
"""What is compared with docs/monitoring.md alone: see page_test.py."""

import re
import sys
import unittest
import urllib.request

import pages
from names import MONITORING

sys.path.insert(0, str(pages.ROOT / "tests" / "peers"))
from stack import Stack, free_port  # noqa: E402


class MonitoringTest(unittest.TestCase):

    def test_metrics_are_those_of_the_table(self):
        with Stack() as stack:
            stack.start_broker()
            address = f"127.0.0.1:{free_port()}"
            stack.start_service("--metrics_listen", address, "--state_dir", stack.folder / "state")
            with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as response:
                text = response.read().decode()
        served = set(re.findall(r"^# TYPE (wirepas_grpc_\w+)", text, re.MULTILINE))
        rows = pages.table_rows(pages.section(MONITORING, "Metrics"))
        self.assertEqual({pages.code_words(row[0])[0] for row in rows}, served)
