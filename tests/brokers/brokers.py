# SPDX-License-Identifier: Apache-2.0
"""The brokers: how each is configured, started, ended and started again.

All let everybody in, on a loopback port that stays the same, and lose nothing for want of
room.
"""

import json
import os
import re
import subprocess

from stack import ROOT, StackError, find_program, free_port

TOOLS = ROOT / "build" / "tools" / "brokers"

# What nobody may subscribe to, with the setting "denies".
DENIED_GATEWAY = "denied-gw"
DENIED_FILTER = f"gw-event/received_data/{DENIED_GATEWAY}/#"


def find_built(name):
    path = TOOLS / name
    if not path.exists():
        raise StackError(f"there is no {path}; deploy/install-deps --tests makes it")
    return path


class Broker:
    """One at a time runs at the port; what it stores is in the folder.

    settings: what is to be otherwise than usual. "limit": no more than so many messages of a
    client under way; "max_qos"; and, each with the value True, "denies"; "forgets_retained".
    """

    name = None  # in the names of tests
    title = None  # in the table
    ready = None  # what it prints then
    settable = ("denies",)
    # What of these is so anyway.
    always = {"denies": True}
    versions = ("3.1.1",)
    # How long after newer packets those may come that were under way when it was restarted.
    late_seconds = 2
    # Why a few of many requests at once may fail, which is nothing that a client could help.
    flaw = None
    # How many packets it may lose as a client comes back to its session; the same goes for that.
    lost_at_return = 0

    def __init__(self, stack, **settings):
        if unknown := settings.keys() - set(self.settable):
            raise ValueError(f"{self.name} has no setting {', '.join(sorted(unknown))}")
        self.stack, self.settings = stack, settings
        self.port = free_port()
        self.folder = stack.folder / f"{self.name}-{self.port}"
        self.folder.mkdir()
        self.program = None

    def command(self):
        """The command line; what it names is written before."""
        raise NotImplementedError

    def start(self):
        command = self.command()
        for attempt in range(3):
            self.program = self.stack.start(command, cwd=self.folder)
            try:
                self.program.wait_for(self.ready, timeout=120)
                return
            except StackError:
                # The port may not be free yet, or a neighbour's for a moment.
                if attempt == 2 or self.program.running:
                    raise

    def stop(self):
        """In order."""
        self.program.process.terminate()
        self.program.join(30)

    def kill(self):
        self.program.process.kill()
        self.program.join(10)


class Mosquitto(Broker):
    name, title = "mosquitto", "mosquitto"
    ready = "running"
    versions = ("3.1.1", "5")
    settable = ("limit", "denies")
    always = {}

    @staticmethod
    def version():
        shown = subprocess.run([find_program("mosquitto"), "-h"], capture_output=True, text=True,
                               check=False).stdout
        return shown.split()[2]

    def command(self):
        config = self.folder / "mosquitto.conf"
        config.write_text(
            f"persistence true\npersistence_location {self.folder}/\nlog_dest stderr\n"
            "max_queued_messages 100000\n"
            f"max_inflight_messages {self.settings.get('limit', 1000)}\n"
            f"set_tcp_nodelay true\nlistener {self.port} 127.0.0.1\nallow_anonymous true\n")
        if self.settings.get("denies"):
            acl = self.folder / "acl"
            acl.write_text(f"topic readwrite #\ntopic deny {DENIED_FILTER}\n")
            config.write_text(config.read_text() + f"acl_file {acl}\n")
        if os.geteuid() == 0:  # It goes on as another user.
            config.write_text(config.read_text() + "user root\n")
        return [find_program("mosquitto"), "-c", config]


class Nats(Broker):
    name, title = "nats", "nats-server"
    ready = "Server is ready"
    late_seconds = 20

    @staticmethod
    def version():
        return module_version("github.com/nats-io/nats-server/v2")

    def command(self):
        config = self.folder / "nats.conf"
        denied = DENIED_FILTER.replace("/", ".").replace("#", ">")
        config.write_text(f"""
            server_name: tests
            listen: 127.0.0.1:{free_port()}
            jetstream {{ store_dir: "{self.folder}/store" }}
            mqtt {{ listen: 127.0.0.1:{self.port}, no_auth_user: anybody, ack_wait: 1s }}
            accounts {{ tests {{
              jetstream: enabled
              users: [{{ user: anybody, password: none,
                         permissions {{ subscribe {{ deny: ["{denied}"] }} }} }}] }} }}
            """)
        return [find_built("nats-server"), "-c", config]


class Mochi(Broker):
    name, title = "mochi", "mochi"
    ready = "^ready"
    versions = ("3.1.1", "5")
    settable = ("max_qos", "denies", "forgets_retained")
    flaw = "a few may fail"
    lost_at_return = 10

    @staticmethod
    def version():
        return module_version("github.com/mochi-mqtt/server/v2")

    def command(self):
        capabilities = {"maximum_client_writes_pending": 65535, "maximum_inflight": 65535}
        if "max_qos" in self.settings:
            capabilities["maximum_qos"] = self.settings["max_qos"]
        config = self.folder / "mochi.json"
        config.write_text(json.dumps({
            "port": self.port, "capabilities": capabilities, "denied": [DENIED_FILTER],
            "forgets_retained": self.settings.get("forgets_retained", False)}))
        return [find_built("mochi"), config]


class HiveMq(Broker):
    name, title = "hivemq", "HiveMQ CE"
    ready = "^ready"
    versions = ("3.1.1", "5")

    @staticmethod
    def version():
        pom = (ROOT / "tests" / "brokers" / "java" / "pom.xml").read_text()
        return re.search(r"edition-embedded</artifactId>\s*<version>(.*)</version>", pom).group(1)

    def command(self):
        for folder in ("conf", "data", "extensions"):
            (self.folder / folder).mkdir(exist_ok=True)
        (self.folder / "conf" / "config.xml").write_text(f"""
            <hivemq>
              <listeners>
                <tcp-listener>
                  <port>{self.port}</port><bind-address>127.0.0.1</bind-address>
                </tcp-listener>
              </listeners>
              <mqtt>
                <queued-messages><max-queue-size>100000</max-queue-size></queued-messages>
              </mqtt>
              <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
            </hivemq>
            """.strip())
        folder = find_built("hivemq")
        # What makes it start fast: it does not run for long.
        return [find_program("java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m",
                "-cp", f"{folder / 'classes'}:{folder / 'lib'}/*", "HiveMq", self.folder,
                DENIED_FILTER]


def module_version(module):
    """As go.mod has it."""
    for line in (ROOT / "tests" / "brokers" / "go" / "go.mod").read_text().splitlines():
        words = line.replace("require ", "").split()
        if words[:1] == [module]:
            return words[1].removeprefix("v")
    raise StackError(f"go.mod has no {module}")


BROKERS = {broker.name: broker for broker in (Mosquitto, Nats, Mochi, HiveMq)}
