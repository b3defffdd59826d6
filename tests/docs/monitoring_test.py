# SPDX-License-Identifier: Apache-2.0
"""What is compared with docs/monitoring.md alone: see page_test.py."""

import unittest

import metrics_table


class MonitoringTest(unittest.TestCase):

    def test_the_table_is_what_the_service_says(self):
        self.assertEqual(metrics_table.table_in_page(),
                         metrics_table.table(metrics_table.page_of_metrics()),
                         "python3 tests/docs/metrics_table.py makes it anew")
