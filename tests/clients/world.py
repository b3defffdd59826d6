# SPDX-License-Identifier: Apache-2.0
"""What a scenario plays in: broker, simulated gateways and the service, which it can stop and start."""

import itertools
import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))
from certificates import make_certificates  # noqa: E402
from stack import (ROOT, Stack, StackError, build_dir, find_grpcurl, find_program,  # noqa: E402
                   free_port)

API = "wirepas.mesh.v1"
ROOT_PROTO = Path(__file__).resolve().parents[2] / "proto" / "wirepas" / "mesh" / "v1"


class World(Stack):
    """Context manager. The service has the same address in all its lives."""

    def __init__(self, simulators, service, listen=None, certificates=False):
        super().__init__()
        self._service_options = self.filled(service)
        if certificates:
            make_certificates(self.folder, "server", "client")
        self._numbers = itertools.count(1)
        self.start_broker()
        for options in simulators:
            self.start_simulator(*options)
        self._acknowledgements = self.start(
            [find_program("stdbuf"), "-oL", find_program("mosquitto_sub"), "-h", "127.0.0.1", "-p", str(self.mqtt_port), "-t",
             "sim-control-ack/#", "-t", "sim-control/+", "-d"])
        self._acknowledgements.wait_for("SUBACK|Subscribed")
        self.address = self.filled([listen or f"127.0.0.1:{free_port()}"])[0]
        # A certificate is for a name.
        self.target = (self.address.replace("127.0.0.1", "localhost") if certificates
                       else self.address)
        self._metrics = None
        self.service_up()

    def filled(self, options):
        """Options with the folder of this world."""
        return [option.replace("FOLDER", str(self.folder)) for option in options]

    def service_up(self):
        program = build_dir() / "service" / "wirepas-grpcd"
        self.service = self.start([program, *self.broker_options(), "--listen", self.address,
                                   "--metrics_listen", "127.0.0.1:0", *self._service_options])
        self._metrics = self.service.wait_for(r"metrics on (http://\S+)").group(1)
        self.service.wait_for("broker .*: connected")

    def service_down(self, kill=False):
        if kill:
            self.service.process.send_signal(signal.SIGKILL)
        self.service.stop()

    def broker_down(self):
        self.broker.stop()

    def broker_up(self):
        """At the same port, with nothing of what it had retained. Commands to the simulated gateways,
        and their acknowledgements, may get lost at first."""
        self.broker = self.start([find_program("mosquitto"), "-c", self.broker_config])
        self.broker.wait_for("running")

    def control(self, command, gateway="all"):
        """Has the simulated gateways do something; waits until they have."""
        number = next(self._numbers)
        mark = self._acknowledgements.mark()
        subprocess.run([find_program("mosquitto_pub"), "-h", "127.0.0.1", "-p",
                        str(self.mqtt_port), "-q", "1", "-t", f"sim-control/{gateway}", "-m",
                        json.dumps({**command, "id": number})], check=True, timeout=30)
        answer = self._acknowledgements.wait_for(rf'^\{{.*"command".*"id":\s*{number}\b.*"ok".*\}}',
                                                 after=mark)
        if not json.loads(answer.group(0)).get("ok"):
            raise StackError(f"the simulator refuses {command}: {answer.group(0)}")

    def metric(self, name):
        """The sum of a metric of the service over its labels."""
        with urllib.request.urlopen(self._metrics, timeout=10) as page:
            text = page.read().decode()
        values = re.findall(rf"^{name}(?:\{{.*\}})? (\S+)$", text, re.MULTILINE)
        if not values:
            raise StackError(f"the service has no metric {name}")
        return sum(map(float, values))

    def kept_uplinks(self, count):
        """The oldest packets that the service keeps, as another client sees them."""
        reader = subprocess.Popen(
            [find_grpcurl(), "-plaintext", "-d", json.dumps({"oldest": True}), self.address,
             f"{API}.NetworkService/SubscribeUplink"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        found, text = [], []
        try:
            for line in reader.stdout:
                text.append(line)
                if line == "}\n":
                    found += json.loads("".join(text)).get("uplinks", [])
                    text = []
                    if len(found) >= count:
                        return found[:count]
        finally:
            reader.kill()
            reader.wait()
            reader.stdout.close()
        raise StackError(f"the service keeps {len(found)} packets, and not {count}")
