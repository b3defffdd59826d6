# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

import wirepas_grpc
import wirepas_grpc.aio
from wirepas.mesh.v1 import error_pb2
from wirepas.mesh.v1.error_pb2 import (
    RESULT_CODE_INVALID_SINK_ID,
    RESULT_CODE_UNKNOWN,
    RESULT_CODE_UNSPECIFIED,
    CallError,
    GatewayError,
)
from wirepas.mesh.v1.network_service_pb2 import ListGatewaysRequest, SubscribeUplinkRequest
from wirepas_grpc import Backoff, FieldViolation, Tls, WirepasError
from wirepas_grpc._facts import Facts
from wirepas_grpc._target import Target, _system_certificates, is_local

from conftest import Script, response


@pytest.mark.parametrize(
    "target",
    ["127.0.0.1:50051", "127.8.9.1:1", "localhost:50051", "LOCALHOST", "[::1]:50051", "::1",
     "unix:/run/service.sock", "unix:///run/service.sock", "dns:///localhost:1", "ipv4:127.0.0.1:1",
     "ipv6:[::1]:1"],
)  # fmt: skip
def test_this_machine(target: str) -> None:
    assert is_local(target)


@pytest.mark.parametrize(
    "target",
    ["example.com:50051", "192.0.2.1:1", "[2001:db8::1]:1", "localhost.example.com:1",
     "127.0.0.1.example.com:1", "dns:///example.com:1", "dns://192.0.2.1/localhost:1"],
)  # fmt: skip
def test_other_machines(target: str) -> None:
    assert not is_local(target)


def test_tls_by_default_but_on_this_machine() -> None:
    assert Target.of("example.com:1", None, None).credentials is not None
    assert Target.of("127.0.0.1:1", None, None).credentials is None
    assert Target.of("127.0.0.1:1", True, None).credentials is not None
    assert Target.of("example.com:1", False, None).credentials is None


def test_a_token_is_never_sent_in_clear_to_another_machine() -> None:
    with pytest.raises(ValueError, match="without TLS"):
        wirepas_grpc.connect("example.com:1", tls=False, token="secret")


@pytest.mark.parametrize(
    ("target", "token", "why"),
    [("", None, "empty"), ("127.0.0.1:1", "two\nlines", "header"), ("127.0.0.1:1", "ü", "header")],
)
def test_what_cannot_work_is_refused_at_once(target: str, token: str | None, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        wirepas_grpc.connect(target, token=token)


def test_a_key_needs_its_certificate(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="go together"):
        wirepas_grpc.connect("example.com:1", tls=Tls(key=tmp_path / "key.pem"))


def test_the_token_goes_with_each_call(script: Script) -> None:
    script.plays(response("1", 1), fails=None)
    with wirepas_grpc.connect(script.address, token="secret") as client:
        next(client.subscribe_uplinks())
    assert script.metadata[0]["authorization"] == "Bearer secret"


def fail_with(code: grpc.StatusCode, message: str, *details: Message) -> Callable[[Any], None]:
    status = Status(code=code.value[0], message=message)
    for detail in details:
        status.details.add().Pack(detail)

    def fail(context: Any) -> None:
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(code, message)

    return fail


def test_a_failed_call_has_what_the_service_says_of_the_gateway(script: Script) -> None:
    detail = GatewayError(
        gateway_id="gw",
        sink_id="sink0",
        result=RESULT_CODE_INVALID_SINK_ID,
        request_id=2**63,
        raw_result=2,
    )
    info = ErrorInfo(reason="GATEWAY_REFUSED", domain="wirepas.mesh.v1")
    script.on_list_gateways = fail_with(grpc.StatusCode.NOT_FOUND, "no such sink", detail, info)
    with wirepas_grpc.connect(script.address) as client:
        for call in (
            lambda: client.network.ListGateways(ListGatewaysRequest()),
            lambda: client.network.ListGateways.with_call(ListGatewaysRequest()),
            lambda: client.network.ListGateways.future(ListGatewaysRequest()).result(),
        ):
            with pytest.raises(WirepasError) as failure:
                call()
            error = failure.value
            assert isinstance(error, grpc.RpcError)
            assert (error.code(), error.details()) == (grpc.StatusCode.NOT_FOUND, "no such sink")
            assert (error.gateway_id, error.sink_id) == ("gw", "sink0")
            assert (error.result, error.request_id) == (RESULT_CODE_INVALID_SINK_ID, 2**63)
            assert error.raw_result == 2
            assert str(error) == (
                "NOT_FOUND GATEWAY_REFUSED: no such sink "
                "(gateway gw, sink sink0, RESULT_CODE_INVALID_SINK_ID)"
            )


def test_a_failed_call_has_its_reason_and_what_is_wrong(script: Script) -> None:
    bad = BadRequest()
    bad.field_violations.add(field="message.hop_limit", description="is above 15")
    bad.field_violations.add(field="scope.sinks[2].sink_id", description="is empty")
    script.on_list_gateways = fail_with(
        grpc.StatusCode.INVALID_ARGUMENT,
        "wrong",
        ErrorInfo(reason="OTHER", domain="example.com", metadata={"gateway_id": "of a proxy"}),
        ErrorInfo(reason="INVALID_FIELD", domain="wirepas.mesh.v1", metadata={"node_address": "7"}),
        bad,
        RetryInfo(retry_delay=Duration(seconds=1, nanos=500_000_000)),
    )
    with (
        wirepas_grpc.connect(script.address) as client,
        pytest.raises(WirepasError) as failure,
    ):
        client.network.ListGateways(ListGatewaysRequest())
    for error in (failure.value, pickle.loads(pickle.dumps(failure.value))):
        assert error.reason == error_pb2.ERROR_REASON_INVALID_FIELD
        assert error.reason_name == "INVALID_FIELD"
        assert error.ids == {"node_address": "7"}
        assert error.fields == (
            FieldViolation("message.hop_limit", "is above 15"),
            FieldViolation("scope.sinks[2].sink_id", "is empty"),
        )
        assert error.retry_delay == 1.5
        assert str(error) == "INVALID_ARGUMENT INVALID_FIELD: wrong"


def test_a_reason_that_is_newer_than_the_package(script: Script) -> None:
    info = ErrorInfo(reason="NEWER", domain="wirepas.mesh.v1")
    script.on_list_gateways = fail_with(grpc.StatusCode.ABORTED, "why", info)
    with (
        wirepas_grpc.connect(script.address) as client,
        pytest.raises(WirepasError) as failure,
    ):
        client.network.ListGateways(ListGatewaysRequest())
    assert failure.value.reason == error_pb2.ERROR_REASON_UNSPECIFIED
    assert failure.value.reason_name == "NEWER"
    part = WirepasError.of_part(CallError.FromString(b"\x08\x0a\x20\xe7\x07"))
    assert (part.reason, part.reason_name) == (error_pb2.ERROR_REASON_UNSPECIFIED, "999")


def test_details_that_nobody_can_read(script: Script) -> None:
    def fail(context: Any) -> None:
        context.set_trailing_metadata((("grpc-status-details-bin", b"\xff"),))
        context.abort(grpc.StatusCode.NOT_FOUND, "none")

    script.on_list_gateways = fail
    with (
        wirepas_grpc.connect(script.address) as client,
        pytest.raises(WirepasError, match=r"^NOT_FOUND: none$") as failure,
    ):
        client.network.ListGateways(ListGatewaysRequest())
    assert failure.value.gateway_error is None


def test_an_error_without_a_gateway() -> None:
    error = WirepasError(grpc.StatusCode.UNAVAILABLE, "gone")
    assert (error.gateway_id, error.sink_id, error.request_id) == ("", "", 0)
    assert error.result == RESULT_CODE_UNSPECIFIED
    assert (error.reason_name, error.fields, error.ids) == ("", (), {})
    assert (error.retry_delay, error.raw_result) == (None, None)
    assert str(error) == "UNAVAILABLE: gone"


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (None, error_pb2.REQUEST_OUTCOME_UNKNOWN),
        (error_pb2.REQUEST_OUTCOME_UNSPECIFIED, error_pb2.REQUEST_OUTCOME_UNKNOWN),
        (error_pb2.REQUEST_OUTCOME_NOT_SENT, error_pb2.REQUEST_OUTCOME_NOT_SENT),
        (error_pb2.REQUEST_OUTCOME_REFUSED, error_pb2.REQUEST_OUTCOME_REFUSED),
        (error_pb2.REQUEST_OUTCOME_UNKNOWN, error_pb2.REQUEST_OUTCOME_UNKNOWN),
    ],
)
def test_only_the_service_knows_that_nothing_was_sent(
    told: error_pb2.RequestOutcome | None, read: error_pb2.RequestOutcome
) -> None:
    detail = GatewayError(outcome=told) if told is not None else None
    error = WirepasError(grpc.StatusCode.UNAVAILABLE, "gone", Facts(detail))
    assert error.outcome == read
    assert str(error) == "UNAVAILABLE: gone"


def test_a_result_that_is_newer_than_the_package() -> None:
    newer = GatewayError.FromString(b"\x0a\x02gw\x18\xe7\x07")
    error = WirepasError(grpc.StatusCode.INTERNAL, "why", Facts(newer))
    assert str(error) == "INTERNAL: why (gateway gw, 999)"


def test_a_result_that_is_newer_than_the_service() -> None:
    unknown = GatewayError(gateway_id="gw", result=RESULT_CODE_UNKNOWN, raw_result=77)
    error = WirepasError(grpc.StatusCode.UNKNOWN, "why", Facts(unknown))
    assert str(error) == "UNKNOWN: why (gateway gw, result 77)"


def test_an_error_can_go_into_another_process(script: Script) -> None:
    script.on_list_gateways = lambda context: context.abort(grpc.StatusCode.NOT_FOUND, "none")
    with (
        wirepas_grpc.connect(script.address) as client,
        pytest.raises(WirepasError) as failure,
    ):
        client.network.ListGateways(ListGatewaysRequest())
    copy = pickle.loads(pickle.dumps(failure.value))
    assert (type(copy), copy.code()) == (WirepasError, grpc.StatusCode.NOT_FOUND)
    assert str(copy) == "NOT_FOUND: none"


def test_read_of_asyncio_fails_with_it_too(script: Script) -> None:
    async def scenario() -> None:
        async with wirepas_grpc.aio.connect(script.address) as client:
            with pytest.raises(WirepasError, match="NOT_FOUND"):
                await client.network.SubscribeUplink(SubscribeUplinkRequest()).read()

    script.plays(fails=grpc.StatusCode.NOT_FOUND)
    asyncio.run(scenario())


def test_the_systems_certificates_are_trusted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "certificates.pem"
    file.write_bytes(b"of the system")
    monkeypatch.delenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    assert _system_certificates() == b"of the system"
    monkeypatch.setenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", str(file))
    assert _system_certificates() is None


def test_the_failure_of_a_part_of_a_call() -> None:
    part = CallError(
        code=8,
        message="full",
        gateway_error=GatewayError(gateway_id="gw"),
        reason=error_pb2.ERROR_REASON_SINK_BUSY,
        field="message.payload",
        retry_delay=Duration(seconds=2),
    )
    error = WirepasError.of_part(part)
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert error.gateway_id == "gw"
    assert (error.reason, error.reason_name) == (error_pb2.ERROR_REASON_SINK_BUSY, "SINK_BUSY")
    assert error.fields == (FieldViolation("message.payload", "full"),)
    assert error.retry_delay == 2
    assert error.ids == {"gateway_id": "gw"}
    assert WirepasError.of_part(CallError(code=8)).retry_delay is None


def test_back_off_grows_to_its_bound() -> None:
    backoff = Backoff()
    for attempt, base in ((1, 0.1), (2, 0.16), (3, 0.256), (50, 10.0), (10_000, 10.0)):
        delays = [backoff.delay(attempt) for _ in range(100)]
        assert min(delays) >= base * 0.799
        assert max(delays) <= base * 1.201
        assert min(delays) < max(delays)
