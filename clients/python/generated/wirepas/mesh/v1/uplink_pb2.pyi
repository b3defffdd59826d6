import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GapReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GAP_REASON_UNSPECIFIED: _ClassVar[GapReason]
    GAP_REASON_SLOW_SUBSCRIBER: _ClassVar[GapReason]
    GAP_REASON_CURSOR_EXPIRED: _ClassVar[GapReason]
    GAP_REASON_SERVICE_RESTARTED: _ClassVar[GapReason]
    GAP_REASON_BROKER_DISCONNECTED: _ClassVar[GapReason]
    GAP_REASON_NOT_SUBSCRIBED: _ClassVar[GapReason]
    GAP_REASON_STORAGE_LOSS: _ClassVar[GapReason]
GAP_REASON_UNSPECIFIED: GapReason
GAP_REASON_SLOW_SUBSCRIBER: GapReason
GAP_REASON_CURSOR_EXPIRED: GapReason
GAP_REASON_SERVICE_RESTARTED: GapReason
GAP_REASON_BROKER_DISCONNECTED: GapReason
GAP_REASON_NOT_SUBSCRIBED: GapReason
GAP_REASON_STORAGE_LOSS: GapReason

class Uplink(_message.Message):
    __slots__ = ("gateway_id", "sink_id", "network_address", "source_address", "destination_address", "source_endpoint", "destination_endpoint", "qos", "payload", "payload_size", "hop_count", "travel_time", "receive_time", "event_id")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    SINK_ID_FIELD_NUMBER: _ClassVar[int]
    NETWORK_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    QOS_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_SIZE_FIELD_NUMBER: _ClassVar[int]
    HOP_COUNT_FIELD_NUMBER: _ClassVar[int]
    TRAVEL_TIME_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    sink_id: str
    network_address: int
    source_address: int
    destination_address: int
    source_endpoint: int
    destination_endpoint: int
    qos: int
    payload: bytes
    payload_size: int
    hop_count: int
    travel_time: _duration_pb2.Duration
    receive_time: _timestamp_pb2.Timestamp
    event_id: int
    def __init__(self, gateway_id: _Optional[str] = ..., sink_id: _Optional[str] = ..., network_address: _Optional[int] = ..., source_address: _Optional[int] = ..., destination_address: _Optional[int] = ..., source_endpoint: _Optional[int] = ..., destination_endpoint: _Optional[int] = ..., qos: _Optional[int] = ..., payload: _Optional[bytes] = ..., payload_size: _Optional[int] = ..., hop_count: _Optional[int] = ..., travel_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., event_id: _Optional[int] = ...) -> None: ...

class UplinkFilter(_message.Message):
    __slots__ = ("gateway_ids", "sink_ids", "network_addresses", "source_addresses", "source_endpoints", "destination_endpoints")
    GATEWAY_IDS_FIELD_NUMBER: _ClassVar[int]
    SINK_IDS_FIELD_NUMBER: _ClassVar[int]
    NETWORK_ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    gateway_ids: _containers.RepeatedScalarFieldContainer[str]
    sink_ids: _containers.RepeatedScalarFieldContainer[str]
    network_addresses: _containers.RepeatedScalarFieldContainer[int]
    source_addresses: _containers.RepeatedScalarFieldContainer[int]
    source_endpoints: _containers.RepeatedScalarFieldContainer[int]
    destination_endpoints: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, gateway_ids: _Optional[_Iterable[str]] = ..., sink_ids: _Optional[_Iterable[str]] = ..., network_addresses: _Optional[_Iterable[int]] = ..., source_addresses: _Optional[_Iterable[int]] = ..., source_endpoints: _Optional[_Iterable[int]] = ..., destination_endpoints: _Optional[_Iterable[int]] = ...) -> None: ...

class Gap(_message.Message):
    __slots__ = ("lost_packets", "reason")
    LOST_PACKETS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    lost_packets: int
    reason: GapReason
    def __init__(self, lost_packets: _Optional[int] = ..., reason: _Optional[_Union[GapReason, str]] = ...) -> None: ...
