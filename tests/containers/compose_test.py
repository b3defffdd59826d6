# SPDX-License-Identifier: Apache-2.0
"""deploy/compose.yaml: valid for Compose's own library, and at work with podman-compose, but for
Grafana, whose image can not be made here: what it is given is looked at instead."""

import json
import os
import subprocess
import sys
import unittest

from engine import (ROOT, SKIPPED, eventually, free_port, page, prepare, run, service_image,
                    simulator_image)
from grpc_client import Client

FILE = ROOT / "deploy" / "compose.yaml"
TOOLS = ROOT / "build" / "tools"
# Reads and checks a file as Docker Compose does: the program of the library that does it there.
CHECKER = TOOLS / "bin" / "compose-spec"
COMPOSE = TOOLS / "compose" / "bin" / "podman-compose"
SERVICES = ["broker", "simulator", "service", "prometheus"]
PROJECT = "wirepas-grpc-test"


def model(**variables):
    """The file as Compose understands it."""
    return json.loads(run(CHECKER, "-format", "json", FILE, cwd=FILE.parent,
                          env={**os.environ, **variables}))


class FileTest(unittest.TestCase):
    """What can be seen without an engine."""

    def test_ports_are_open_to_this_machine_only(self):
        for name, service in model()["services"].items():
            for port in service.get("ports", []):
                self.assertEqual(port["host_ip"], "127.0.0.1", name)

    def test_what_is_ours_runs_hardened(self):
        for name in ("service", "simulator"):
            service = model()["services"][name]
            self.assertTrue(service["read_only"])
            self.assertEqual(service["cap_drop"], ["ALL"])
            self.assertEqual(service["security_opt"], ["no-new-privileges"])

    def test_the_version_is_that_of_the_sources(self):
        version = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
        self.assertEqual(model()["services"]["service"]["image"], f"wirepas-grpc:{version}")

    def test_what_is_mounted_and_built_from_is_there(self):
        for service in model()["services"].values():
            for mount in service.get("volumes", []):
                if mount["type"] == "bind":
                    self.assertTrue(os.path.exists(mount["source"]), mount)
            if build := service.get("build"):
                self.assertTrue(os.path.exists(f"{build['context']}/{build['dockerfile']}"))

    def provisioned(self, kind):
        """What a provisioning file of Grafana says."""
        folder = ROOT / "deploy/compose/grafana/provisioning" / kind
        [file] = folder.iterdir()
        python = COMPOSE.parent / "python"  # podman-compose has PyYAML with it
        return json.loads(run(python, "-c", "import json, sys, yaml; "
                              "print(json.dumps(yaml.safe_load(open(sys.argv[1]))))", file))

    def test_grafana_finds_prometheus_and_the_dashboard(self):
        services = model()["services"]
        [source] = self.provisioned("datasources")["datasources"]
        self.assertEqual(source["type"], "prometheus")
        self.assertEqual(source["url"], "http://prometheus:9090")
        self.assertIn("prometheus", services)
        self.assertTrue(source["isDefault"])
        [provider] = self.provisioned("dashboards")["providers"]
        self.assertEqual(provider["type"], "file")
        mounts = {mount["target"]: mount["source"] for mount in services["grafana"]["volumes"]}
        dashboard = provider["options"]["path"] + "/wirepas-grpc.json"
        self.assertEqual(mounts[dashboard], str(ROOT / "deploy/grafana/dashboard.json"))
        self.assertEqual(mounts["/etc/grafana/provisioning"],
                         str(ROOT / "deploy/compose/grafana/provisioning"))
        self.assertEqual(services["grafana"]["environment"][
            "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"], dashboard)
        with open(mounts[dashboard], encoding="utf-8") as file:
            content = json.load(file)
        # Provisioning fills in no ${DS_...} of an export; the dashboard has a variable instead,
        # which is the default source at first.
        self.assertNotIn("__inputs", content)
        self.assertIn({"type": "datasource", "query": "prometheus"},
                      [{name: variable[name] for name in ("type", "query")}
                       for variable in content["templating"]["list"]])


class UpTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        prepare()
        service_image(), simulator_image()
        cls.ports = {name: str(free_port()) for name in (
            "BROKER_PORT", "GRPC_PORT", "METRICS_PORT", "PROMETHEUS_PORT")}
        cls.compose("down", "-v", check=False)
        cls.addClassCleanup(cls.compose, "down", "-v", check=False)
        cls.compose("up", "-d", "--no-build", *SERVICES)

    @classmethod
    def compose(cls, *arguments, check=True):
        done = subprocess.run([COMPOSE, "-p", PROJECT, "-f", FILE, *arguments], text=True,
                              env={**os.environ, **cls.ports}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"podman-compose {arguments}: {done.returncode}\n{done.stdout}")
        return done.stdout

    def prometheus(self, path):
        found = page(self.ports["PROMETHEUS_PORT"], f"/api/v1/{path}")
        return json.loads(found[1])["data"] if found else None

    def test_it_works_and_ends(self):
        eventually(lambda: (page(self.ports["METRICS_PORT"], "/readyz") or [0])[0] == 200,
                   "a service that is ready")
        client = Client(f"127.0.0.1:{self.ports['GRPC_PORT']}")
        gateways = eventually(lambda: client.call("ListGateways").get("gateways"), "gateways")
        self.assertEqual(len(gateways), 2)

        def scraped():
            targets = (self.prometheus("targets") or {}).get("activeTargets", [])
            return targets if targets and targets[0]["health"] == "up" else None
        [target] = eventually(scraped, "a scrape")
        self.assertEqual(target["labels"], {"instance": "service:9100", "job": "wirepas-grpc"})
        rules = [rule["name"] for group in self.prometheus("rules")["groups"]
                 for rule in group["rules"]]
        self.assertIn("WirepasGrpcBrokerLost", rules)

        listing = ["podman", "ps", "-a", "-q", "--filter",
                   f"label=io.podman.compose.project={PROJECT}"]
        self.assertEqual(len(run(*listing).splitlines()), len(SERVICES))
        self.compose("stop", "-t", "15")
        [service] = json.loads(run("podman", "inspect", f"{PROJECT}_service_1"))
        self.assertEqual(service["State"]["ExitCode"], 0)
        self.compose("down", "-v", check=False)
        self.assertEqual(run(*listing), "")
        volumes = run("podman", "volume", "ls", "-q").splitlines()
        self.assertFalse([name for name in volumes if name.startswith(PROJECT)])


if __name__ == "__main__":
    if not CHECKER.exists() or not COMPOSE.exists():
        print("skipped: deploy/install-deps --tests has not installed compose-spec or podman-compose")
        sys.exit(SKIPPED)
    unittest.main()
