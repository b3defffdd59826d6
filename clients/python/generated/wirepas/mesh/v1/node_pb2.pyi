import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from wirepas.mesh.v1 import sink_pb2 as _sink_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NodeEventType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NODE_EVENT_TYPE_UNSPECIFIED: _ClassVar[NodeEventType]
    NODE_EVENT_TYPE_PRESENT: _ClassVar[NodeEventType]
    NODE_EVENT_TYPE_ADDED: _ClassVar[NodeEventType]
    NODE_EVENT_TYPE_UPDATED: _ClassVar[NodeEventType]
    NODE_EVENT_TYPE_REMOVED: _ClassVar[NodeEventType]
NODE_EVENT_TYPE_UNSPECIFIED: NodeEventType
NODE_EVENT_TYPE_PRESENT: NodeEventType
NODE_EVENT_TYPE_ADDED: NodeEventType
NODE_EVENT_TYPE_UPDATED: NodeEventType
NODE_EVENT_TYPE_REMOVED: NodeEventType

class EndpointTraffic(_message.Message):
    __slots__ = ("source_endpoint", "destination_endpoint", "packet_count")
    SOURCE_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    PACKET_COUNT_FIELD_NUMBER: _ClassVar[int]
    source_endpoint: int
    destination_endpoint: int
    packet_count: int
    def __init__(self, source_endpoint: _Optional[int] = ..., destination_endpoint: _Optional[int] = ..., packet_count: _Optional[int] = ...) -> None: ...

class Node(_message.Message):
    __slots__ = ("network_address", "node_address", "first_seen", "last_seen", "last_sink", "packet_count", "last_hop_count", "mean_hop_count", "last_travel_time", "mean_travel_time", "endpoints")
    NETWORK_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    NODE_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEEN_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_FIELD_NUMBER: _ClassVar[int]
    LAST_SINK_FIELD_NUMBER: _ClassVar[int]
    PACKET_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_HOP_COUNT_FIELD_NUMBER: _ClassVar[int]
    MEAN_HOP_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_TRAVEL_TIME_FIELD_NUMBER: _ClassVar[int]
    MEAN_TRAVEL_TIME_FIELD_NUMBER: _ClassVar[int]
    ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    network_address: int
    node_address: int
    first_seen: _timestamp_pb2.Timestamp
    last_seen: _timestamp_pb2.Timestamp
    last_sink: _sink_pb2.SinkRef
    packet_count: int
    last_hop_count: int
    mean_hop_count: float
    last_travel_time: _duration_pb2.Duration
    mean_travel_time: _duration_pb2.Duration
    endpoints: _containers.RepeatedCompositeFieldContainer[EndpointTraffic]
    def __init__(self, network_address: _Optional[int] = ..., node_address: _Optional[int] = ..., first_seen: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_seen: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_sink: _Optional[_Union[_sink_pb2.SinkRef, _Mapping]] = ..., packet_count: _Optional[int] = ..., last_hop_count: _Optional[int] = ..., mean_hop_count: _Optional[float] = ..., last_travel_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., mean_travel_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., endpoints: _Optional[_Iterable[_Union[EndpointTraffic, _Mapping]]] = ...) -> None: ...

class NodeEvent(_message.Message):
    __slots__ = ("type", "node")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    type: NodeEventType
    node: Node
    def __init__(self, type: _Optional[_Union[NodeEventType, str]] = ..., node: _Optional[_Union[Node, _Mapping]] = ...) -> None: ...
