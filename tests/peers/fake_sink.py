# SPDX-License-Identifier: Apache-2.0
"""A sink on a D-Bus bus, as the reference gateway's transport service expects it from the
sink service: the interfaces com.wirepas.sink.config1, data1 and otap1.

It has no radio. What it receives is put into it, what it is told to send is kept, and any
call or property fails with a code when it is told so. Needs GObject introspection, which
the environment of the reference gateway has.
"""

import binascii
import struct
import time

from gi.repository import Gio, GLib

PATH = "/com/wirepas/sink"
NAME_PREFIX = "com.wirepas.sink."
CONFIG, DATA, OTAP = (f"com.wirepas.sink.{part}1" for part in ("config", "data", "otap"))
_PROPERTIES = "org.freedesktop.DBus.Properties"

# Results of the sink service, those that this sink gives by itself.
STACK_NOT_STOPPED, INVALID_VALUE, NOT_A_SINK, NO_CONFIG, NOT_SET = 1, 4, 10, 12, 15
NO_SCRATCHPAD, INVALID_DIAGNOSTICS, INVALID_SEQUENCE, INVALID_SCRATCHPAD = 19, 22, 23, 26
INTERNAL_ERROR = 28

# By interface: name, type, whether it can be written, value at the start; None: not set.
_PROPERTY_TABLE = {
    CONFIG: [
        ("StackProfile", "q", False, 1), ("HwMagic", "q", False, 3), ("MaxMtu", "y", False, 102),
        ("ChRangeMin", "y", False, 1), ("ChRangeMax", "y", False, 40),
        ("ACRangeMin", "q", False, 2000), ("ACRangeMax", "q", False, 8000),
        ("ACRangeMinCur", "q", False, 2000), ("ACRangeMaxCur", "q", False, 8000),
        ("CurrentAC", "q", False, 2000), ("PDUBufferSize", "y", False, 16),
        ("AppConfigMaxSize", "q", False, 80), ("FirmwareVersion", "aq", False, [5, 4, 0, 77]),
        ("CipherKeySet", "b", False, False), ("AuthenticationKeySet", "b", False, False),
        ("StackStatus", "y", False, 0),
        ("NodeAddress", "u", True, 1), ("NodeRole", "y", True, 0x11),
        ("NetworkAddress", "u", True, 0x123456), ("NetworkChannel", "y", True, 5),
        ("SinkCost", "y", True, 0), ("ChannelMap", "u", True, None),
        ("CipherKey", "ay", True, b"\xff" * 16), ("AuthenticationKey", "ay", True, b"\xff" * 16),
    ],
    OTAP: [
        ("StoredLen", "u", False, 0), ("StoredCrc", "q", False, 0), ("StoredSeq", "y", False, 0),
        ("StoredStatus", "y", False, 0), ("StoredType", "y", False, 0),
        ("ProcessedLen", "u", False, 0), ("ProcessedCrc", "q", False, 0),
        ("ProcessedSeq", "y", False, 0), ("FirmwareAreaId", "u", False, 3),
    ],
}
# By interface: method, types of its arguments, types of its result.
_METHOD_TABLE = {
    CONFIG: [
        ("SetStackState", ["b"], ["b"]), ("ClearCipherKey", [], []),
        ("ClearAuthenticationKey", [], []), ("SetAppConfig", ["y", "q", "ay"], ["b"]),
        ("GetAppConfig", [], ["y", "q", "ay"]), ("SetACRange", ["q", "q"], ["b"]),
        ("SetConfigDataItem", ["q", "ay"], []), ("GetConfigDataItem", ["q"], ["ay"]),
        ("GetConfigDataContent", [], ["a(qay)"]),
        ("SetNetworkSecurityKeys", ["ay", "ay", "y"], []),
        ("SetManagementSecurityKeys", ["ay", "ay", "y"], []),
    ],
    DATA: [("SendMessage", ["u", "y", "y", "u", "y", "b", "y", "ay"], ["u"])],
    OTAP: [
        ("ProcessScratchpad", [], []), ("UploadScratchpad", ["y", "ay"], []),
        ("ClearLocalScratchpad", [], []), ("SetTargetScratchpad", ["y", "q", "y", "y"], ["b"]),
        ("GetTargetScratchpad", [], ["y", "q", "y", "y"]),
    ],
}
_SIGNAL_TABLE = {
    CONFIG: [("StackStarted", []), ("StackStopped", [])],
    DATA: [("MessageReceived", ["t", "u", "u", "y", "y", "u", "y", "y", "ay"])],
}
_TYPES = {name: kind for table in _PROPERTY_TABLE.values() for name, kind, _, _ in table}
_RESULTS = {name: "(" + "".join(results) + ")"
            for table in _METHOD_TABLE.values() for name, _, results in table}

_DIAGNOSTIC_INTERVALS = (0, 30, 60, 120, 300, 600, 1800)
_MAX_ITEM = 80
_MAX_MESSAGE = 1500
# The question for a node's scratchpad status, and whom it may be put to.
_STATUS_QUESTION = (255, 240, b"\x19\x00")
_BROADCAST = 0xFFFFFFFF
# A scratchpad file begins with this, then the length and the checksum of what follows.
_FILE_TAG = bytes.fromhex("534352319a933082d9eb0afc3121e337")


class Refused(Exception):
    """What the sink is asked for fails with a code of the sink service."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def _introspection():
    lines = ["<node>"]
    for interface in (CONFIG, DATA, OTAP):
        lines.append(f'<interface name="{interface}">')
        for name, kind, writable, _ in _PROPERTY_TABLE.get(interface, []):
            access = "readwrite" if writable else "read"
            lines.append(f'<property name="{name}" type="{kind}" access="{access}"/>')
        for name, arguments, results in _METHOD_TABLE[interface]:
            lines.append(f'<method name="{name}">')
            lines += [f'<arg type="{kind}" direction="in"/>' for kind in arguments]
            lines += [f'<arg type="{kind}" direction="out"/>' for kind in results]
            lines.append("</method>")
        for name, arguments in _SIGNAL_TABLE.get(interface, []):
            lines.append(f'<signal name="{name}">')
            lines += [f'<arg type="{kind}"/>' for kind in arguments]
            lines.append("</signal>")
        lines.append("</interface>")
    return Gio.DBusNodeInfo.new_for_xml("\n".join(lines + ["</node>"]))


def _is_sink(role):
    return role is not None and role & 0xF == 1


def _checksum(scratchpad):
    if scratchpad.startswith(_FILE_TAG):
        return struct.unpack_from("<H", scratchpad, len(_FILE_TAG) + 4)[0]
    return binascii.crc_hqx(scratchpad, 0xFFFF)


class FakeSink:
    def __init__(self, bus_address):
        self.values = {name: value for table in _PROPERTY_TABLE.values()
                       for name, _, _, value in table}
        self.app_config = None  # sequence, interval, data, when set
        self.items = {}
        self.target = (0, 0, 0, 0)  # sequence, checksum, action, parameter
        # How many bytes of a scratchpad its reported length leaves out.
        self.unreported_bytes = 0
        # Results by the name of a method or property, "set NAME" for writing one: a code for
        # every call, or a list with one for each; 0 is success.
        self.failures = {}
        # What nodes answer to the question for their scratchpad status, by address.
        self.nodes = {}
        # Every call of a method and every written property: name, arguments.
        self.calls = []
        self._connection = Gio.DBusConnection.new_for_address_sync(
            bus_address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        for interface in _introspection().interfaces:
            # Without handlers for properties these come as calls too.
            self._connection.register_object(PATH, interface, self._on_call, None, None)

    def appear(self, sink_id):
        """Takes its name, by which gateways find it."""
        self._connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
            GLib.Variant("(su)", (NAME_PREFIX + sink_id, 0)), None, Gio.DBusCallFlags.NONE, -1,
            None)

    def close(self):
        self._connection.close_sync(None)

    # ---- what comes over the bus ----

    def _on_call(self, _connection, _sender, _path, interface, name, arguments, invocation):
        values = arguments.unpack()
        try:
            if interface == _PROPERTIES:
                invocation.return_value(self._property_call(name, *values))
            else:
                values = [bytes(v) if isinstance(v, list) else v for v in values]
                self.calls.append((name, values))
                result = self._method_call(name, values)
                invocation.return_value(
                    None if _RESULTS[name] == "()" else GLib.Variant(_RESULTS[name], result))
        except Refused as refused:
            # The gateway reads the number off the text.
            invocation.return_dbus_error("com.wirepas.sink.Error",
                                         f"[{name}]: C Mesh Lib ret = {refused.code}")

    def _check_failure(self, name):
        failure = self.failures.get(name, 0)
        code = (failure.pop(0) if failure else 0) if isinstance(failure, list) else failure
        if code:
            raise Refused(code)

    def _method_call(self, name, values):
        try:
            self._check_failure(name)
        except Refused as refused:
            if name == "SendMessage":  # which has its result as its value
                return (refused.code,)
            raise
        return getattr(self, name)(*values)

    def _property_call(self, call, _interface, name=None, value=None):
        if call == "GetAll":
            return GLib.Variant("(a{sv})", ({},))
        if call == "Get":
            self._check_failure(name)
            if self.values[name] is None:
                raise Refused(NOT_SET)
            return GLib.Variant("(v)", (GLib.Variant(_TYPES[name], self.values[name]),))
        value = bytes(value) if isinstance(value, list) else value
        self.calls.append((f"set {name}", [value]))
        self._check_failure(f"set {name}")
        self._write(name, value)
        return None

    def _write(self, name, value):
        if name != "SinkCost" and self.running:
            raise Refused(STACK_NOT_STOPPED)
        low, high = {"NodeAddress": (1, 0xFFFFFFFD), "NetworkAddress": (1, 0xFFFFFE),
                     "NetworkChannel": (self.values["ChRangeMin"], self.values["ChRangeMax"]),
                     "SinkCost": (0, 254), "ChannelMap": (1, 0xFFFFFFFF),
                     "NodeRole": (1, 0x93)}.get(name, (None, None))
        if low is None:
            self._set_key(name + "Set", value)
        elif not low <= value <= high or (name == "NodeRole" and value & 0xF not in (1, 2, 3)):
            raise Refused(INVALID_VALUE)
        else:
            self.values[name] = value

    def _set_key(self, name, key):
        if len(key) != 16:
            raise Refused(INTERNAL_ERROR)
        self.values[name] = key != b"\xff" * 16

    # ---- the methods, with the names that they have on the bus ----

    @property
    def running(self):
        return self.values["StackStatus"] == 0

    def _signal(self, interface, name, arguments=None):
        self._connection.emit_signal(None, PATH, interface, name, arguments)

    def _need_stopped(self):
        if self.running:
            raise Refused(STACK_NOT_STOPPED)

    def SetStackState(self, start):
        ready = not start or None not in [self.values[name] for name in (
            "NodeRole", "NodeAddress", "NetworkAddress", "NetworkChannel")]
        if self.running == start or not ready:
            return (False,)
        self.values["StackStatus"] = 0 if start else 1
        self._signal(CONFIG, "StackStarted" if start else "StackStopped")
        return (True,)

    def ClearCipherKey(self):
        self.values["CipherKeySet"] = False

    def ClearAuthenticationKey(self):
        self.values["AuthenticationKeySet"] = False

    def SetAppConfig(self, sequence, interval, data):
        if not _is_sink(self.values["NodeRole"]):
            raise Refused(NOT_A_SINK)
        if interval not in _DIAGNOSTIC_INTERVALS:
            raise Refused(INVALID_DIAGNOSTICS)
        if sequence > 254:
            raise Refused(INVALID_SEQUENCE)
        if len(data) > self.values["AppConfigMaxSize"]:
            raise Refused(INVALID_VALUE)
        self.app_config = (sequence, interval, data)
        return (True,)

    def GetAppConfig(self):
        if self.app_config is None:
            raise Refused(NO_CONFIG)
        sequence, interval, data = self.app_config
        # A sink gives all the room that it has.
        return sequence, interval, data.ljust(self.values["AppConfigMaxSize"], b"\x00")

    def SetACRange(self, low, high):
        self.values.update(ACRangeMinCur=low, ACRangeMaxCur=high)
        return (True,)

    def SetConfigDataItem(self, endpoint, payload):
        if len(payload) > _MAX_ITEM:
            raise Refused(INVALID_VALUE)
        self.items.pop(endpoint, None)
        if payload:
            self.items[endpoint] = payload

    def GetConfigDataItem(self, endpoint):
        if endpoint not in self.items:
            raise Refused(INVALID_VALUE)
        return (self.items[endpoint],)

    def GetConfigDataContent(self):
        return (list(self.items.items()),)

    def SetNetworkSecurityKeys(self, cipher, authentication, _sequence):
        self._need_stopped()
        self._set_key("CipherKeySet", cipher)
        self._set_key("AuthenticationKeySet", authentication)

    def SetManagementSecurityKeys(self, cipher, authentication, _sequence):
        self._need_stopped()
        if len(cipher) != 16 or len(authentication) != 16:
            raise Refused(INTERNAL_ERROR)

    def SendMessage(self, destination, source_endpoint, destination_endpoint, _delay, qos, _unack,
                    _hop_limit, payload):
        if not payload or len(payload) > _MAX_MESSAGE or qos > 1 or not destination:
            return (INVALID_VALUE,)
        if (source_endpoint, destination_endpoint, payload) == _STATUS_QUESTION:
            for address, answer in self.nodes.items():
                if destination in (_BROADCAST, address):
                    self.receive(source=address, source_endpoint=240, destination_endpoint=255,
                                 payload=answer)
        return (0,)

    def receive(self, source, payload, source_endpoint=10, destination_endpoint=11,
                destination=0xFFFFFFFE, timestamp=None, travel_time=250, qos=0, hop_count=2):
        """A packet comes in from a node."""
        if timestamp is None:
            timestamp = time.time_ns() // 1_000_000
        self._signal(DATA, "MessageReceived", GLib.Variant("(tuuyyuyyay)", (
            timestamp, source, destination, source_endpoint, destination_endpoint, travel_time,
            qos, hop_count, payload)))

    def UploadScratchpad(self, sequence, scratchpad):
        self._need_stopped()
        if not scratchpad or scratchpad.startswith(b"BAD"):
            raise Refused(INVALID_SCRATCHPAD)
        self.values.update(StoredLen=len(scratchpad) - self.unreported_bytes,
                           StoredCrc=_checksum(scratchpad), StoredSeq=sequence,
                           StoredStatus=255, StoredType=1)

    def ClearLocalScratchpad(self):
        self._need_stopped()
        self.values.update(StoredLen=0, StoredCrc=0, StoredSeq=0, StoredStatus=0, StoredType=0)

    def ProcessScratchpad(self):
        if self.values["StoredType"] == 0:
            raise Refused(NO_SCRATCHPAD)
        self._need_stopped()
        self.values.update(StoredStatus=0, StoredType=2)
        self.values.update({f"Processed{part}": self.values[f"Stored{part}"]
                            for part in ("Len", "Crc", "Seq")})

    def SetTargetScratchpad(self, sequence, checksum, action, parameter):
        if action > 4 or (1 <= action <= 3 and not 1 <= sequence <= 254):
            raise Refused(INVALID_VALUE)
        if action == 3 and (parameter >> 6 == 0 or parameter & 0x3F == 0):
            raise Refused(INVALID_VALUE)
        self.target = (sequence, checksum, action, parameter)
        return (True,)

    def GetTargetScratchpad(self):
        return self.target
