# SPDX-License-Identifier: Apache-2.0
"""What is tried with every broker: see checks.py."""

import dataclasses
from typing import Any, Callable

import checks
import interruptions
from checks import LIMIT


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
    Feature("packets", "Packets, each once", checks.packets),
    Feature("requests", "Requests", checks.requests),
    Feature("at_once", "– 200 at once", checks.requests_at_once),
    Feature("mqtt_5", "MQTT 5", checks.mqtt_5, "5"),
    Feature("qos_2", "QoS 2", checks.two_at_most),
    Feature("retained", "Retained: gateways are known from the start", checks.retained),
    Feature("clearing", "– a status can be cleared", checks.clearing),
    Feature("session", "The service killed and restarted, nothing lost", interruptions.session,
            repeats=True),
    Feature("session_5", "– with MQTT 5", interruptions.session, "5", repeats=True),
    Feature("after_kill", "Requests after the service was killed with some under way",
            interruptions.requests_after_kill),
    Feature("after_kill_5", "– with MQTT 5", interruptions.requests_after_kill, "5"),
    Feature("broker_stopped", "The broker restarted in order, nothing lost",
            interruptions.broker_stopped, repeats=True),
    Feature("broker_stopped_acl", "– with an `acl_file`", interruptions.broker_stopped,
            settings={"denies": True}, only=("mosquitto",)),
    Feature("broker_killed", "The broker killed, nothing lost", interruptions.broker_killed,
            repeats=True),
    Feature("refused", "A refused subscription is told", checks.refused_subscription,
            settings={"denies": True}),
    Feature("refused_5", "– with MQTT 5", checks.refused_subscription, "5",
            {"denies": True}),
    Feature("dotted_client_id", "Client ids with dots", checks.dotted_client_id),
    Feature("default_client_id", "– of the host name, as by default",
            checks.default_client_id),
    Feature("limit_5", f"At a broker limited to {LIMIT} messages under way: 200 requests at once, "
            "MQTT 5", checks.limit, "5", {"limit": LIMIT}),
    Feature("limit_told", f"– with MQTT 3.1.1 and `--mqtt_max_inflight_messages {LIMIT}`",
            checks.limit_told, settings={"limit": LIMIT}),
    Feature("limit", "– with MQTT 3.1.1 alone", checks.limit_untold,
            settings={"limit": LIMIT}),
    Feature("max_qos_5", "At a broker limited to QoS 1: requests, MQTT 5",
            checks.at_most_qos_1, "5", {"max_qos": 1}),
    Feature("max_qos", "– with MQTT 3.1.1 and `--mqtt_request_qos 1`", checks.at_most_qos_1,
            settings={"max_qos": 1}),
    Feature("two_for_one", "– with MQTT 3.1.1 alone", checks.takes_two_for_one,
            settings={"max_qos": 1}, only=("mochi",)),
    Feature("nothing_retained", "At a broker that retains nothing: gateways are known from what "
            "they send", checks.directory_fills, settings={"forgets_retained": True}),
)
