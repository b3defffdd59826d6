# SPDX-License-Identifier: Apache-2.0
"""How fast a subscription is taken."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from google.protobuf import json_format

import wirepas_grpc
import wirepas_grpc.aio
from wirepas.mesh.v1.network_service_pb2 import SubscribeUplinkRequest
from wirepas_grpc import Gap


class Measure:
    def __init__(self, client: wirepas_grpc.Client, target: str, operation: dict[str, Any]) -> None:
        self._client = client
        self._target = target
        self._request = json_format.ParseDict(
            operation.get("request", {}), SubscribeUplinkRequest()
        )
        self._wanted = operation["packets"]
        self._async = operation.get("consumer") == "async"
        self._subscription: Any = None
        self._first = self._last = self._cpu = 0.0

    def _begin(self) -> None:
        self._first = time.monotonic()
        self._cpu = time.process_time()

    def _iterate(self) -> int:
        self._subscription = self._client.subscribe_uplinks(self._request)
        count = touched = 0
        for event in self._subscription:
            if isinstance(event, Gap):
                continue
            if count == 0:
                self._begin()
            touched += event.source_address + len(event.payload)
            count += 1
            if count == self._wanted:
                break
        self._last = time.monotonic()
        self._subscription.close()
        return count

    async def _iterate_async(self) -> int:
        count = touched = 0
        async with wirepas_grpc.aio.connect(self._target) as client:
            self._subscription = client.subscribe_uplinks(self._request)
            async for event in self._subscription:
                if isinstance(event, Gap):
                    continue
                if count == 0:
                    self._begin()
                touched += event.source_address + len(event.payload)
                count += 1
                if count == self._wanted:
                    break
            self._last = time.monotonic()
        return count

    def run(self) -> dict[str, Any]:
        count = asyncio.run(self._iterate_async()) if self._async else self._iterate()
        return {
            "packets": count,
            "seconds": self._last - self._first,
            "cpu_seconds": time.process_time() - self._cpu,
            "status": {"code": "OK"},
        }

    def cancel(self) -> None:
        if self._subscription is not None and not self._async:
            self._subscription.close()
