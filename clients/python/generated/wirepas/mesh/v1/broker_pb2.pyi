import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BrokerDisconnectReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BROKER_DISCONNECT_REASON_UNSPECIFIED: _ClassVar[BrokerDisconnectReason]
    BROKER_DISCONNECT_REASON_NOT_TRIED_YET: _ClassVar[BrokerDisconnectReason]
    BROKER_DISCONNECT_REASON_UNKNOWN_HOST: _ClassVar[BrokerDisconnectReason]
    BROKER_DISCONNECT_REASON_REFUSED: _ClassVar[BrokerDisconnectReason]
    BROKER_DISCONNECT_REASON_UNREACHABLE: _ClassVar[BrokerDisconnectReason]
    BROKER_DISCONNECT_REASON_TIMEOUT: _ClassVar[BrokerDisconnectReason]
    BROKER_DISCONNECT_REASON_TLS: _ClassVar[BrokerDisconnectReason]
    BROKER_DISCONNECT_REASON_BAD_CREDENTIALS: _ClassVar[BrokerDisconnectReason]
    BROKER_DISCONNECT_REASON_NOT_AUTHORIZED: _ClassVar[BrokerDisconnectReason]
    BROKER_DISCONNECT_REASON_CLIENT_ID_REJECTED: _ClassVar[BrokerDisconnectReason]
    BROKER_DISCONNECT_REASON_PROTOCOL: _ClassVar[BrokerDisconnectReason]
    BROKER_DISCONNECT_REASON_SERVER_UNAVAILABLE: _ClassVar[BrokerDisconnectReason]
    BROKER_DISCONNECT_REASON_SESSION_TAKEN_OVER: _ClassVar[BrokerDisconnectReason]
    BROKER_DISCONNECT_REASON_CONNECTION_LOST: _ClassVar[BrokerDisconnectReason]
    BROKER_DISCONNECT_REASON_STOPPED: _ClassVar[BrokerDisconnectReason]
BROKER_DISCONNECT_REASON_UNSPECIFIED: BrokerDisconnectReason
BROKER_DISCONNECT_REASON_NOT_TRIED_YET: BrokerDisconnectReason
BROKER_DISCONNECT_REASON_UNKNOWN_HOST: BrokerDisconnectReason
BROKER_DISCONNECT_REASON_REFUSED: BrokerDisconnectReason
BROKER_DISCONNECT_REASON_UNREACHABLE: BrokerDisconnectReason
BROKER_DISCONNECT_REASON_TIMEOUT: BrokerDisconnectReason
BROKER_DISCONNECT_REASON_TLS: BrokerDisconnectReason
BROKER_DISCONNECT_REASON_BAD_CREDENTIALS: BrokerDisconnectReason
BROKER_DISCONNECT_REASON_NOT_AUTHORIZED: BrokerDisconnectReason
BROKER_DISCONNECT_REASON_CLIENT_ID_REJECTED: BrokerDisconnectReason
BROKER_DISCONNECT_REASON_PROTOCOL: BrokerDisconnectReason
BROKER_DISCONNECT_REASON_SERVER_UNAVAILABLE: BrokerDisconnectReason
BROKER_DISCONNECT_REASON_SESSION_TAKEN_OVER: BrokerDisconnectReason
BROKER_DISCONNECT_REASON_CONNECTION_LOST: BrokerDisconnectReason
BROKER_DISCONNECT_REASON_STOPPED: BrokerDisconnectReason

class BrokerState(_message.Message):
    __slots__ = ("connected", "reason", "detail", "since", "attempts", "endpoint")
    CONNECTED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    connected: bool
    reason: BrokerDisconnectReason
    detail: str
    since: _timestamp_pb2.Timestamp
    attempts: int
    endpoint: str
    def __init__(self, connected: bool = ..., reason: _Optional[_Union[BrokerDisconnectReason, str]] = ..., detail: _Optional[str] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., attempts: _Optional[int] = ..., endpoint: _Optional[str] = ...) -> None: ...
