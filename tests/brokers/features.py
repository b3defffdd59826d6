# SPDX-License-Identifier: Apache-2.0
"""What is tried with every broker. Each check returns when all is as it shall be; it raises
Lacks or Partly where that is not to be had with this broker, and fails where the service or
the broker does what it should not."""

import collections
import contextlib
import dataclasses
import socket
from typing import Any, Callable

import stack
from brokers import DENIED_FILTER, DENIED_GATEWAY
from grpc_client import CallError, Client
from wire import PUBACK, PUBLISH, PUBREC, Packet, Wire
from world import (GATEWAYS, PATIENCE_SECONDS, eventually, gaps, number, repeated, uplinks,
                   wait_for_packets)

PERMISSION_DENIED = 7

# Of the tests with traffic, in which something ends and comes back meanwhile.
PACKETS_PER_SECOND = 300
LAST_NODE = 4711  # Sends only when all else has been sent.
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


# ---- what ends and comes back ----


def start_traffic(world, *service_options, **settings):
    """The service with a state and a subscriber, and gateways that send until end_traffic()."""
    world.start_service(*with_state(world), *service_options, **settings)
    responses = world.open("SubscribeUplink")
    world.start_gateways("--resend", rate=PACKETS_PER_SECOND)
    return responses


def with_state(world):
    return "--state_dir", world.folder / "state"


def end_traffic(world):
    """The last packet of each gateway is one of LAST_NODE."""
    world.tell_gateways("rate", again=True, packets_per_second=0)
    world.tell_gateways("burst", count=1)
    for gateway in GATEWAYS:
        world.tell_gateways("uplink", gateway, source_address=LAST_NODE, payload="ff" * 8)


def wait_for_last(world, responses):
    """The responses once they hold the last packets, and what else is to come."""
    with contextlib.suppress(AssertionError):
        responses.wait(lambda objects: count_last(objects) == len(GATEWAYS), "the last packets",
                       PATIENCE_SECONDS)
        # What was under way when a broker ended may come later than newer packets.
        responses.wait(lambda objects: not missing(but_last(objects)), "the rest",
                       world.broker.late_seconds)
    objects = responses.wait(lambda _: True, "")
    assert count_last(objects) == len(GATEWAYS), (
        f"{count_last(objects)} of the gateways' last packets came, and "
        f"{len(but_last(objects))} others; gaps: {gaps(objects)}")
    check_each_once(uplinks(objects))
    return objects


def count_last(objects):
    return sum(uplink["source_address"] == LAST_NODE for uplink in uplinks(objects))


def but_last(objects):
    return [uplink for uplink in uplinks(objects) if uplink["source_address"] != LAST_NODE]


def session(world, version):
    """The broker keeps for the service what comes while that is away."""
    options = "--mqtt_version", version
    responses = start_traffic(world, *options)
    for end in ("kill", "terminate"):
        wait_for_packets(responses, 100)
        getattr(world.service.process, end)()
        world.service.join(PATIENCE_SECONDS)
        world.start_service(*with_state(world), *options)
        responses = world.open("SubscribeUplink")
    end_traffic(world)
    # As one subscriber to all of it: what was there before the first end, and between.
    objects = wait_for_last(world, world.open("SubscribeUplink", {"oldest": True}))
    lost = missing(but_last(objects))
    assert lost <= 2 * world.broker.lost_at_return, (
        f"{lost} packets missing; gaps: {gaps(objects)}")
    world.wait_for_gateways()
    world.send()
    if lost:
        raise Partly("a few packets may be lost, untold")
    if gaps(objects):
        raise Partly("a gap may be told in which nothing is missing")


def requests_after_kill(world, version):
    """What the broker still knows of requests from before does not swallow new ones."""
    world.start_gateways()
    wire = world.enter_context(contextlib.closing(Wire(world.mqtt_port)))
    options = *with_state(world), "--mqtt_version", version
    world.start_service(*options, port=wire.port)
    world.wait_for_gateways()
    world.send()
    before = published(wire.counts())
    # The broker gets requests, and the service is gone before it hears of that.
    wire.hold(True)
    with contextlib.closing(world.client.open("SendMessages", world.many_requests(10))):
        wire.wait(lambda counts: published(counts) >= before + 10, "requests at the broker")
        world.service.process.kill()
        world.service.join(PATIENCE_SECONDS)
    wire.hold(False)
    world.start_service(*options)
    world.wait_for_gateways()
    check_all_sent(world, 40)


def published(counts):
    """Requests, of whichever QoS."""
    return counts[Packet(True, PUBLISH, 1)] + counts[Packet(True, PUBLISH, 2)]


def broker_ends(world, version, end):
    """A subscriber's stream goes on, requests work again, and packets are there or a gap
    tells that some are not."""
    # It is away for a while when the broker is back, so that what that forgets is missed.
    responses = start_traffic(world, "--mqtt_version", version, reconnect=("3s", "3s"))
    world.wait_for_gateways()
    wait_for_packets(responses, 100)
    end(world.broker)
    world.broker.start()
    # A broker that was killed may still have it that gateways are online when they are not.
    for gateway in GATEWAYS:
        eventually(lambda: world.send(gateway, seconds=1), "requests work", BACK_SECONDS)
    # A broker may have refused the subscription at first: the gateways send until it is granted.
    count = len(uplinks(responses.wait(lambda _: True, "")))
    wait_for_packets(responses, count + 100)
    end_traffic(world)
    objects = wait_for_last(world, responses)
    if missing(but_last(objects)):
        raise Partly("a gap tells what is lost" if gaps(objects) else
                     "what comes meanwhile is lost, untold")


def broker_stopped(world, version):
    broker_ends(world, version, lambda broker: broker.stop())


def broker_killed(world, version):
    broker_ends(world, version, lambda broker: broker.kill())


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


@dataclasses.dataclass(frozen=True)
class Feature:
    name: str
    title: str
    check: Callable[[Any, str], None]
    version: str = "3.1.1"
    settings: dict = dataclasses.field(default_factory=dict)
    # Whether a longer run of the tests tries it more often.
    repeats: bool = False
    # Brokers that it is for, where that does not follow from version and settings.
    only: tuple = ()


# In the order of the table.
FEATURES = (
    Feature("packets", "Packets, each once", packets),
    Feature("requests", "Requests", requests),
    Feature("at_once", "– 200 at once", requests_at_once),
    Feature("mqtt_5", "MQTT 5", mqtt_5, "5"),
    Feature("qos_2", "QoS 2", two_at_most),
    Feature("retained", "Retained: gateways are known from the start", retained),
    Feature("clearing", "– a status can be cleared", clearing),
    Feature("session", "The service killed and restarted, nothing lost", session,
            repeats=True),
    Feature("session_5", "– with MQTT 5", session, "5", repeats=True),
    Feature("after_kill", "Requests after the service was killed with some under way",
            requests_after_kill),
    Feature("after_kill_5", "– with MQTT 5", requests_after_kill, "5"),
    Feature("broker_stopped", "The broker restarted in order, nothing lost", broker_stopped,
            repeats=True),
    Feature("broker_stopped_acl", "– with an `acl_file`", broker_stopped,
            settings={"denies": True}, only=("mosquitto",)),
    Feature("broker_killed", "The broker killed, nothing lost", broker_killed, repeats=True),
    Feature("refused", "A refused subscription is told", refused_subscription,
            settings={"denies": True}),
    Feature("refused_5", "– with MQTT 5", refused_subscription, "5",
            {"denies": True}),
    Feature("dotted_client_id", "Client ids with dots", dotted_client_id),
    Feature("default_client_id", "– of the host name, as by default",
            default_client_id),
    Feature("limit_5", f"At a broker limited to {LIMIT} messages under way: 200 requests at once, "
            "MQTT 5", limit, "5", {"limit": LIMIT}),
    Feature("limit_told", f"– with MQTT 3.1.1 and `--mqtt_max_inflight_messages {LIMIT}`",
            limit_told, settings={"limit": LIMIT}),
    Feature("limit", "– with MQTT 3.1.1 alone", limit_untold,
            settings={"limit": LIMIT}),
    Feature("max_qos_5", "At a broker limited to QoS 1: requests, MQTT 5", at_most_qos_1, "5",
            {"max_qos": 1}),
    Feature("max_qos", "– with MQTT 3.1.1 and `--mqtt_request_qos 1`", at_most_qos_1,
            settings={"max_qos": 1}),
    Feature("two_for_one", "– with MQTT 3.1.1 alone", takes_two_for_one,
            settings={"max_qos": 1}, only=("mochi",)),
    Feature("nothing_retained", "At a broker that retains nothing: gateways are known from what "
            "they send", directory_fills, settings={"forgets_retained": True}),
)
