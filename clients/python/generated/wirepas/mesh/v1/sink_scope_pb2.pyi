from wirepas.mesh.v1 import error_pb2 as _error_pb2
from wirepas.mesh.v1 import sink_pb2 as _sink_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SinkScope(_message.Message):
    __slots__ = ("network_address", "gateway_ids", "sinks", "skip_offline")
    NETWORK_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_IDS_FIELD_NUMBER: _ClassVar[int]
    SINKS_FIELD_NUMBER: _ClassVar[int]
    SKIP_OFFLINE_FIELD_NUMBER: _ClassVar[int]
    network_address: int
    gateway_ids: _containers.RepeatedScalarFieldContainer[str]
    sinks: _containers.RepeatedCompositeFieldContainer[_sink_pb2.SinkRef]
    skip_offline: bool
    def __init__(self, network_address: _Optional[int] = ..., gateway_ids: _Optional[_Iterable[str]] = ..., sinks: _Optional[_Iterable[_Union[_sink_pb2.SinkRef, _Mapping]]] = ..., skip_offline: bool = ...) -> None: ...

class SinkResult(_message.Message):
    __slots__ = ("sink", "error")
    SINK_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    sink: _sink_pb2.SinkRef
    error: _error_pb2.CallError
    def __init__(self, sink: _Optional[_Union[_sink_pb2.SinkRef, _Mapping]] = ..., error: _Optional[_Union[_error_pb2.CallError, _Mapping]] = ...) -> None: ...
