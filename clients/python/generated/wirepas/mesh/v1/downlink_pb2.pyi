import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from wirepas.mesh.v1 import error_pb2 as _error_pb2
from wirepas.mesh.v1 import message_pb2 as _message_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DownlinkAnswer(_message.Message):
    __slots__ = ("result", "gateway_time")
    RESULT_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_TIME_FIELD_NUMBER: _ClassVar[int]
    result: _error_pb2.ResultCode
    gateway_time: _duration_pb2.Duration
    def __init__(self, result: _Optional[_Union[_error_pb2.ResultCode, str]] = ..., gateway_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class NoAnswer(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Downlink(_message.Message):
    __slots__ = ("gateway_id", "sink_id", "request_id", "message", "send_time", "answer", "no_answer")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    SINK_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    NO_ANSWER_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    sink_id: str
    request_id: int
    message: _message_pb2.Message
    send_time: _timestamp_pb2.Timestamp
    answer: DownlinkAnswer
    no_answer: NoAnswer
    def __init__(self, gateway_id: _Optional[str] = ..., sink_id: _Optional[str] = ..., request_id: _Optional[int] = ..., message: _Optional[_Union[_message_pb2.Message, _Mapping]] = ..., send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., answer: _Optional[_Union[DownlinkAnswer, _Mapping]] = ..., no_answer: _Optional[_Union[NoAnswer, _Mapping]] = ...) -> None: ...

class DownlinkFilter(_message.Message):
    __slots__ = ("gateway_ids", "sink_ids", "source_endpoints", "destination_endpoints")
    GATEWAY_IDS_FIELD_NUMBER: _ClassVar[int]
    SINK_IDS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    gateway_ids: _containers.RepeatedScalarFieldContainer[str]
    sink_ids: _containers.RepeatedScalarFieldContainer[str]
    source_endpoints: _containers.RepeatedScalarFieldContainer[int]
    destination_endpoints: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, gateway_ids: _Optional[_Iterable[str]] = ..., sink_ids: _Optional[_Iterable[str]] = ..., source_endpoints: _Optional[_Iterable[int]] = ..., destination_endpoints: _Optional[_Iterable[int]] = ...) -> None: ...
