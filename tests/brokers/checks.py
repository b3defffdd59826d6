# SPDX-License-Identifier: Apache-2.0
"""What is tried with a broker that stays. Each check returns when all is as it shall be; it raises
Lacks or Partly where that is not to be had with this broker, and fails where the service or the
broker does what it should not."""

import collections
import contextlib
import socket

import stack
from brokers import DENIED_FILTER, DENIED_GATEWAY
from grpc_client import CallError, Client
from wire import PUBACK, PUBLISH, PUBREC, Packet, Wire
from world import (GATEWAYS, PATIENCE_SECONDS, eventually, gaps, number, repeated, uplinks,
                   wait_for_packets)

PERMISSION_DENIED = 7

LIMIT = 5  # of brokers with the setting "limit"
BACK_SECONDS = 20  # after which all works that a broken connection had interrupted


class Lacks(Exception):
    """The broker has no such thing; why, in the words of the table."""


class Partly(Exception):
    """The same for what works in part."""


def missing(got):
    """How many packets of each gateway's are not among the uplinks, from its first one to the
    last that is there. A gateway numbers them from 0."""
    numbers = {number(uplink) for uplink in got}
    last = collections.Counter()
    for gateway, sequence in numbers:
        last[gateway] = max(last[gateway], sequence)
    return sum(last[gateway] + 1 for gateway in last) - len(numbers)


def check_each_once(got):
    if again := repeated(got):
        raise AssertionError(f"{len(again)} packets came twice")


# ---- packets and requests ----


def packets(world, version):
    world.start_gateways()
    world.start_service("--mqtt_version", version)
    responses = world.open("SubscribeUplink")
    world.tell_gateways("burst", count=250)
    objects = wait_for_packets(responses, 500)
    check_each_once(uplinks(objects))
    assert not missing(uplinks(objects)) and not gaps(objects), gaps(objects)


def requests(world, version):
    world.start_gateways()
    world.start_service("--mqtt_version", version)
    world.wait_for_gateways()
    world.send()
    info = world.client.call("GetGatewayInfo", {"gateway_id": GATEWAYS[1]})["info"]
    assert info["model"] == "simulated-gateway", info
    world.client.call("SetSinkConfig", {"gateway_id": GATEWAYS[0], "sink_id": "sink1",
                                        "update": {"network_channel": 7}})
    sinks = world.client.call("ListSinks", {"refresh": True, "require_all": True})["sinks"]
    channels = [sink["config"]["network_channel"] for sink in sinks
                if (sink["gateway_id"], sink["sink_id"]) == (GATEWAYS[0], "sink1")]
    assert channels == [7], sinks


def requests_at_once(world, version):
    world.start_gateways()
    world.start_service("--mqtt_version", version)
    world.wait_for_gateways()
    check_all_sent(world, 200)


def check_all_sent(world, count, seconds=PATIENCE_SECONDS):
    if failed := world.send_many(count, seconds):
        if world.broker.flaw and len(failed) < count / 2:
            raise Partly(world.broker.flaw)
        raise AssertionError(f"{len(failed)} of {count} messages at once failed: {failed[:2]}")


def mqtt_5(world, version):
    if not speaks_mqtt_5(world.mqtt_port):
        raise Lacks("3.1.1 only")
    requests(world, version)
    responses = world.open("SubscribeUplink")
    world.tell_gateways("burst", count=10)
    wait_for_packets(responses, 20)


def speaks_mqtt_5(port):
    """Whether the broker says yes to a CONNECT of that version."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
        connection.sendall(b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x00")
        answer = connection.recv(1024)
    return answer[:1] == b"\x20" and answer[3] == 0


def two_at_most(world, version):
    """QoS 2 from the service to gateways."""
    world.start_gateways()
    wire = world.enter_context(contextlib.closing(Wire(world.mqtt_port)))
    world.start_service("--mqtt_version", version, port=wire.port)
    world.wait_for_gateways()
    with world.probe() as probe:
        granted = probe.subscribe("gw-request/send_data/#", 2)
        check_all_sent(world, 20)
        delivered = {probe.messages.get(timeout=PATIENCE_SECONDS).qos for _ in range(20)}
    counts = wire.counts()
    assert counts[Packet(True, PUBLISH, 2)], counts
    if counts[Packet(False, PUBACK, 0)]:
        check_goes_on_at_qos_1(world, wire)
        raise Lacks("taken for QoS 1")
    assert counts[Packet(False, PUBREC, 0)] == 20, counts
    assert (granted, delivered) == (2, {2}), (granted, delivered)


def check_goes_on_at_qos_1(world, wire):
    """Once the broker has answered a request at QoS 2 as one at QoS 1."""
    before = wire.counts()[Packet(True, PUBLISH, 2)]
    check_all_sent(world, 20)
    after = wire.counts()[Packet(True, PUBLISH, 2)]
    assert after == before, f"{after - before} more requests at QoS 2"


def at_most_qos_1(world, version):
    """A broker limited to QoS 1, which MQTT 5 tells the service, and --mqtt_request_qos else."""
    # Gateways have a last will of QoS 2, and such a broker does not let them connect.
    world.start_gateways("--shared_connection")
    wire = world.enter_context(contextlib.closing(Wire(world.mqtt_port)))
    options = () if version == "5" else ("--mqtt_request_qos", "1")
    world.start_service("--mqtt_version", version, *options, port=wire.port)
    world.wait_for_gateways()
    check_all_sent(world, 50)
    counts = wire.counts()
    assert not counts[Packet(True, PUBLISH, 2)], counts


def takes_two_for_one(world, version):
    """A broker that acknowledges QoS 2 as if it were QoS 1."""
    world.start_gateways("--shared_connection")
    wire = world.enter_context(contextlib.closing(Wire(world.mqtt_port)))
    world.start_service("--mqtt_version", version, port=wire.port)
    world.wait_for_gateways()
    world.send()
    assert wire.counts()[Packet(False, PUBACK, 0)], "the broker has not done so"
    check_goes_on_at_qos_1(world, wire)


# ---- what the broker retains ----


def retained(world, version):
    world.start_gateways()
    world.start_service("--mqtt_version", version)
    try:
        world.wait_for_gateways(3)
    except AssertionError:
        with world.probe() as probe:
            of_all, of_one = (probe.retained(f"gw-event/status/{gateway}")
                              for gateway in ("+", GATEWAYS[0]))
        if not of_one:
            raise Lacks("none kept") from None
        if not of_all:
            raise Lacks("not for a wildcard") from None
        raise


def clearing(world, version):
    world.start_gateways()
    world.start_service("--mqtt_version", version)
    world.wait_for_gateways()
    world.tell_gateways("stop", GATEWAYS[1])
    eventually(lambda: GATEWAYS[1] not in online(world), "the gateway to be offline")
    assert retained_status(world), "the broker has no status to clear"
    world.client.call("ClearGatewayStatus", {"gateway_id": GATEWAYS[1]})
    eventually(lambda: GATEWAYS[1] not in world.gateways(), "the gateway to be gone")
    assert not retained_status(world), "the broker still has the status"


def retained_status(world):
    """Of the second gateway."""
    with world.probe() as probe:
        return probe.retained(f"gw-event/status/{GATEWAYS[1]}")


def online(world):
    listed = world.client.call("ListGateways").get("gateways", [])
    return {gateway["gateway_id"] for gateway in listed}


def directory_fills(world, version):
    """Without retained statuses: gateways become known by what comes."""
    world.start_gateways()
    world.start_service("--mqtt_version", version)
    world.open("SubscribeUplink")
    world.tell_gateways("burst", count=2)
    world.wait_for_gateways()
    eventually(lambda: len(world.client.call("ListSinks").get("sinks", [])) == 4, "the sinks")
    world.send(GATEWAYS[1], "sink1")


# ---- limits and refusals ----


def limit(world, version, *options):
    """More requests at once than the broker takes under way."""
    # Each gateway answers fewer at once than that.
    world.start_gateways(count=50)
    world.start_service("--mqtt_version", version, *options)
    world.wait_for_gateways()
    check_all_sent(world, 200)


def limit_told(world, version):
    """The same when the service has been told."""
    limit(world, version, "--mqtt_max_inflight_messages", str(LIMIT))


def limit_untold(world, version):
    """When it has not, it finds out by requests that are lost."""
    world.start_gateways(count=50)
    world.start_service("--mqtt_version", version)
    world.wait_for_gateways()
    with contextlib.suppress(AssertionError):
        check_all_sent(world, 200)
        return
    eventually(lambda: not world.send_many(200), "all messages to be sent")
    raise Partly("a few are lost at first")


def refused_subscription(world, version):
    with world.probe() as probe:
        if probe.subscribe(DENIED_FILTER) <= 2:
            raise Lacks("granted, and nothing is sent")
    world.start_gateways()
    world.start_service("--mqtt_version", version)
    try:
        world.client.call_stream("SubscribeUplink", {"filter": {"gateway_ids": [DENIED_GATEWAY]}},
                                 BACK_SECONDS)
        raise AssertionError("the stream has ended by itself")
    except CallError as error:
        assert error.code == PERMISSION_DENIED, error
    responses = world.open("SubscribeUplink", {"filter": {"gateway_ids": list(GATEWAYS)}})
    world.tell_gateways("burst", count=10)
    wait_for_packets(responses, 20)


def dotted_client_id(world, version):
    service = world.start([stack.build_dir() / "service" / "wirepas-grpcd",
                           *world.broker_options(), "--listen", "127.0.0.1:0",
                           "--mqtt_version", version, "--mqtt_client_id", "a.b.c"])
    address = service.wait_for(r"listening on (127\.0\.0\.1:\d+)").group(1)
    client = Client(address)
    states = client.open("WatchBroker")
    world.callback(states.close)
    # The first one may be from before it has tried.
    [*_, last] = states.wait(
        lambda objects: any(o["state"].get("connected") or o["state"].get("attempts")
                            for o in objects), "an attempt to connect")
    if not last["state"].get("connected"):
        raise Lacks("refused")


def default_client_id(world, version):
    """With a session and no state the id is made of the host's name, which may have dots."""
    unshare = [stack.find_program("unshare"), "--map-root-user", "--uts"]
    service = world.start([*unshare, "sh", "-c", 'hostname gw.example.com && exec "$@"', "sh",
                           stack.build_dir() / "service" / "wirepas-grpcd",
                           *world.broker_options(), "--listen", "127.0.0.1:0",
                           "--mqtt_version", version, "--mqtt_persist_session"])
    service.wait_for("broker .*: connected", timeout=5)
