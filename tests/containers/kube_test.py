# SPDX-License-Identifier: Apache-2.0
"""The service as a sidecar in a pod, as `podman kube play` runs it from a manifest."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

from engine import HERE, VERSION, eventually, go_image, podman, service_image, simulator_image

POD = "wirepas-kube"


class KubeTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        service_image(), simulator_image(), go_image()
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.manifest = Path(folder) / "pod.yaml"
        text = (HERE / "pod.yaml").read_text(encoding="utf-8")
        cls.manifest.write_text(text.replace(":VERSION", f":{VERSION}"), encoding="utf-8")
        cls.remove()
        cls.addClassCleanup(cls.remove)
        podman("kube", "play", cls.manifest)

    @staticmethod
    def remove():
        podman("pod", "rm", "-f", "-i", "-t", "1", POD)
        podman("volume", "rm", "-f", f"{POD}-sockets")

    def log(self, name):
        done = subprocess.run(["podman", "logs", f"{POD}-{name}"], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout

    def test_the_app_gets_packets_from_its_sidecar(self):
        eventually(lambda: "sim-gw-0/sink0 node=" in self.log("app"), "packets in the app's log")

    def test_the_sidecar_is_ready(self):
        ask = ["podman", "exec", f"{POD}-wirepas-grpcd", "/usr/bin/wirepas-grpcd", "health"]
        eventually(lambda: subprocess.run(ask, check=False, capture_output=True).stdout
                   == b"SERVING\n", "a sidecar that is ready")

    def test_nothing_of_it_is_reached_from_outside(self):
        [pod] = json.loads(f"[{podman('pod', 'inspect', POD)}]")
        self.assertFalse((pod.get("InfraConfig") or {}).get("PortBindings"))
        [service] = json.loads(podman("inspect", f"{POD}-wirepas-grpcd"))
        self.assertTrue(service["HostConfig"]["ReadonlyRootfs"])
        self.assertFalse(service["EffectiveCaps"])


if __name__ == "__main__":
    unittest.main()
