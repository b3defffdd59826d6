# SPDX-License-Identifier: Apache-2.0
"""The reference gateway (the transport service of the Linux gateway), unmodified, over fake
sinks on a D-Bus bus of its own, at the broker of a stack.

Needs the environment of the reference libraries. That of the gateway is what
WIREPAS_GATEWAY_PYTHON names, an interpreter, else the one that deploy/install-deps --tests
makes.
"""

import json
import os
import socket
import threading
from pathlib import Path

import paho.mqtt.client as mqtt
import wirepas_mesh_messaging as wmm
from relay import Relay
from stack import ROOT, StackError, find_program

HERE = Path(__file__).resolve().parent

GATEWAY = "linux-gw"
MODEL, VERSION = "reference", "1.6.2"
NETWORK = 0x123456

_BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def _interpreter():
    python = Path(os.environ.get("WIREPAS_GATEWAY_PYTHON")
                  or ROOT / "build" / "tools" / "gateway" / "bin" / "python3")
    if not os.access(python, os.X_OK):
        raise StackError(f"there is no {python}; deploy/install-deps --tests makes it")
    return python


class FakeSinks:
    """The sinks of fake_sinks.py in a program of their own. A method a command."""

    def __init__(self, stack, bus_address):
        path = stack.folder / "fake-sinks"
        program = stack.start([_interpreter(), HERE / "fake_sinks.py", bus_address, path],
                              environment={"PYTHONNOUSERSITE": "1"})
        program.wait_for("^ready")
        self._socket = stack.enter_context(socket.socket(socket.AF_UNIX))
        self._socket.settimeout(20)
        self._socket.connect(str(path))
        self._stream = stack.enter_context(self._socket.makefile("rw"))

    def _tell(self, command, **fields):
        self._stream.write(json.dumps({"command": command, **fields}) + "\n")
        self._stream.flush()
        answer = json.loads(self._stream.readline())
        if "error" in answer:
            raise StackError(f"fake sinks: {command}: {answer['error']}")
        return answer["ok"]

    def add(self, sink, **values):
        self._tell("add", sink=sink, values=values)

    def remove(self, sink):
        self._tell("remove", sink=sink)

    def set(self, sink, **values):
        self._tell("set", sink=sink, values=values)

    def restart(self, sink):
        """Makes the gateway read it again."""
        self._tell("restart", sink=sink)

    def get(self, sink):
        return self._tell("get", sink=sink)

    def fail(self, sink, **failures):
        """What has spaces in its name comes with underscores: set_NodeRole."""
        self._tell("fail", sink=sink, failures={
            name.replace("_", " "): codes for name, codes in failures.items()})

    def set_nodes(self, sink, answers):
        self._tell("nodes", sink=sink,
                   answers={address: answer.hex() for address, answer in answers.items()})

    def receive(self, sink, *packets):
        self._tell("receive", sink=sink, packets=[
            {**packet, "payload": packet["payload"].hex()} for packet in packets])

    def take_calls(self, sink, *names):
        """The calls since the last time, those of the names only: lists of arguments."""
        return [arguments for name, arguments in self._tell("take_calls", sink=sink)
                if name in names]


class Waker:
    """Asks the gateway for its information now and then.

    Gateway 1.6.2 at times leaves what it is to send lie until there is more to be sent:
    its queue can be found empty by one thread and filled by another before the first has
    noted that it is empty.
    """

    _PAUSE_SECONDS = 0.25

    def __init__(self, port, gateway_id):
        self._topic = f"gw-request/get_gw_info/{gateway_id}"
        self._ended = threading.Event()
        self._client = mqtt.Client(client_id="waker")
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._ended.wait(self._PAUSE_SECONDS):
            self._client.publish(self._topic, wmm.GetGatewayInfoRequest().payload)

    def close(self):
        self._ended.set()
        self._thread.join()
        self._client.disconnect()
        self._client.loop_stop()


class ReferenceGateway:
    """Not started yet. What the gateway sends goes through `relay`."""

    def __init__(self, stack, gateway_id=GATEWAY, sinks=("sink0", "sink1")):
        self._stack = stack
        self.id = gateway_id
        self.relay = Relay(stack.mqtt_port)
        stack.callback(self.relay.close)
        stack.callback(Waker(stack.mqtt_port, gateway_id).close)
        self._bus_address = self._start_bus()
        self.sinks = FakeSinks(stack, self._bus_address)
        for index, sink in enumerate(sinks):
            self.sinks.add(sink, NodeAddress=index + 1)
        self.program = None

    def _start_bus(self):
        path = self._stack.folder / "bus"
        config = self._stack.folder / "bus.conf"
        config.write_text(_BUS_CONFIG.format(path=path))
        daemon = self._stack.start(
            [find_program("dbus-daemon"), f"--config-file={config}", "--nofork",
             "--print-address"])
        return daemon.wait_for("^(unix:path=[^,]+)").group(1)

    def start(self, *options):
        """Until its status is on its way to the broker."""
        self.program = self._stack.start(
            [_interpreter().with_name("wm-gw"), "--mqtt_hostname", "127.0.0.1",
             "--mqtt_port", self.relay.port, "--mqtt_force_unsecure", "True",
             "--gateway_id", self.id, "--gateway_model", MODEL, "--gateway_version", VERSION,
             *options],
            environment={"DBUS_SYSTEM_BUS_ADDRESS": self._bus_address,
                         "WM_DEBUG_LEVEL": "debug", "PYTHONUNBUFFERED": "1",
                         "PYTHONNOUSERSITE": "1"})
        self.program.wait_for("Status published")

    def stop(self):
        """As an operator does; the broker publishes the last will."""
        self.program.stop()

    def cut_off(self):
        """From the broker, until it is let back; it has tried to connect once when this is done."""
        mark = self.program.mark()
        self.relay.cut()
        self.program.wait_for("Retrying to connect", after=mark)

    def let_back(self):
        """After 1 to 3 s, when the gateway tries again."""
        mark = self.program.mark()
        self.relay.join()
        self.program.wait_for("Status published", after=mark)

    def receive_while_cut_off(self, sink, *packets):
        """Puts the packets into the sink, until the gateway has them all."""
        def count(output):
            return output.count("Uplink traffic")
        before = count(self.program.output())
        self.sinks.receive(sink, *packets)
        self.program.wait_until(lambda output: count(output) >= before + len(packets),
                                f"{len(packets)} packets at the gateway")
