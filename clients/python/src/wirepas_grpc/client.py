# SPDX-License-Identifier: Apache-2.0
"""The client: a channel with the stubs of all services."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import cast

import grpc

from wirepas.mesh.v1.app_config_service_pb2_grpc import AppConfigServiceStub
from wirepas.mesh.v1.network_service_pb2 import SubscribeUplinkRequest
from wirepas.mesh.v1.network_service_pb2_grpc import NetworkServiceStub
from wirepas.mesh.v1.node_service_pb2_grpc import NodeServiceStub
from wirepas.mesh.v1.otap_service_pb2_grpc import OtapServiceStub

from ._channel import Channel
from ._resume import Backoff, Reconnect
from ._target import Target, Tls
from .subscription import Subscription


class Client:
    """Thread-safe. The stubs are the generated ones; their calls raise WirepasError."""

    def __init__(self, target: Target) -> None:
        if target.credentials is None:
            self.channel = grpc.insecure_channel(target.name, options=target.options)
        else:
            self.channel = grpc.secure_channel(
                target.name, target.credentials, options=target.options
            )
        # The stubs ask for no more of a channel than this one has.
        channel = cast(grpc.Channel, Channel(self.channel, target.metadata))
        self.network = NetworkServiceStub(channel)
        self.otap = OtapServiceStub(channel)
        self.app_config = AppConfigServiceStub(channel)
        self.nodes = NodeServiceStub(channel)

    def subscribe_uplinks(
        self,
        request: SubscribeUplinkRequest | None = None,
        *,
        on_reconnect: Callable[[Reconnect], None] | None = None,
        backoff: Backoff | None = None,
    ) -> Subscription:
        """The packets that the request asks for, by default all from now on.

        on_reconnect is told of every connection that is lost, before the wait for the next.
        """
        return Subscription(
            self.network, request or SubscribeUplinkRequest(), on_reconnect, backoff
        )

    def close(self) -> None:
        """Ends the calls that are under way."""
        self.channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def connect(
    target: str = "127.0.0.1:50051", *, tls: Tls | bool | None = None, token: str | None = None
) -> Client:
    """A client of the service at `target`: host:port, dns:///…, unix:/path.

    Connects when the first call is made. tls: True or Tls(...) for TLS, False for plaintext;
    by default TLS, except to this machine. token: sent with each call as a bearer token; with
    plaintext to another machine it is refused with a ValueError.
    """
    return Client(Target.of(target, tls, token))
