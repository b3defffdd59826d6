import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from wirepas.mesh.v1 import broker_pb2 as _broker_pb2
from wirepas.mesh.v1 import downlink_pb2 as _downlink_pb2
from wirepas.mesh.v1 import error_pb2 as _error_pb2
from wirepas.mesh.v1 import gateway_pb2 as _gateway_pb2
from wirepas.mesh.v1 import message_pb2 as _message_pb2
from wirepas.mesh.v1 import network_event_pb2 as _network_event_pb2
from wirepas.mesh.v1 import scratchpad_pb2 as _scratchpad_pb2
from wirepas.mesh.v1 import sink_pb2 as _sink_pb2
from wirepas.mesh.v1 import uplink_pb2 as _uplink_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListGatewaysRequest(_message.Message):
    __slots__ = ("include_offline", "page_size", "page_token")
    INCLUDE_OFFLINE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    include_offline: bool
    page_size: int
    page_token: str
    def __init__(self, include_offline: bool = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListGatewaysResponse(_message.Message):
    __slots__ = ("gateways", "next_page_token")
    GATEWAYS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    gateways: _containers.RepeatedCompositeFieldContainer[_gateway_pb2.Gateway]
    next_page_token: str
    def __init__(self, gateways: _Optional[_Iterable[_Union[_gateway_pb2.Gateway, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetGatewayInfoRequest(_message.Message):
    __slots__ = ("gateway_id",)
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    def __init__(self, gateway_id: _Optional[str] = ...) -> None: ...

class GetGatewayInfoResponse(_message.Message):
    __slots__ = ("info",)
    INFO_FIELD_NUMBER: _ClassVar[int]
    info: _gateway_pb2.GatewayInfo
    def __init__(self, info: _Optional[_Union[_gateway_pb2.GatewayInfo, _Mapping]] = ...) -> None: ...

class ClearGatewayStatusRequest(_message.Message):
    __slots__ = ("gateway_id",)
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    def __init__(self, gateway_id: _Optional[str] = ...) -> None: ...

class ClearGatewayStatusResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListSinksRequest(_message.Message):
    __slots__ = ("network_address", "gateway_ids", "refresh", "require_all", "page_size", "page_token")
    NETWORK_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_IDS_FIELD_NUMBER: _ClassVar[int]
    REFRESH_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_ALL_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    network_address: int
    gateway_ids: _containers.RepeatedScalarFieldContainer[str]
    refresh: bool
    require_all: bool
    page_size: int
    page_token: str
    def __init__(self, network_address: _Optional[int] = ..., gateway_ids: _Optional[_Iterable[str]] = ..., refresh: bool = ..., require_all: bool = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSinksResponse(_message.Message):
    __slots__ = ("sinks", "silent_gateway_ids", "next_page_token")
    SINKS_FIELD_NUMBER: _ClassVar[int]
    SILENT_GATEWAY_IDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    sinks: _containers.RepeatedCompositeFieldContainer[_sink_pb2.Sink]
    silent_gateway_ids: _containers.RepeatedScalarFieldContainer[str]
    next_page_token: str
    def __init__(self, sinks: _Optional[_Iterable[_Union[_sink_pb2.Sink, _Mapping]]] = ..., silent_gateway_ids: _Optional[_Iterable[str]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SetSinkConfigRequest(_message.Message):
    __slots__ = ("gateway_id", "sink_id", "update")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    SINK_ID_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    sink_id: str
    update: _sink_pb2.SinkConfigUpdate
    def __init__(self, gateway_id: _Optional[str] = ..., sink_id: _Optional[str] = ..., update: _Optional[_Union[_sink_pb2.SinkConfigUpdate, _Mapping]] = ...) -> None: ...

class SetSinkConfigResponse(_message.Message):
    __slots__ = ("sink",)
    SINK_FIELD_NUMBER: _ClassVar[int]
    sink: _sink_pb2.Sink
    def __init__(self, sink: _Optional[_Union[_sink_pb2.Sink, _Mapping]] = ...) -> None: ...

class GetConfigurationDataItemRequest(_message.Message):
    __slots__ = ("gateway_id", "sink_id", "endpoint")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    SINK_ID_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    sink_id: str
    endpoint: int
    def __init__(self, gateway_id: _Optional[str] = ..., sink_id: _Optional[str] = ..., endpoint: _Optional[int] = ...) -> None: ...

class GetConfigurationDataItemResponse(_message.Message):
    __slots__ = ("item",)
    ITEM_FIELD_NUMBER: _ClassVar[int]
    item: _sink_pb2.ConfigurationDataItem
    def __init__(self, item: _Optional[_Union[_sink_pb2.ConfigurationDataItem, _Mapping]] = ...) -> None: ...

class SetConfigurationDataItemRequest(_message.Message):
    __slots__ = ("gateway_id", "sink_id", "item")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    SINK_ID_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    sink_id: str
    item: _sink_pb2.ConfigurationDataItem
    def __init__(self, gateway_id: _Optional[str] = ..., sink_id: _Optional[str] = ..., item: _Optional[_Union[_sink_pb2.ConfigurationDataItem, _Mapping]] = ...) -> None: ...

class SetConfigurationDataItemResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WatchNetworkRequest(_message.Message):
    __slots__ = ("gateway_ids", "network_address")
    GATEWAY_IDS_FIELD_NUMBER: _ClassVar[int]
    NETWORK_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    gateway_ids: _containers.RepeatedScalarFieldContainer[str]
    network_address: int
    def __init__(self, gateway_ids: _Optional[_Iterable[str]] = ..., network_address: _Optional[int] = ...) -> None: ...

class WatchNetworkResponse(_message.Message):
    __slots__ = ("events", "snapshot_complete")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_COMPLETE_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_network_event_pb2.NetworkEvent]
    snapshot_complete: bool
    def __init__(self, events: _Optional[_Iterable[_Union[_network_event_pb2.NetworkEvent, _Mapping]]] = ..., snapshot_complete: bool = ...) -> None: ...

class WatchBrokerRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WatchBrokerResponse(_message.Message):
    __slots__ = ("state",)
    STATE_FIELD_NUMBER: _ClassVar[int]
    state: _broker_pb2.BrokerState
    def __init__(self, state: _Optional[_Union[_broker_pb2.BrokerState, _Mapping]] = ...) -> None: ...

class SendMessageRequest(_message.Message):
    __slots__ = ("gateway_id", "sink_id", "message", "request_id")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    SINK_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    sink_id: str
    message: _message_pb2.Message
    request_id: int
    def __init__(self, gateway_id: _Optional[str] = ..., sink_id: _Optional[str] = ..., message: _Optional[_Union[_message_pb2.Message, _Mapping]] = ..., request_id: _Optional[int] = ...) -> None: ...

class SendMessageResponse(_message.Message):
    __slots__ = ("request_id", "gateway_time")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_TIME_FIELD_NUMBER: _ClassVar[int]
    request_id: int
    gateway_time: _duration_pb2.Duration
    def __init__(self, request_id: _Optional[int] = ..., gateway_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class SendMessagesRequest(_message.Message):
    __slots__ = ("correlation_id", "request")
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    correlation_id: int
    request: SendMessageRequest
    def __init__(self, correlation_id: _Optional[int] = ..., request: _Optional[_Union[SendMessageRequest, _Mapping]] = ...) -> None: ...

class SendMessagesResponse(_message.Message):
    __slots__ = ("correlation_id", "sent", "error")
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    correlation_id: int
    sent: SendMessageResponse
    error: _error_pb2.CallError
    def __init__(self, correlation_id: _Optional[int] = ..., sent: _Optional[_Union[SendMessageResponse, _Mapping]] = ..., error: _Optional[_Union[_error_pb2.CallError, _Mapping]] = ...) -> None: ...

class BroadcastMessageRequest(_message.Message):
    __slots__ = ("network_address", "gateway_ids", "message")
    NETWORK_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_IDS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    network_address: int
    gateway_ids: _containers.RepeatedScalarFieldContainer[str]
    message: _message_pb2.Message
    def __init__(self, network_address: _Optional[int] = ..., gateway_ids: _Optional[_Iterable[str]] = ..., message: _Optional[_Union[_message_pb2.Message, _Mapping]] = ...) -> None: ...

class BroadcastResult(_message.Message):
    __slots__ = ("gateway_id", "sink_id", "sent", "error")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    SINK_ID_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    sink_id: str
    sent: SendMessageResponse
    error: _error_pb2.CallError
    def __init__(self, gateway_id: _Optional[str] = ..., sink_id: _Optional[str] = ..., sent: _Optional[_Union[SendMessageResponse, _Mapping]] = ..., error: _Optional[_Union[_error_pb2.CallError, _Mapping]] = ...) -> None: ...

class BroadcastMessageResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[BroadcastResult]
    def __init__(self, results: _Optional[_Iterable[_Union[BroadcastResult, _Mapping]]] = ...) -> None: ...

class SubscribeUplinkRequest(_message.Message):
    __slots__ = ("filter", "after_cursor", "from_time", "oldest", "allow_gap")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    AFTER_CURSOR_FIELD_NUMBER: _ClassVar[int]
    FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    OLDEST_FIELD_NUMBER: _ClassVar[int]
    ALLOW_GAP_FIELD_NUMBER: _ClassVar[int]
    filter: _uplink_pb2.UplinkFilter
    after_cursor: bytes
    from_time: _timestamp_pb2.Timestamp
    oldest: bool
    allow_gap: bool
    def __init__(self, filter: _Optional[_Union[_uplink_pb2.UplinkFilter, _Mapping]] = ..., after_cursor: _Optional[bytes] = ..., from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., oldest: bool = ..., allow_gap: bool = ...) -> None: ...

class SubscribeUplinkResponse(_message.Message):
    __slots__ = ("uplinks", "cursor", "gap")
    UPLINKS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    GAP_FIELD_NUMBER: _ClassVar[int]
    uplinks: _containers.RepeatedCompositeFieldContainer[_uplink_pb2.Uplink]
    cursor: bytes
    gap: _uplink_pb2.Gap
    def __init__(self, uplinks: _Optional[_Iterable[_Union[_uplink_pb2.Uplink, _Mapping]]] = ..., cursor: _Optional[bytes] = ..., gap: _Optional[_Union[_uplink_pb2.Gap, _Mapping]] = ...) -> None: ...

class SubscribeDownlinkRequest(_message.Message):
    __slots__ = ("filter",)
    FILTER_FIELD_NUMBER: _ClassVar[int]
    filter: _downlink_pb2.DownlinkFilter
    def __init__(self, filter: _Optional[_Union[_downlink_pb2.DownlinkFilter, _Mapping]] = ...) -> None: ...

class SubscribeDownlinkResponse(_message.Message):
    __slots__ = ("downlinks", "gap")
    DOWNLINKS_FIELD_NUMBER: _ClassVar[int]
    GAP_FIELD_NUMBER: _ClassVar[int]
    downlinks: _containers.RepeatedCompositeFieldContainer[_downlink_pb2.Downlink]
    gap: _uplink_pb2.Gap
    def __init__(self, downlinks: _Optional[_Iterable[_Union[_downlink_pb2.Downlink, _Mapping]]] = ..., gap: _Optional[_Union[_uplink_pb2.Gap, _Mapping]] = ...) -> None: ...

class GetScratchpadStatusRequest(_message.Message):
    __slots__ = ("gateway_id", "sink_id")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    SINK_ID_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    sink_id: str
    def __init__(self, gateway_id: _Optional[str] = ..., sink_id: _Optional[str] = ...) -> None: ...

class GetScratchpadStatusResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: _scratchpad_pb2.ScratchpadStatus
    def __init__(self, status: _Optional[_Union[_scratchpad_pb2.ScratchpadStatus, _Mapping]] = ...) -> None: ...

class UploadScratchpadRequest(_message.Message):
    __slots__ = ("gateway_id", "sink_id", "sequence", "scratchpad", "max_chunk_size")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    SINK_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    SCRATCHPAD_FIELD_NUMBER: _ClassVar[int]
    MAX_CHUNK_SIZE_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    sink_id: str
    sequence: int
    scratchpad: bytes
    max_chunk_size: int
    def __init__(self, gateway_id: _Optional[str] = ..., sink_id: _Optional[str] = ..., sequence: _Optional[int] = ..., scratchpad: _Optional[bytes] = ..., max_chunk_size: _Optional[int] = ...) -> None: ...

class UploadScratchpadResponse(_message.Message):
    __slots__ = ("accepted_bytes", "total_bytes", "done")
    ACCEPTED_BYTES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    accepted_bytes: int
    total_bytes: int
    done: bool
    def __init__(self, accepted_bytes: _Optional[int] = ..., total_bytes: _Optional[int] = ..., done: bool = ...) -> None: ...

class ProcessScratchpadRequest(_message.Message):
    __slots__ = ("gateway_id", "sink_id")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    SINK_ID_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    sink_id: str
    def __init__(self, gateway_id: _Optional[str] = ..., sink_id: _Optional[str] = ...) -> None: ...

class ProcessScratchpadResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SetTargetScratchpadRequest(_message.Message):
    __slots__ = ("gateway_id", "sink_id", "target")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    SINK_ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    sink_id: str
    target: _scratchpad_pb2.TargetScratchpad
    def __init__(self, gateway_id: _Optional[str] = ..., sink_id: _Optional[str] = ..., target: _Optional[_Union[_scratchpad_pb2.TargetScratchpad, _Mapping]] = ...) -> None: ...

class SetTargetScratchpadResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
