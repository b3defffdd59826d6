# SPDX-License-Identifier: Apache-2.0
"""The checks in which the service or the broker ends and comes back: see checks.py."""

import contextlib

from checks import BACK_SECONDS, Partly, check_all_sent, check_each_once, missing
from wire import PUBLISH, Packet, Wire
from world import GATEWAYS, PATIENCE_SECONDS, eventually, gaps, uplinks, wait_for_packets

# Of gateways that send meanwhile.
PACKETS_PER_SECOND = 300
LAST_NODE = 4711  # Sends only when all else has been sent.


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
