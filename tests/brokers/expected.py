# SPDX-License-Identifier: Apache-2.0
"""What comes of each feature with each broker, which the tests compare with what they see, and
which the table in docs/brokers.md is made of: see table.py."""

from brokers import Mochi
from checks import Lacks, Partly

YES = "yes"


def outcome(check, *arguments):
    """What comes of a check, in the words used here."""
    try:
        check(*arguments)
    except Lacks as lack:
        return f"no: {lack}"
    except Partly as part:
        return f"partly: {part}"
    return YES


def applies(broker, feature):
    """Whether the feature can be tried with the broker; that one lacks MQTT 5 is tried once."""
    return (not feature.only or broker.name in feature.only) and (
        feature.name == "mqtt_5" or feature.version in broker.versions) and (
        feature.settings.keys() <= set(broker.settable))


def outcomes(broker, feature):
    """Those that are expected; the table shows the last."""
    return EXPECTED[broker.name].get(feature.name, (YES,))


_GAP = "partly: a gap tells what is lost"
_UNTOLD = "partly: what comes meanwhile is lost, untold"
_IDS = (YES, f"partly: {Mochi.flaw}")
_RETURN = (YES, "partly: a gap may be told in which nothing is missing",
           "partly: a few packets may be lost, untold")

# Where it is anything but YES.
EXPECTED = {
    "mosquitto": {
        # Until a client comes back its access list is not known: the broker takes it for empty.
        "broker_stopped_acl": (_UNTOLD,),
        # It writes its state when it ends in order, and every half an hour.
        "broker_killed": (_GAP,),
        # An access list says what is delivered, not what may be subscribed to.
        "refused": ("no: granted, and nothing is sent",),
        "refused_5": ("no: granted, and nothing is sent",),
        "limit": ("partly: a few are lost at first",),
    },
    "nats": {
        "mqtt_5": ("no: 3.1.1 only",),
        "dotted_client_id": ("no: refused",),
    },
    "mochi": {
        "at_once": _IDS, "qos_2": _IDS, "after_kill": _IDS, "after_kill_5": _IDS,
        # When the service comes back, what arrives at that moment is lost, and the subscription
        # may be refused for another moment, although the session has it.
        "session": _RETURN, "session_5": _RETURN,
        # In memory, as the tests run it.
        "broker_stopped": (_GAP,),
        "broker_killed": (_GAP,),
    },
    "hivemq": {},
}
