# SPDX-License-Identifier: Apache-2.0
"""What comes of each feature with each broker, which the tests compare with what they see, and
which the table in docs/brokers.md is made of: see table.py."""

from features import Lacks, Partly

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


# Where it is anything but YES.
EXPECTED = {
    "mosquitto": {},
    "nats": {},
    "mochi": {},
    "hivemq": {},
}

# What is wrong today, by broker and feature: these tests fail until it is mended, and when it is
# they say that it is to be taken out here.
KNOWN = {}
