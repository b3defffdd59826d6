import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from wirepas.mesh.v1 import otap_pb2 as _otap_pb2
from wirepas.mesh.v1 import scratchpad_pb2 as _scratchpad_pb2
from wirepas.mesh.v1 import sink_scope_pb2 as _sink_scope_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LoadScratchpadRequest(_message.Message):
    __slots__ = ("scope", "scratchpad", "sequence", "max_concurrent", "delay_between_sinks", "chunk_timeout", "max_chunk_size", "stop_at_first_failure")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    SCRATCHPAD_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    MAX_CONCURRENT_FIELD_NUMBER: _ClassVar[int]
    DELAY_BETWEEN_SINKS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    MAX_CHUNK_SIZE_FIELD_NUMBER: _ClassVar[int]
    STOP_AT_FIRST_FAILURE_FIELD_NUMBER: _ClassVar[int]
    scope: _sink_scope_pb2.SinkScope
    scratchpad: bytes
    sequence: int
    max_concurrent: int
    delay_between_sinks: _duration_pb2.Duration
    chunk_timeout: _duration_pb2.Duration
    max_chunk_size: int
    stop_at_first_failure: bool
    def __init__(self, scope: _Optional[_Union[_sink_scope_pb2.SinkScope, _Mapping]] = ..., scratchpad: _Optional[bytes] = ..., sequence: _Optional[int] = ..., max_concurrent: _Optional[int] = ..., delay_between_sinks: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., chunk_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., max_chunk_size: _Optional[int] = ..., stop_at_first_failure: bool = ...) -> None: ...

class LoadScratchpadResponse(_message.Message):
    __slots__ = ("load_id", "sequence", "file", "sinks", "summary")
    LOAD_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    SINKS_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    load_id: int
    sequence: int
    file: _otap_pb2.ScratchpadFile
    sinks: _containers.RepeatedCompositeFieldContainer[_otap_pb2.SinkLoad]
    summary: _otap_pb2.LoadSummary
    def __init__(self, load_id: _Optional[int] = ..., sequence: _Optional[int] = ..., file: _Optional[_Union[_otap_pb2.ScratchpadFile, _Mapping]] = ..., sinks: _Optional[_Iterable[_Union[_otap_pb2.SinkLoad, _Mapping]]] = ..., summary: _Optional[_Union[_otap_pb2.LoadSummary, _Mapping]] = ...) -> None: ...

class StopLoadScratchpadRequest(_message.Message):
    __slots__ = ("load_id",)
    LOAD_ID_FIELD_NUMBER: _ClassVar[int]
    load_id: int
    def __init__(self, load_id: _Optional[int] = ...) -> None: ...

class StopLoadScratchpadResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ProcessScratchpadsRequest(_message.Message):
    __slots__ = ("scope", "max_concurrent", "stop_at_first_failure")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    MAX_CONCURRENT_FIELD_NUMBER: _ClassVar[int]
    STOP_AT_FIRST_FAILURE_FIELD_NUMBER: _ClassVar[int]
    scope: _sink_scope_pb2.SinkScope
    max_concurrent: int
    stop_at_first_failure: bool
    def __init__(self, scope: _Optional[_Union[_sink_scope_pb2.SinkScope, _Mapping]] = ..., max_concurrent: _Optional[int] = ..., stop_at_first_failure: bool = ...) -> None: ...

class ProcessScratchpadsResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[_sink_scope_pb2.SinkResult]
    def __init__(self, results: _Optional[_Iterable[_Union[_sink_scope_pb2.SinkResult, _Mapping]]] = ...) -> None: ...

class SetTargetRequest(_message.Message):
    __slots__ = ("scope", "target")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    scope: _sink_scope_pb2.SinkScope
    target: _scratchpad_pb2.TargetScratchpad
    def __init__(self, scope: _Optional[_Union[_sink_scope_pb2.SinkScope, _Mapping]] = ..., target: _Optional[_Union[_scratchpad_pb2.TargetScratchpad, _Mapping]] = ...) -> None: ...

class SetTargetResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[_sink_scope_pb2.SinkResult]
    def __init__(self, results: _Optional[_Iterable[_Union[_sink_scope_pb2.SinkResult, _Mapping]]] = ...) -> None: ...

class ListScratchpadsRequest(_message.Message):
    __slots__ = ("scope",)
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    scope: _sink_scope_pb2.SinkScope
    def __init__(self, scope: _Optional[_Union[_sink_scope_pb2.SinkScope, _Mapping]] = ...) -> None: ...

class ListScratchpadsResponse(_message.Message):
    __slots__ = ("sinks", "stored_sequences", "target_sequences")
    SINKS_FIELD_NUMBER: _ClassVar[int]
    STORED_SEQUENCES_FIELD_NUMBER: _ClassVar[int]
    TARGET_SEQUENCES_FIELD_NUMBER: _ClassVar[int]
    sinks: _containers.RepeatedCompositeFieldContainer[_otap_pb2.SinkScratchpad]
    stored_sequences: _containers.RepeatedScalarFieldContainer[int]
    target_sequences: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, sinks: _Optional[_Iterable[_Union[_otap_pb2.SinkScratchpad, _Mapping]]] = ..., stored_sequences: _Optional[_Iterable[int]] = ..., target_sequences: _Optional[_Iterable[int]] = ...) -> None: ...

class RequestNodeStatusRequest(_message.Message):
    __slots__ = ("scope", "destination_address")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    scope: _sink_scope_pb2.SinkScope
    destination_address: int
    def __init__(self, scope: _Optional[_Union[_sink_scope_pb2.SinkScope, _Mapping]] = ..., destination_address: _Optional[int] = ...) -> None: ...

class RequestNodeStatusResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[_sink_scope_pb2.SinkResult]
    def __init__(self, results: _Optional[_Iterable[_Union[_sink_scope_pb2.SinkResult, _Mapping]]] = ...) -> None: ...

class NodeStatusFilter(_message.Message):
    __slots__ = ("network_addresses", "node_addresses")
    NETWORK_ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    NODE_ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    network_addresses: _containers.RepeatedScalarFieldContainer[int]
    node_addresses: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, network_addresses: _Optional[_Iterable[int]] = ..., node_addresses: _Optional[_Iterable[int]] = ...) -> None: ...

class ListNodeStatusRequest(_message.Message):
    __slots__ = ("filter", "received_since", "page_size", "page_token")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_SINCE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    filter: NodeStatusFilter
    received_since: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    def __init__(self, filter: _Optional[_Union[NodeStatusFilter, _Mapping]] = ..., received_since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListNodeStatusResponse(_message.Message):
    __slots__ = ("statuses", "next_page_token")
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    statuses: _containers.RepeatedCompositeFieldContainer[_otap_pb2.NodeStatus]
    next_page_token: str
    def __init__(self, statuses: _Optional[_Iterable[_Union[_otap_pb2.NodeStatus, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchNodeStatusRequest(_message.Message):
    __slots__ = ("filter", "include_known")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_KNOWN_FIELD_NUMBER: _ClassVar[int]
    filter: NodeStatusFilter
    include_known: bool
    def __init__(self, filter: _Optional[_Union[NodeStatusFilter, _Mapping]] = ..., include_known: bool = ...) -> None: ...

class WatchNodeStatusResponse(_message.Message):
    __slots__ = ("statuses",)
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    statuses: _containers.RepeatedCompositeFieldContainer[_otap_pb2.NodeStatus]
    def __init__(self, statuses: _Optional[_Iterable[_Union[_otap_pb2.NodeStatus, _Mapping]]] = ...) -> None: ...
