# SPDX-License-Identifier: Apache-2.0
"""Failures of calls, with what the service says of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc

from wirepas.mesh.v1 import error_pb2

from ._facts import Facts, FieldViolation


class WirepasError(grpc.RpcError):
    """A call that failed. Like every error of gRPC it has code(), details() and the metadata."""

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        facts: Facts | None = None,
        cause: Any = None,
    ) -> None:
        super().__init__(code, message)
        self._code = code
        self._message = message
        self._facts = facts or Facts()
        self._cause = cause

    @classmethod
    def of(cls, error: Any) -> WirepasError:
        """From an error of gRPC, or a call that has failed."""
        if isinstance(error, WirepasError):
            return error
        return cls(
            error.code() or grpc.StatusCode.UNKNOWN,
            error.details() or "",
            Facts.of_metadata(error.trailing_metadata()),
            error,
        )

    @classmethod
    def of_part(cls, error: error_pb2.CallError) -> WirepasError:
        """From the failure of one part of a call: of one sink, or one message."""
        code = next(
            (code for code in grpc.StatusCode if code.value[0] == error.code),
            grpc.StatusCode.UNKNOWN,
        )
        return cls(code, error.message, Facts.of_part(error))

    def __reduce__(self) -> tuple[Any, ...]:
        # The call that failed stays behind: it cannot go into another process.
        return type(self), (self._code, self._message, self._facts)

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._message

    def initial_metadata(self) -> Any:
        return self._cause.initial_metadata() if self._cause is not None else ()

    def trailing_metadata(self) -> Any:
        return self._cause.trailing_metadata() if self._cause is not None else ()

    @property
    def reason(self) -> error_pb2.ErrorReason:
        """Why it failed.

        ERROR_REASON_UNSPECIFIED when it was not the service that ended the call, or when the reason
        is newer than this package: then go by code().
        """
        return self._facts.known_reason()

    @property
    def reason_name(self) -> str:
        """The reason as it is spelled in google.rpc.ErrorInfo: "NODE_NOT_HEARD". Empty: none."""
        return self._facts.reason

    @property
    def fields(self) -> tuple[FieldViolation, ...]:
        """The fields of the request that are wrong, with ERROR_REASON_INVALID_FIELD."""
        return self._facts.fields

    @property
    def retry_delay(self) -> float | None:
        """Seconds to wait before a retry; None when that is not known."""
        return self._facts.retry_delay

    @property
    def ids(self) -> Mapping[str, str]:
        """What the failure concerns: "gateway_id", "network_address", "node_address" and so on.

        For the failure of a part of a call only gateway and sink.
        """
        return self._facts.ids

    @property
    def gateway_error(self) -> error_pb2.GatewayError | None:
        """What the call was about; without ids when no gateway is concerned.

        None when it was not the service that ended the call, but gRPC itself, as for a connection
        that broke.
        """
        return self._facts.gateway_error

    @property
    def gateway_id(self) -> str:
        """The gateway that was asked; empty when the failure concerns none."""
        return self.gateway_error.gateway_id if self.gateway_error else ""

    @property
    def sink_id(self) -> str:
        """The sink that was asked; empty when the failure concerns none."""
        return self.gateway_error.sink_id if self.gateway_error else ""

    @property
    def result(self) -> error_pb2.ResultCode:
        """The gateway's answer; RESULT_CODE_UNSPECIFIED when none came."""
        if self.gateway_error is None:
            return error_pb2.RESULT_CODE_UNSPECIFIED
        return self.gateway_error.result

    @property
    def raw_result(self) -> int | None:
        """The number that the gateway gave as its answer; None when none came.

        It tells answers apart for which result is RESULT_CODE_UNKNOWN.
        """
        if self.gateway_error is None or not self.gateway_error.HasField("raw_result"):
            return None
        return self.gateway_error.raw_result

    @property
    def request_id(self) -> int:
        """The id that the request had on its way to the gateway; 0: nothing was sent."""
        return self.gateway_error.request_id if self.gateway_error else 0

    @property
    def outcome(self) -> error_pb2.RequestOutcome:
        """What became of the request.

        After REQUEST_OUTCOME_NOT_SENT and REQUEST_OUTCOME_REFUSED a repetition is safe.
        REQUEST_OUTCOME_UNKNOWN when the service does not know, or when it is not the service that
        ended the call: gRPC itself makes UNAVAILABLE of a connection that breaks, and the request
        may have been carried out.
        """
        told = self.gateway_error.outcome if self.gateway_error else None
        if told in (error_pb2.REQUEST_OUTCOME_NOT_SENT, error_pb2.REQUEST_OUTCOME_REFUSED):
            return told
        return error_pb2.REQUEST_OUTCOME_UNKNOWN

    def __str__(self) -> str:
        text = f"{' '.join(filter(None, (self._code.name, self.reason_name)))}: {self._message}"
        about = [
            f"{name} {value}"
            for name, value in (("gateway", self.gateway_id), ("sink", self.sink_id))
            if value
        ]
        if self.result == error_pb2.RESULT_CODE_UNKNOWN and self.raw_result is not None:
            about.append(f"result {self.raw_result}")
        elif self.result != error_pb2.RESULT_CODE_UNSPECIFIED:
            about.append(_result_name(self.result))
        return f"{text} ({', '.join(about)})" if about else text


def _result_name(result: int) -> str:
    try:
        return error_pb2.ResultCode.Name(error_pb2.ResultCode.ValueType(result))
    except ValueError:
        return str(result)  # one that is newer than this package
