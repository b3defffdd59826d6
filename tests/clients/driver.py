# SPDX-License-Identifier: Apache-2.0
"""A language's conformance driver: a program that is told in JSON lines what to do with its client.

tests/clients/README.md describes the lines.
"""

import json
import queue
import subprocess
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 120  # the first start may build it
# The ways in which a client hands packets over, of those that have several: --consumer.
_CONSUMERS = {"java": ["iterator", "publisher"], "python": ["blocking", "asyncio"]}


def clients_of(language):
    """(language, consumer) for each way that its client hands packets over."""
    return [(language, consumer) for consumer in _CONSUMERS.get(language, [None])]


def name_of(client):
    return " ".join(filter(None, client))


class DriverError(Exception):
    """The driver does not start, has ended or keeps silent."""


class Operation:
    """What a driver is doing, and the lines that it has said about it."""

    def __init__(self, number):
        self.number = number
        self.lines = []
        self._fresh = queue.SimpleQueue()

    def put(self, line):
        self._fresh.put(line)

    def next(self, seconds):
        """The next line; the last one has a status."""
        try:
            line = self._fresh.get(timeout=seconds)
        except queue.Empty:
            raise DriverError(f"nothing came within {seconds} s; the last lines: "
                              f"{self.lines[-3:]}") from None
        if line is None:
            raise DriverError("the driver has ended")
        self.lines.append(line)
        return line

    def finish(self, seconds):
        """Waits for its last line, and gives it."""
        while not self.lines or "status" not in self.lines[-1]:
            self.next(seconds)
        return self.lines[-1]

    @property
    def responses(self):
        return [line["response"] for line in self.lines if "response" in line]


class Driver:
    """Context manager: the program runs as long."""

    def __init__(self, client, target, log, options=()):
        language, consumer = client
        self._operations = {}
        self._number = 0
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._log = open(log, "w", encoding="utf-8")
        program = ROOT / "tests" / "clients" / "drivers" / language / "run"
        if consumer:
            options = ["--consumer", consumer, *options]
        self._process = subprocess.Popen(
            [program, "--target", target, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._log, text=True, bufsize=1, cwd=ROOT)
        threading.Thread(target=self._read, daemon=True).start()
        if not self._ready.wait(_START_SECONDS):
            self.close()
            raise DriverError(f"the driver of {name_of(client)} is not ready after {_START_SECONDS} s")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _read(self):
        for text in self._process.stdout:
            line = json.loads(text)
            if line.get("ready"):
                self._ready.set()
                continue
            with self._lock:
                operation = self._operations.get(line.get("id"))
            if operation is not None:
                operation.put(line)
        with self._lock:
            for operation in self._operations.values():
                operation.put(None)

    def begin(self, op, **arguments):
        with self._lock:
            self._number += 1
            operation = self._operations[self._number] = Operation(self._number)
        line = {"id": operation.number, "op": op, **arguments}
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        return operation

    def close(self, seconds=20):
        """Ends it as its user would; the exit code."""
        try:
            self._process.stdin.close()
            return self._process.wait(seconds)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self._process.kill()
            return self._process.wait()
        finally:
            self._log.close()
