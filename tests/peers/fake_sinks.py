# SPDX-License-Identifier: Apache-2.0
"""Sinks on a D-Bus bus, told what to do over a socket. For the environment of the
reference gateway:

    build/tools/gateway/bin/python3 tests/peers/fake_sinks.py BUS_ADDRESS SOCKET_PATH

A line of JSON on the socket is a command, a line comes back: {"ok": ...}, or {"error": ...}.
Bytes are hexadecimal. Commands, each with the id of a "sink":
    set, "values": {...}    sets properties, and attributes of FakeSink, without any check
    add, "values": {...}    puts the sink on the bus when these are set
    remove                  takes it off
    restart                 stops and starts its stack, which makes the gateway read it again
    get                     properties, "target" and "app_config"
    fail, "failures": {...} replaces FakeSink.failures
    nodes, "answers": {...} replaces FakeSink.nodes
    receive, "packets": []  arguments of FakeSink.receive for each
    take_calls              FakeSink.calls since the last time
"""

import json
import socket
import sys

from fake_sink import FakeSink
from gi.repository import GLib

_ATTRIBUTES = ("target", "unreported_bytes")


def _plain(value):
    """With bytes as text, for JSON."""
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value


class Commands:
    def __init__(self, bus_address):
        self._bus_address = bus_address
        self._sinks = {}

    def add(self, sink, values):
        self._sinks[sink] = FakeSink(self._bus_address)
        self.set(sink, values)
        self._sinks[sink].appear(sink)

    def remove(self, sink):
        self._sinks.pop(sink).close()

    def set(self, sink, values):
        for name, value in values.items():
            if name in _ATTRIBUTES:
                setattr(self._sinks[sink], name, value)
            elif name == "app_config":
                sequence, interval, data = value
                self._sinks[sink].app_config = (sequence, interval, bytes.fromhex(data))
            elif name in self._sinks[sink].values:
                self._sinks[sink].values[name] = value
            else:
                raise KeyError(name)

    def restart(self, sink):
        for start in (False, True):
            self._sinks[sink].SetStackState(start)

    def get(self, sink):
        state = self._sinks[sink]
        return {**{name: _plain(value) for name, value in state.values.items()},
                "target": state.target, "app_config": _plain(state.app_config)}

    def fail(self, sink, failures):
        self._sinks[sink].failures = failures

    def nodes(self, sink, answers):
        self._sinks[sink].nodes = {
            int(address): bytes.fromhex(answer) for address, answer in answers.items()}

    def receive(self, sink, packets):
        for packet in packets:
            self._sinks[sink].receive(**{**packet, "payload": bytes.fromhex(packet["payload"])})

    def take_calls(self, sink):
        calls, self._sinks[sink].calls = self._sinks[sink].calls, []
        return _plain(calls)


def main():
    bus_address, path = sys.argv[1:]
    commands = Commands(bus_address)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1)

    def on_line(_source, _condition, stream):
        line = stream.readline()
        if not line:
            return False
        try:
            command = json.loads(line)
            answer = {"ok": getattr(commands, command.pop("command"))(**command)}
        except Exception as error:  # pylint: disable=broad-except
            answer = {"error": repr(error)}
        stream.write(json.dumps(answer).encode() + b"\n")
        stream.flush()
        return True

    def on_connection(*_):
        connection, _ = listener.accept()
        GLib.io_add_watch(connection.fileno(), GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP,
                          on_line, connection.makefile("rwb"))
        return True

    GLib.io_add_watch(listener.fileno(), GLib.PRIORITY_DEFAULT, GLib.IO_IN, on_connection)
    print("ready", flush=True)
    GLib.MainLoop().run()


main()
