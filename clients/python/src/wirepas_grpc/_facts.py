# SPDX-License-Identifier: Apache-2.0
"""What the service says of a failure, in the details of a status or in a part of a response."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from wirepas.mesh.v1 import error_pb2

_KEY = "grpc-status-details-bin"
_DOMAIN = "wirepas.mesh.v1"
_PREFIX = "ERROR_REASON_"


class FieldViolation(NamedTuple):
    """A field of a request that the service does not take."""

    field: str
    """Its path, as in "message.hop_limit" and "scope.sinks[2].sink_id"."""
    description: str


@dataclasses.dataclass(frozen=True)
class Facts:
    """Empty: the service says nothing."""

    gateway_error: error_pb2.GatewayError | None = None
    reason: str = ""
    """A name of ErrorReason without its prefix, or one that is newer than this package."""
    ids: Mapping[str, str] = dataclasses.field(default_factory=dict)
    fields: tuple[FieldViolation, ...] = ()
    retry_delay: float | None = None

    @classmethod
    def of_metadata(cls, metadata: Any) -> Facts:
        """From the trailers of a call that has failed."""
        for key, value in metadata or ():
            if key == _KEY:
                try:
                    return cls._of_status(Status.FromString(value))
                except DecodeError:
                    break  # something between us and the service made it
        return cls()

    @classmethod
    def _of_status(cls, status: Any) -> Facts:
        gateway_error, info = error_pb2.GatewayError(), ErrorInfo()
        request, retry = BadRequest(), RetryInfo()
        found: dict[str, Any] = {}
        for detail in status.details:
            if detail.Unpack(gateway_error):
                found["gateway_error"] = gateway_error
            elif detail.Unpack(info) and info.domain == _DOMAIN:
                found.update(reason=info.reason, ids=dict(info.metadata))
            elif detail.Unpack(request):
                found["fields"] = tuple(
                    FieldViolation(one.field, one.description) for one in request.field_violations
                )
            elif detail.Unpack(retry):
                found["retry_delay"] = _seconds(retry.retry_delay)
        return cls(**found)

    @classmethod
    def of_part(cls, error: error_pb2.CallError) -> Facts:
        """From the failure of one part of a call."""
        gateway = error.gateway_error
        ids = {"gateway_id": gateway.gateway_id, "sink_id": gateway.sink_id}
        return cls(
            gateway_error=gateway if error.HasField("gateway_error") else None,
            reason=_name(error.reason),
            ids={name: one for name, one in ids.items() if one},
            fields=(FieldViolation(error.field, error.message),) if error.field else (),
            retry_delay=_seconds(error.retry_delay) if error.HasField("retry_delay") else None,
        )

    def known_reason(self) -> error_pb2.ErrorReason:
        """ERROR_REASON_UNSPECIFIED for one that is newer, or none."""
        known = dict(error_pb2.ErrorReason.items())
        value = known.get(f"{_PREFIX}{self.reason}", error_pb2.ERROR_REASON_UNSPECIFIED)
        return cast("error_pb2.ErrorReason", value)


def _name(reason: int) -> str:
    if reason == error_pb2.ERROR_REASON_UNSPECIFIED:
        return ""
    try:
        name = error_pb2.ErrorReason.Name(error_pb2.ErrorReason.ValueType(reason))
    except ValueError:
        return str(reason)  # one that is newer than this package
    return name.removeprefix(_PREFIX)


def _seconds(duration: Any) -> float:
    return float(duration.seconds + duration.nanos / 1e9)
