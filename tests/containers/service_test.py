# SPDX-License-Identifier: Apache-2.0
"""The image of the service at work, as an orchestrator runs it: a read-only root, no capabilities,
no new privileges; with a broker and simulated gateways in a pod."""

import json
import statistics
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from engine import Pod, eventually, page, podman  # which says where the others are
from certificates import make_certificates
from grpc_client import Client
from stack import find_grpcurl

STARTS = 5
MOST_START_SECONDS = 3
# --shutdown_grace, and what the process takes for itself.
MOST_STOP_SECONDS = 9
STATE = "wirepas-test-state"
SOCKETS = "wirepas-test-sockets"
UNIX = "unix:/run/wirepas-grpcd/grpc.sock"


def uplinks(responses):
    return [uplink for response in responses for uplink in response.get("uplinks", [])]


class ServiceTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.folder.chmod(0o755)
        make_certificates(cls.folder, "broker")
        (cls.folder / "broker.key").chmod(0o644)
        cls.pod = Pod(cls.folder, "listener 8883\nallow_anonymous true\n"
                      "certfile /certificates/broker.crt\nkeyfile /certificates/broker.key\n")
        cls.addClassCleanup(cls.pod.close)
        cls.client = Client(f"127.0.0.1:{cls.pod.grpc_port}")

    def setUp(self):
        self.addCleanup(podman, "rm", "-f", "-i", "-t", "1", f"{Pod.NAME}-service")

    def run_service(self, *arguments, **options):
        name = self.pod.run_service(*arguments, **options)
        self.pod.wait_until_ready()
        return name

    def volume(self, name):
        podman("volume", "rm", "-f", name)
        self.addCleanup(podman, "volume", "rm", "-f", name)
        return name

    def health(self, name, *arguments):
        """Exit code and output of the health command, as an engine runs it."""
        done = subprocess.run(["podman", "exec", name, "/usr/bin/wirepas-grpcd", "health",
                               *arguments], text=True, capture_output=True, check=False)
        return done.returncode, done.stdout.strip()

    def engine_says(self, name):
        return subprocess.run(["podman", "healthcheck", "run", name], check=False,
                              capture_output=True).returncode == 0

    def test_packets_come_through_the_published_port(self):
        name = self.run_service()
        stream = self.client.open("SubscribeUplink")
        self.addCleanup(stream.close)
        stream.wait(lambda responses: len(uplinks(responses)) > 5, "packets")
        self.assertEqual(self.health(name), (0, "SERVING"))
        self.assertTrue(self.engine_says(name))
        # With a call open, which the end may not wait for.
        code, seconds = self.pod.stop_service()
        self.assertEqual(code, 0)
        self.assertLess(seconds, MOST_STOP_SECONDS)

    def test_packets_come_through_a_unix_socket_in_a_volume(self):
        sockets = self.volume(SOCKETS)
        name = self.run_service(environment={"WIREPAS_GRPC_LISTEN": UNIX},
                                volumes=[f"{sockets}:/run/wirepas-grpcd"])
        self.assertEqual(self.health(name, "--live"), (0, "SERVING"))
        self.assertTrue(self.engine_says(name))
        folder = podman("volume", "inspect", "-f", "{{.Mountpoint}}", sockets)
        # From within: paths of sockets are at most 107 characters long.
        done = subprocess.run(
            [find_grpcurl(), "-plaintext", "-unix", "-max-time", "20", "grpc.sock",
             "wirepas.mesh.v1.NetworkService/ListGateways"],
            cwd=folder, text=True, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(json.loads(done.stdout)["gateways"]), 2)

    def test_a_lost_broker_is_not_ready_and_stays_alive(self):
        name = self.pod.run_service("--mqtt_port", "1")  # where nothing listens
        eventually(lambda: page(self.pod.metrics_port, "/livez"), "a service that is alive")
        self.assertEqual(self.health(name), (1, "NOT_SERVING"))
        self.assertEqual(self.health(name, "--live"), (0, "SERVING"))
        self.assertTrue(self.engine_says(name))

    def test_any_user_can_run_it(self):
        self.run_service(options=["--user", "4711:4711"])
        self.assertEqual(self.pod.stop_service()[0], 0)

    def test_a_mounted_file_configures_it(self):
        config = self.folder / "wirepas-grpcd.conf"
        config.write_text('listen = "0.0.0.0:50051"\nreflection = false\n', encoding="utf-8")
        self.run_service(
            volumes=[f"{config}:/etc/wirepas-grpc/wirepas-grpcd.conf:ro"])
        done = subprocess.run([find_grpcurl(), "-plaintext", "-max-time", "10",
                               f"127.0.0.1:{self.pod.grpc_port}", "list"],
                              text=True, capture_output=True, check=False)
        self.assertIn("does not support the reflection API", done.stderr)

    def test_brokers_certificates_are_checked_with_those_of_the_system(self):
        environment = {"WM_SERVICES_MQTT_HOSTNAME": "localhost", "WM_SERVICES_MQTT_PORT": "8883",
                       "WM_SERVICES_MQTT_FORCE_UNSECURE": "false"}
        self.pod.run_service(environment=environment)
        eventually(lambda: "certificate is not accepted" in self.pod.log(),
                   "a refusal")
        self.pod.stop_service()
        self.run_service(environment=environment,
                         volumes=[f"{self.folder}/ca.crt:/etc/ssl/certs/ca-certificates.crt:ro"])

    def test_state_outlives_the_container(self):
        state = self.volume(STATE)
        options = {"environment": {"WIREPAS_GRPC_STATE_DIR": "/var/lib/wirepas-grpcd"},
                   "volumes": [f"{state}:/var/lib/wirepas-grpcd"]}
        self.run_service(**options)
        stream = self.client.open("SubscribeUplink")
        self.addCleanup(stream.close)
        responses = stream.wait(lambda all_of_them: len(uplinks(all_of_them)) > 5, "packets")
        first, *later = [response for response in responses if response.get("uplinks")]
        self.assertTrue(later)
        self.assertEqual(self.pod.stop_service()[0], 0)
        self.run_service(**options)
        again = self.client.open("SubscribeUplink", {"after_cursor": first["cursor"]})
        self.addCleanup(again.close)
        kept = again.wait(lambda found: len(uplinks(found)) >= len(uplinks(later)), "the same")
        self.assertEqual(uplinks(kept)[:len(uplinks(later))], uplinks(later))
        self.assertFalse([response for response in kept if "gap" in response])

    def test_it_serves_soon(self):
        whole, own = [], []
        name = self.pod.run_service()
        self.pod.wait_until_ready()
        for _ in range(STARTS):
            podman("stop", name)
            begin = time.monotonic()
            starter = subprocess.Popen(["podman", "start", name], stdout=subprocess.DEVNULL)
            eventually(lambda: (page(self.pod.metrics_port, "/readyz") or [0])[0] == 200,
                       "a service that is ready", pause=0.005)
            whole.append(time.monotonic() - begin)
            ready = time.time()
            self.assertEqual(starter.wait(), 0)
            started = podman("inspect", "-f", "{{.State.StartedAt.UnixMilli}}", name)
            own.append(ready - int(started) / 1000)
        print(f"ready {statistics.median(own):.2f} s after the container's start, "
              f"{statistics.median(whole):.2f} s after the engine was asked for it "
              f"(medians of {STARTS})")
        self.assertLess(statistics.median(whole), MOST_START_SECONDS)


if __name__ == "__main__":
    unittest.main()
