# SPDX-License-Identifier: Apache-2.0
"""What the examples of a page run against: a broker, the simulated network of the quick start and
the service, and where the page shows their addresses, services with TLS and at a Unix socket."""

import sys

from otap_file import scratchpad_file
from pages import ROOT

sys.path.insert(0, str(ROOT / "tests" / "peers"))
from certificates import make_certificates  # noqa: E402
from stack import Stack, build_dir, find_program, free_port  # noqa: E402

# As deploy/quickstart starts it; readme_test.py compares.
SIMULATOR_OPTIONS = "--gateways 2 --sinks 2 --nodes 5 --rate 2"
# What pages show.
SHOWN_ADDRESS = "127.0.0.1:50051"
SHOWN_TLS_ADDRESS = "wirepas.example.com:50051"
SHOWN_SOCKET = "/run/wirepas-grpcd.sock"
SHOWN_METRICS = "127.0.0.1:9100"
SHOWN_BROKER = "mqtt.example.com"
DAEMON = "build/release/service/wirepas-grpcd"

_PASSWORD = "correct horse"


class Network(Stack):
    """The network of the quick start, of which nothing is known yet, for the page given."""

    def __init__(self, page_text):
        super().__init__()
        self.work = self.folder / "work"
        self.work.mkdir()
        for name in ("proto", "build"):
            (self.work / name).symlink_to(ROOT / name)
        (self.work / "firmware.otap").write_bytes(scratchpad_file(bytes(range(256)) * 4))
        self.start_broker()
        self.start_simulator(*SIMULATOR_OPTIONS.split())
        metrics = f"127.0.0.1:{free_port()}"
        self.start_service("--metrics_listen", metrics)
        self._addresses = {SHOWN_ADDRESS: self.address, SHOWN_METRICS: metrics}
        if SHOWN_SOCKET in page_text:
            socket = self.folder / "socket"
            self._start_another("--listen", f"unix:{socket}")
            self._addresses[SHOWN_SOCKET] = str(socket)
        if SHOWN_TLS_ADDRESS in page_text:
            make_certificates(self.work, "server", "client")
            port = free_port()
            self._start_another(
                "--listen", f"127.0.0.1:{port}", "--tls_cert", self.work / "server.crt",
                "--tls_key", self.work / "server.key", "--tls_client_ca", self.work / "ca.crt")
            self._addresses[SHOWN_TLS_ADDRESS] = f"localhost:{port}"

    def _start_another(self, *options):
        self.start([build_dir() / "service" / "wirepas-grpcd", *self.broker_options(),
                    *options]).wait_for("broker .*: connected")

    def names_an_address(self, commands):
        return any(shown in commands for shown in self._addresses)

    def with_addresses(self, commands):
        """The commands with the addresses of this network in place of those shown."""
        for shown, address in self._addresses.items():
            commands = commands.replace(shown, address)
        return commands


class Daemon(Stack):
    """The service as a page starts it, with a broker that wants of it what the page gives."""

    def __init__(self, commands, file):
        super().__init__()
        [line] = commands.splitlines()
        program, *self._arguments = line.split()
        assert program == DAEMON, line
        # Values of options, which a file has in its lines; it is written with those of the test.
        self._shown = dict(zip(self._arguments[::2], self._arguments[1::2]))
        if "--config" in self._shown:
            self._shown |= {f"--{name.strip()}": value.strip().strip('"') for name, value
                            in (entry.split("=") for entry in file.splitlines())}
        self._prepare_broker()
        if "--config" in self._shown:
            for name, value in self._replaced().items():
                file = file.replace(f'"{name}"', f'"{value}"')
            self._config().write_text(file)

    def _prepare_broker(self):
        make_certificates(self.folder, "broker", "client", "server")
        wanted = "allow_anonymous true\n"
        if "--mqtt_username" in self._shown:
            (self.folder / "password").write_text(_PASSWORD + "\n")
            users = self.folder / "users"
            self.start([find_program("mosquitto_passwd"), "-c", "-b", users,
                        self._shown["--mqtt_username"], _PASSWORD]).join(30)
            wanted = f"allow_anonymous false\npassword_file {users}\n"
        if "--mqtt_client_crt" in self._shown:
            wanted += f"cafile {self.folder}/ca.crt\nrequire_certificate true\n"
        self.folder.chmod(0o755)  # mosquitto may give up root's rights
        for path in self.folder.iterdir():
            path.chmod(0o644)
        self.start_broker(f"{wanted}certfile {self.folder}/broker.crt\n"
                          f"keyfile {self.folder}/broker.key\n")

    def _config(self):
        return self.folder / self._shown["--config"]

    def _replaced(self):
        """By what a page shows, what a test needs to be alone."""
        replaced = {SHOWN_BROKER: "localhost", SHOWN_METRICS: "127.0.0.1:0",
                    "0.0.0.0:50051": "127.0.0.1:0",
                    f"unix:{SHOWN_SOCKET}": f"unix:{self.folder}/socket"}
        for option, name in (("--mqtt_password_file", "password"), ("--state_dir", "state")):
            if option in self._shown:
                replaced[self._shown[option]] = str(self.folder / name)
        if "--config" in self._shown:
            replaced[self._shown["--config"]] = str(self._config())
        for name in ("ca.crt", "client.crt", "client.key", "server.crt", "server.key"):
            replaced[name] = str(self.folder / name)
        return replaced

    def run(self):
        """Starts the service, until it listens and is connected. Returns its exit code."""
        replaced = self._replaced()
        arguments = [replaced.get(argument, argument) for argument in self._arguments]
        arguments += ["--mqtt_port", str(self.mqtt_port)]
        if "--mqtt_ca_certs" not in self._shown:
            arguments += ["--mqtt_ca_certs", str(self.folder / "ca.crt")]
        if "--listen" not in self._shown:
            arguments += ["--listen", "127.0.0.1:0"]
        service = self.start([build_dir() / "service" / "wirepas-grpcd", *arguments])
        service.wait_for("listening on")
        service.wait_for("broker .*: connected")
        if "--state_dir" in self._shown:
            service.wait_for("state in .*: 0 uplinks and markers")
        return service.stop()
