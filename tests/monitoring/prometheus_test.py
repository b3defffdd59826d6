# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus scrapes the service under a mixed load: every panel of the dashboard shows
something, no query names a metric that there is not, the rules are evaluated, and a broker that is
lost is an alert."""

import json
import math
import re
import subprocess
import sys
import time
import unittest
import urllib.parse
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))
from certificates import make_certificates  # noqa: E402
from grpc_client import CallError, Client  # noqa: E402
from stack import ROOT, Stack, find_grpcurl, find_program, free_port  # noqa: E402

sys.path.insert(0, str(ROOT / "deploy" / "grafana"))
import make_dashboard  # noqa: E402

RULES = ROOT / "deploy" / "prometheus" / "alerts.yaml"
SCRAPE_SECONDS = 1
LOAD_SECONDS = 12
PATIENCE_SECONDS = 60
# What Grafana puts in place of its variables.
VARIABLES = {"$__rate_interval": f"{LOAD_SECONDS}s", "$job": ".*", "$instance": ".*"}


def eventually(condition, what):
    end = time.monotonic() + PATIENCE_SECONDS
    while not (result := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for: {what}")
        time.sleep(0.2)
    return result


class TlsClient(Client):
    """One that believes any certificate."""

    def _command(self, *arguments):
        return ["-insecure" if word == "-plaintext" else word
                for word in super()._command(*arguments)]


class Prometheus:
    """Prometheus itself, which scrapes one address."""

    def __init__(self, stack, target):
        self._address = f"127.0.0.1:{free_port()}"
        config = stack.folder / "prometheus.yaml"
        config.write_text(json.dumps({
            "global": {"scrape_interval": f"{SCRAPE_SECONDS}s",
                       "evaluation_interval": f"{SCRAPE_SECONDS}s"},
            "rule_files": [str(RULES)],
            "scrape_configs": [{"job_name": "wirepas-grpc",
                                "static_configs": [{"targets": [target]}]}]}))
        stack.start([find_program("prometheus"), f"--config.file={config}",
                     f"--storage.tsdb.path={stack.folder / 'prometheus'}",
                     f"--web.listen-address={self._address}"]).wait_for("ready to receive")

    def get(self, path, **parameters):
        url = f"http://{self._address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=30) as response:
            return json.load(response)["data"]

    def query(self, expression):
        """The values, of all series."""
        return [float(each["value"][1]) for each in self.get("query", query=expression)["result"]]

    def alerts(self, name, state):
        return [each for each in self.get("alerts")["alerts"]
                if each["labels"]["alertname"] == name and each["state"] == state]


class PrometheusTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack()
        cls.addClassCleanup(cls.stack.close)
        cls.metrics = f"127.0.0.1:{free_port()}"
        make_certificates(cls.stack.folder, "server")  # which ends in two days
        cls.stack.start_broker()
        cls.stack.start_simulator("--gateways", "3", "--sinks", "2", "--nodes", "5", "--rate", "20")
        cls.stack.start_service(
            "--metrics_listen", cls.metrics, "--state_dir", cls.stack.folder / "state",
            "--collect_nodes", "--tls_cert", cls.stack.folder / "server.crt",
            "--tls_key", cls.stack.folder / "server.key")
        cls.prometheus = Prometheus(cls.stack, cls.metrics)
        cls.load()

    @classmethod
    def load(cls):
        """What users do, for a while."""
        for _ in range(2):
            cls.stack.start([find_grpcurl(), "-insecure", cls.stack.address,
                             "wirepas.mesh.v1.NetworkService/SubscribeUplink"])
        client = TlsClient(cls.stack.address)
        gateways = eventually(lambda: client.call("ListSinks").get("sinks"), "sinks")
        sink = {"gateway_id": gateways[0]["gateway_id"], "sink_id": gateways[0]["sink_id"]}
        end = time.monotonic() + LOAD_SECONDS
        while time.monotonic() < end:
            client.call("GetGatewayInfo", {"gateway_id": sink["gateway_id"]})
            client.call("SendMessage", {"sink": sink, "message": {
                "destination_address": 1, "source_endpoint": 10, "destination_endpoint": 10,
                "payload": "aGVsbG8="}})
            try:
                client.call("GetGatewayInfo", {"gateway_id": "no-such-gateway"})
            except CallError:
                pass

    def expressions(self):
        for panel in make_dashboard.dashboard()["panels"]:
            for target in panel.get("targets", []):
                expression = target["expr"]
                for variable, value in VARIABLES.items():
                    expression = expression.replace(variable, value)
                self.assertNotIn("$", expression)
                yield panel["title"], expression

    def test_every_panel_shows_something(self):
        for title, expression in self.expressions():
            with self.subTest(title, expression=expression):
                values = self.prometheus.query(expression)
                self.assertTrue(any(math.isfinite(value) for value in values), values)

    def test_queries_name_metrics_that_exist(self):
        known = set(self.prometheus.get("label/__name__/values"))
        rules = RULES.read_text(encoding="utf-8")
        for source, text in [*self.expressions(), ("alerts", rules)]:
            for name in re.findall(r"\b((?:wirepas_grpc|grpc_server|process)_\w+)", text):
                with self.subTest(source, name=name):
                    self.assertIn(name, known)

    def test_the_committed_dashboard_is_that_of_its_maker(self):
        committed = json.loads(make_dashboard.OUTPUT.read_text(encoding="utf-8"))
        self.assertEqual(committed, make_dashboard.dashboard())

    def test_metrics_are_in_good_form(self):
        with urllib.request.urlopen(f"http://{self.metrics}/metrics", timeout=10) as response:
            page = response.read()
        done = subprocess.run([find_program("promtool"), "check", "metrics"], input=page,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stdout + done.stderr, b"")

    def test_rules_are_evaluated(self):
        def rules():
            found = [rule for group in self.prometheus.get("rules")["groups"]
                     for rule in group["rules"]]
            return found if all(rule["health"] != "unknown" for rule in found) else None
        for rule in eventually(rules, "an evaluation"):
            self.assertEqual(rule["health"], "ok", rule)

    def test_a_certificate_that_ends_soon_is_an_alert(self):
        [alert] = eventually(
            lambda: self.prometheus.alerts("WirepasGrpcCertificateEnds", "firing"), "the alert")
        self.assertEqual(alert["labels"]["option"], "tls_cert")

    # The last of all: nothing works after it.
    def test_z_a_lost_broker_is_an_alert(self):
        self.assertEqual(self.prometheus.alerts("WirepasGrpcBrokerLost", "pending"), [])
        self.stack.broker.stop()
        eventually(lambda: self.prometheus.alerts("WirepasGrpcBrokerLost", "pending"), "the alert")


if __name__ == "__main__":
    unittest.main()
