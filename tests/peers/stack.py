# SPDX-License-Identifier: Apache-2.0
"""A broker, simulated networks and the service, on free loopback ports.

For tests and benchmarks in Python. Uses the standard library only, so that it
runs in the environment of the reference libraries and in the system's alike.
"""

import collections
import contextlib
import os
import random
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
API = "wirepas.mesh.v1.NetworkService"

# Lines of output that are kept for messages about failures.
_KEPT_LINES = 2000
_START_SECONDS = 30


class StackError(Exception):
    """Something of the stack is missing, does not start or ended early."""


def build_dir():
    """The build to test: what WIREPAS_BUILD_DIR names, else build/release."""
    return Path(os.environ.get("WIREPAS_BUILD_DIR", ROOT / "build" / "release"))


def find_program(name, *first_folders):
    """Full path of a program: in one of the folders, else in PATH."""
    # Debian puts daemons where only root's PATH leads.
    folders = [str(folder) for folder in first_folders]
    folders += [os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"]
    found = shutil.which(name, path=os.pathsep.join(folders))
    if found is None:
        raise StackError(f"{name} is not there; deploy/install-deps --tests installs it")
    return found


def find_grpcurl():
    return find_program("grpcurl", ROOT / "build" / "tools" / "bin")


_given_ports = set()


def free_port():
    """None of those that the kernel gives to outgoing connections: from 32768 up, if not changed.

    Nor one that was given before: a service that is stopped just now may want it again.
    """
    while True:
        port = random.randint(10_000, 32_767)
        if port in _given_ports:
            continue
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            _given_ports.add(port)
            return port


class Program:
    """A running program, stopped at the latest when this process ends.

    Its standard output and error are read line by line, together.
    """

    def __init__(self, argv, environment=None, cwd=ROOT):
        self.name = Path(argv[0]).name
        self._lines = collections.deque(maxlen=_KEPT_LINES)
        self._line_count = 0
        self._changed = threading.Condition()
        self._ended = False
        self._follower = None
        # The kernel stops it when this process is killed.
        self.process = subprocess.Popen(
            [find_program("setpriv"), "--pdeathsig", "TERM", *map(str, argv)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=cwd, env={**os.environ, **(environment or {})}, text=True, errors="replace")
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self):
        return self.process.pid

    @property
    def running(self):
        return self.process.poll() is None

    def _read(self):
        for line in self.process.stdout:
            with self._changed:
                self._lines.append(line.rstrip("\n"))
                self._line_count += 1
                if self._follower:
                    self._follower(self._lines[-1])
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def output(self):
        with self._changed:
            return "\n".join(self._lines)

    def follow(self, callback):
        """Has the callback called with every line, those that have come already first."""
        with self._changed:
            for line in self._lines:
                callback(line)
            self._follower = callback

    def mark(self):
        """A place in the output, to give to wait_for() later."""
        with self._changed:
            return self._line_count

    def wait_for(self, pattern, timeout=_START_SECONDS, after=0):
        """Waits for a line that the pattern is found in; returns the match."""
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                fresh = max(0, min(self._line_count - after, len(self._lines)))
                for line in list(self._lines)[len(self._lines) - fresh:]:
                    if match := re.search(pattern, line):
                        return match
                left = end - time.monotonic()
                if self._ended or left <= 0:
                    break
                self._changed.wait(left)
        why = "ended" if self._ended else f"ran {timeout} s"
        raise StackError(f"{self.name} {why} without printing {pattern!r}. Its output:\n"
                         + self.output()[-4000:])

    def wait_until(self, condition, what, timeout=_START_SECONDS):
        """Waits until the condition holds for the whole output."""
        end = time.monotonic() + timeout
        with self._changed:
            while not condition("\n".join(self._lines)):
                left = end - time.monotonic()
                if self._ended or left <= 0:
                    raise StackError(f"{self.name}: waited in vain for: {what}\nIts output:\n"
                                     + "\n".join(self._lines))
                self._changed.wait(left)

    def join(self, timeout):
        """Waits for its end, and for all of its output. Returns the exit code."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise StackError(f"{self.name} does not end. Its output:\n{self.output()}") from error
        self._reader.join(timeout)
        return code

    def stop(self, timeout=15):
        """SIGTERM, then SIGKILL. Returns the exit code."""
        if self.running:
            self.process.terminate()
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
        code = self.process.wait()
        self._reader.join(timeout)
        self.process.stdout.close()
        return code


class Stack(contextlib.ExitStack):
    """Context manager: what is started with it is stopped at its end, last one first."""

    def __init__(self):
        super().__init__()
        self.folder = Path(self.enter_context(tempfile.TemporaryDirectory(prefix="wirepas-")))
        self.broker = None
        self.mqtt_port = None
        self.broker_config = None
        self.service = None
        self.address = None

    def start(self, argv, **options):
        program = Program(argv, **options)
        self.callback(program.stop)
        return program

    def start_broker(self, config=""):
        """An MQTT broker that loses nothing for want of room. Sets mqtt_port.

        config: more lines for the configuration; they belong to the listener.
        """
        mosquitto = find_program("mosquitto")
        for attempt in range(3):
            port = free_port()
            path = self.folder / f"mosquitto-{port}.conf"
            path.write_text(
                "per_listener_settings false\npersistence false\nlog_dest stderr\n"
                "max_queued_messages 0\nmax_inflight_messages 0\nset_tcp_nodelay true\n"
                f"listener {port} 127.0.0.1\n"
                + (config if "allow_anonymous" in config else "allow_anonymous true\n" + config))
            broker = self.start([mosquitto, "-c", path])
            try:
                broker.wait_for("running")
            except StackError:
                # Somebody else took the port meanwhile.
                if attempt == 2:
                    raise
                continue
            self.broker, self.mqtt_port, self.broker_config = broker, port, path
            return broker

    def broker_options(self):
        return ["--mqtt_hostname", "127.0.0.1", "--mqtt_port", str(self.mqtt_port),
                "--mqtt_force_unsecure"]

    def start_simulator(self, *options):
        simulator = build_dir() / "tests" / "simulator" / "wirepas-gateway-sim"
        program = self.start([simulator, *self.broker_options(), *options])
        program.wait_for("^ready:")
        return program

    def start_service(self, *options):
        """The service, connected to the broker. Sets address."""
        self.service = self.start([build_dir() / "service" / "wirepas-grpcd",
                                   *self.broker_options(), "--listen", "127.0.0.1:0", *options])
        match = self.service.wait_for(r"listening on (127\.0\.0\.1:\d+)")
        self.address = match.group(1)
        self.service.wait_for("broker .*: connected")
        return self.service
