# SPDX-License-Identifier: Apache-2.0
"""The alert rules do what they say, and each is explained in docs/operating.md."""

import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))
from stack import ROOT, find_program  # noqa: E402

RULES = ROOT / "deploy" / "prometheus" / "alerts.yaml"
RULE_TESTS = Path(__file__).with_name("alerts_test.yaml")
PAGE = ROOT / "docs" / "operating.md"


def alerts():
    return re.findall(r"^ +- alert: (\w+)$", RULES.read_text(encoding="utf-8"), re.MULTILINE)


class AlertsTest(unittest.TestCase):

    def promtool(self, *arguments):
        done = subprocess.run([find_program("promtool"), *map(str, arguments)], cwd=ROOT,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_rules_are_valid(self):
        self.promtool("check", "rules", RULES)

    def test_rules_fire_when_they_should(self):
        self.promtool("test", "rules", RULE_TESTS)

    def test_each_is_tested(self):
        tests = RULE_TESTS.read_text(encoding="utf-8")
        for alert in alerts():
            fires = rf"alertname: {alert}\s+eval_time: \w+\s+exp_alerts:\s+- exp_labels"
            self.assertRegex(tests, fires)

    def test_each_is_explained(self):
        page = PAGE.read_text(encoding="utf-8")
        headings = re.findall(r"^### (\w+)$", page, re.MULTILINE)
        self.assertEqual(headings, alerts())
        rules = RULES.read_text(encoding="utf-8")
        self.assertEqual(re.findall(r"runbook: docs/operating\.md#(\w+)", rules),
                         [alert.lower() for alert in alerts()])


if __name__ == "__main__":
    unittest.main()
