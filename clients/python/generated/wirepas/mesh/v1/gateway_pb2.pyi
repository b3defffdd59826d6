import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GatewayFeature(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GATEWAY_FEATURE_UNSPECIFIED: _ClassVar[GatewayFeature]
    GATEWAY_FEATURE_SCRATCHPAD_CHUNK_V1: _ClassVar[GatewayFeature]
    GATEWAY_FEATURE_CONFIGURATION_DATA_V1: _ClassVar[GatewayFeature]
    GATEWAY_FEATURE_SINK_KEY_MANAGEMENT_V1: _ClassVar[GatewayFeature]
    GATEWAY_FEATURE_VIRTUAL_NODE_V1: _ClassVar[GatewayFeature]
GATEWAY_FEATURE_UNSPECIFIED: GatewayFeature
GATEWAY_FEATURE_SCRATCHPAD_CHUNK_V1: GatewayFeature
GATEWAY_FEATURE_CONFIGURATION_DATA_V1: GatewayFeature
GATEWAY_FEATURE_SINK_KEY_MANAGEMENT_V1: GatewayFeature
GATEWAY_FEATURE_VIRTUAL_NODE_V1: GatewayFeature

class Gateway(_message.Message):
    __slots__ = ("gateway_id", "online", "model", "version", "features", "max_scratchpad_size", "sink_ids", "status_time")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    ONLINE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    MAX_SCRATCHPAD_SIZE_FIELD_NUMBER: _ClassVar[int]
    SINK_IDS_FIELD_NUMBER: _ClassVar[int]
    STATUS_TIME_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    online: bool
    model: str
    version: str
    features: _containers.RepeatedScalarFieldContainer[GatewayFeature]
    max_scratchpad_size: int
    sink_ids: _containers.RepeatedScalarFieldContainer[str]
    status_time: _timestamp_pb2.Timestamp
    def __init__(self, gateway_id: _Optional[str] = ..., online: bool = ..., model: _Optional[str] = ..., version: _Optional[str] = ..., features: _Optional[_Iterable[_Union[GatewayFeature, str]]] = ..., max_scratchpad_size: _Optional[int] = ..., sink_ids: _Optional[_Iterable[str]] = ..., status_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GatewayInfo(_message.Message):
    __slots__ = ("gateway_id", "current_time", "model", "version", "implemented_api_version", "features", "max_scratchpad_size")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENT_TIME_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    IMPLEMENTED_API_VERSION_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    MAX_SCRATCHPAD_SIZE_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    current_time: _timestamp_pb2.Timestamp
    model: str
    version: str
    implemented_api_version: int
    features: _containers.RepeatedScalarFieldContainer[GatewayFeature]
    max_scratchpad_size: int
    def __init__(self, gateway_id: _Optional[str] = ..., current_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., model: _Optional[str] = ..., version: _Optional[str] = ..., implemented_api_version: _Optional[int] = ..., features: _Optional[_Iterable[_Union[GatewayFeature, str]]] = ..., max_scratchpad_size: _Optional[int] = ...) -> None: ...
