import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Message(_message.Message):
    __slots__ = ("destination_address", "source_endpoint", "destination_endpoint", "payload", "qos", "initial_delay", "unacknowledged_csma_ca", "hop_limit")
    DESTINATION_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    QOS_FIELD_NUMBER: _ClassVar[int]
    INITIAL_DELAY_FIELD_NUMBER: _ClassVar[int]
    UNACKNOWLEDGED_CSMA_CA_FIELD_NUMBER: _ClassVar[int]
    HOP_LIMIT_FIELD_NUMBER: _ClassVar[int]
    destination_address: int
    source_endpoint: int
    destination_endpoint: int
    payload: bytes
    qos: int
    initial_delay: _duration_pb2.Duration
    unacknowledged_csma_ca: bool
    hop_limit: int
    def __init__(self, destination_address: _Optional[int] = ..., source_endpoint: _Optional[int] = ..., destination_endpoint: _Optional[int] = ..., payload: _Optional[bytes] = ..., qos: _Optional[int] = ..., initial_delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., unacknowledged_csma_ca: bool = ..., hop_limit: _Optional[int] = ...) -> None: ...
