from wirepas.mesh.v1 import gateway_pb2 as _gateway_pb2
from wirepas.mesh.v1 import sink_pb2 as _sink_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NetworkEventType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NETWORK_EVENT_TYPE_UNSPECIFIED: _ClassVar[NetworkEventType]
    NETWORK_EVENT_TYPE_GATEWAY_PRESENT: _ClassVar[NetworkEventType]
    NETWORK_EVENT_TYPE_SINK_PRESENT: _ClassVar[NetworkEventType]
    NETWORK_EVENT_TYPE_GATEWAY_ONLINE: _ClassVar[NetworkEventType]
    NETWORK_EVENT_TYPE_GATEWAY_OFFLINE: _ClassVar[NetworkEventType]
    NETWORK_EVENT_TYPE_GATEWAY_UPDATED: _ClassVar[NetworkEventType]
    NETWORK_EVENT_TYPE_GATEWAY_REMOVED: _ClassVar[NetworkEventType]
    NETWORK_EVENT_TYPE_SINK_ADDED: _ClassVar[NetworkEventType]
    NETWORK_EVENT_TYPE_SINK_UPDATED: _ClassVar[NetworkEventType]
    NETWORK_EVENT_TYPE_SINK_REMOVED: _ClassVar[NetworkEventType]
NETWORK_EVENT_TYPE_UNSPECIFIED: NetworkEventType
NETWORK_EVENT_TYPE_GATEWAY_PRESENT: NetworkEventType
NETWORK_EVENT_TYPE_SINK_PRESENT: NetworkEventType
NETWORK_EVENT_TYPE_GATEWAY_ONLINE: NetworkEventType
NETWORK_EVENT_TYPE_GATEWAY_OFFLINE: NetworkEventType
NETWORK_EVENT_TYPE_GATEWAY_UPDATED: NetworkEventType
NETWORK_EVENT_TYPE_GATEWAY_REMOVED: NetworkEventType
NETWORK_EVENT_TYPE_SINK_ADDED: NetworkEventType
NETWORK_EVENT_TYPE_SINK_UPDATED: NetworkEventType
NETWORK_EVENT_TYPE_SINK_REMOVED: NetworkEventType

class NetworkEvent(_message.Message):
    __slots__ = ("type", "gateway", "sink")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_FIELD_NUMBER: _ClassVar[int]
    SINK_FIELD_NUMBER: _ClassVar[int]
    type: NetworkEventType
    gateway: _gateway_pb2.Gateway
    sink: _sink_pb2.Sink
    def __init__(self, type: _Optional[_Union[NetworkEventType, str]] = ..., gateway: _Optional[_Union[_gateway_pb2.Gateway, _Mapping]] = ..., sink: _Optional[_Union[_sink_pb2.Sink, _Mapping]] = ...) -> None: ...
