# SPDX-License-Identifier: Apache-2.0
"""A TCP relay that reads what MQTT packets pass through it, and can hold back what the
broker says."""

import collections
import contextlib
import socket
import threading

from stack import free_port

PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = 3, 4, 5, 6, 7

Packet = collections.namedtuple("Packet", "from_client type qos")


class Wire:
    """Clients connect to its port, the broker listens at the other."""

    def __init__(self, broker_port):
        self.port = free_port()
        self._broker = ("127.0.0.1", broker_port)
        self._changed = threading.Condition()
        self._counts = collections.Counter()
        self._held = False
        self._sockets = []
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        with self._changed:
            sockets, self._sockets = [self._listener, *self._sockets], []
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def hold(self, held):
        """While it is true, nothing that the broker says to new or old connections passes."""
        with self._changed:
            self._held = held
            self._changed.notify_all()

    def counts(self):
        """How many packets of each kind have come."""
        with self._changed:
            return collections.Counter(self._counts)

    def wait(self, condition, what, timeout=20):
        """Waits until the condition holds for the counts."""
        with self._changed:
            if not self._changed.wait_for(lambda: condition(self._counts), timeout):
                raise AssertionError(f"waited {timeout} s in vain for: {what}; passed: "
                                     f"{dict(self._counts)}")

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                try:
                    broker = socket.create_connection(self._broker)
                except OSError:
                    client.close()
                    continue
                with self._changed:
                    self._sockets += [client, broker]
                for ends in ((client, broker, True), (broker, client, False)):
                    threading.Thread(target=self._copy, args=ends, daemon=True).start()

    def _copy(self, source, sink, from_client):
        rest = b""
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                rest = self._count(rest + data, from_client)
                if not from_client:
                    with self._changed:
                        self._changed.wait_for(lambda: not self._held)
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _count(self, data, from_client):
        """Counts the packets that are complete, and gives what follows them."""
        while packet := _first_packet(data):
            head, length = packet
            with self._changed:
                self._counts[Packet(from_client, head >> 4,
                                    head >> 1 & 3 if head >> 4 == PUBLISH else 0)] += 1
                self._changed.notify_all()
            data = data[length:]
        return data


def _first_packet(data):
    """The first byte and the length of the packet that the data starts with, if it is whole."""
    length = 0
    for i, byte in enumerate(data[1:5]):
        length |= (byte & 0x7F) << 7 * i
        if byte < 0x80:
            whole = 2 + i + length
            return (data[0], whole) if len(data) >= whole else None
    return None
