# SPDX-License-Identifier: Apache-2.0
"""Wirepas gateways, sinks and nodes over gRPC.

connect() gives a client; `wirepas_grpc.aio.connect()` one for asyncio. Requests and responses are
those of `wirepas.mesh.v1`.
"""

from wirepas.mesh.v1.uplink_pb2 import Gap, Uplink

from ._errors import WirepasError
from ._facts import FieldViolation
from ._resume import Backoff, Reconnect
from ._target import Tls
from .client import Client, connect
from .subscription import Subscription

__all__ = [
    "Backoff",
    "Client",
    "FieldViolation",
    "Gap",
    "Reconnect",
    "Subscription",
    "Tls",
    "Uplink",
    "WirepasError",
    "connect",
]
