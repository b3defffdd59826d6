import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from wirepas.mesh.v1 import error_pb2 as _error_pb2
from wirepas.mesh.v1 import scratchpad_pb2 as _scratchpad_pb2
from wirepas.mesh.v1 import sink_pb2 as _sink_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SinkLoadState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SINK_LOAD_STATE_UNSPECIFIED: _ClassVar[SinkLoadState]
    SINK_LOAD_STATE_QUEUED: _ClassVar[SinkLoadState]
    SINK_LOAD_STATE_UPLOADING: _ClassVar[SinkLoadState]
    SINK_LOAD_STATE_VERIFYING: _ClassVar[SinkLoadState]
    SINK_LOAD_STATE_DONE: _ClassVar[SinkLoadState]
    SINK_LOAD_STATE_FAILED: _ClassVar[SinkLoadState]
    SINK_LOAD_STATE_STOPPED: _ClassVar[SinkLoadState]

class NodeScratchpadType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NODE_SCRATCHPAD_TYPE_UNSPECIFIED: _ClassVar[NodeScratchpadType]
    NODE_SCRATCHPAD_TYPE_BLANK: _ClassVar[NodeScratchpadType]
    NODE_SCRATCHPAD_TYPE_PRESENT: _ClassVar[NodeScratchpadType]
    NODE_SCRATCHPAD_TYPE_PROCESS: _ClassVar[NodeScratchpadType]

class NodeScratchpadState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NODE_SCRATCHPAD_STATE_UNSPECIFIED: _ClassVar[NodeScratchpadState]
    NODE_SCRATCHPAD_STATE_SUCCESS: _ClassVar[NodeScratchpadState]
    NODE_SCRATCHPAD_STATE_FLASH_ERROR: _ClassVar[NodeScratchpadState]
    NODE_SCRATCHPAD_STATE_INVALID_HEADER: _ClassVar[NodeScratchpadState]
    NODE_SCRATCHPAD_STATE_INVALID_CRC: _ClassVar[NodeScratchpadState]
    NODE_SCRATCHPAD_STATE_AUTHENTICATION_ERROR: _ClassVar[NodeScratchpadState]
    NODE_SCRATCHPAD_STATE_DECOMPRESSION_ERROR: _ClassVar[NodeScratchpadState]
    NODE_SCRATCHPAD_STATE_NO_SPACE: _ClassVar[NodeScratchpadState]
    NODE_SCRATCHPAD_STATE_INVALID_FILE_HEADER: _ClassVar[NodeScratchpadState]
    NODE_SCRATCHPAD_STATE_FLASH_DRIVER_ERROR: _ClassVar[NodeScratchpadState]
    NODE_SCRATCHPAD_STATE_NEW: _ClassVar[NodeScratchpadState]
SINK_LOAD_STATE_UNSPECIFIED: SinkLoadState
SINK_LOAD_STATE_QUEUED: SinkLoadState
SINK_LOAD_STATE_UPLOADING: SinkLoadState
SINK_LOAD_STATE_VERIFYING: SinkLoadState
SINK_LOAD_STATE_DONE: SinkLoadState
SINK_LOAD_STATE_FAILED: SinkLoadState
SINK_LOAD_STATE_STOPPED: SinkLoadState
NODE_SCRATCHPAD_TYPE_UNSPECIFIED: NodeScratchpadType
NODE_SCRATCHPAD_TYPE_BLANK: NodeScratchpadType
NODE_SCRATCHPAD_TYPE_PRESENT: NodeScratchpadType
NODE_SCRATCHPAD_TYPE_PROCESS: NodeScratchpadType
NODE_SCRATCHPAD_STATE_UNSPECIFIED: NodeScratchpadState
NODE_SCRATCHPAD_STATE_SUCCESS: NodeScratchpadState
NODE_SCRATCHPAD_STATE_FLASH_ERROR: NodeScratchpadState
NODE_SCRATCHPAD_STATE_INVALID_HEADER: NodeScratchpadState
NODE_SCRATCHPAD_STATE_INVALID_CRC: NodeScratchpadState
NODE_SCRATCHPAD_STATE_AUTHENTICATION_ERROR: NodeScratchpadState
NODE_SCRATCHPAD_STATE_DECOMPRESSION_ERROR: NodeScratchpadState
NODE_SCRATCHPAD_STATE_NO_SPACE: NodeScratchpadState
NODE_SCRATCHPAD_STATE_INVALID_FILE_HEADER: NodeScratchpadState
NODE_SCRATCHPAD_STATE_FLASH_DRIVER_ERROR: NodeScratchpadState
NODE_SCRATCHPAD_STATE_NEW: NodeScratchpadState

class ScratchpadFile(_message.Message):
    __slots__ = ("size", "crc")
    SIZE_FIELD_NUMBER: _ClassVar[int]
    CRC_FIELD_NUMBER: _ClassVar[int]
    size: int
    crc: int
    def __init__(self, size: _Optional[int] = ..., crc: _Optional[int] = ...) -> None: ...

class SinkLoad(_message.Message):
    __slots__ = ("sink", "state", "accepted_bytes", "error")
    SINK_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_BYTES_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    sink: _sink_pb2.SinkRef
    state: SinkLoadState
    accepted_bytes: int
    error: _error_pb2.CallError
    def __init__(self, sink: _Optional[_Union[_sink_pb2.SinkRef, _Mapping]] = ..., state: _Optional[_Union[SinkLoadState, str]] = ..., accepted_bytes: _Optional[int] = ..., error: _Optional[_Union[_error_pb2.CallError, _Mapping]] = ...) -> None: ...

class LoadSummary(_message.Message):
    __slots__ = ("sinks", "done_count", "failed_count", "stopped_count")
    SINKS_FIELD_NUMBER: _ClassVar[int]
    DONE_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAILED_COUNT_FIELD_NUMBER: _ClassVar[int]
    STOPPED_COUNT_FIELD_NUMBER: _ClassVar[int]
    sinks: _containers.RepeatedCompositeFieldContainer[SinkLoad]
    done_count: int
    failed_count: int
    stopped_count: int
    def __init__(self, sinks: _Optional[_Iterable[_Union[SinkLoad, _Mapping]]] = ..., done_count: _Optional[int] = ..., failed_count: _Optional[int] = ..., stopped_count: _Optional[int] = ...) -> None: ...

class SinkScratchpad(_message.Message):
    __slots__ = ("sink", "status", "error")
    SINK_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    sink: _sink_pb2.SinkRef
    status: _scratchpad_pb2.ScratchpadStatus
    error: _error_pb2.CallError
    def __init__(self, sink: _Optional[_Union[_sink_pb2.SinkRef, _Mapping]] = ..., status: _Optional[_Union[_scratchpad_pb2.ScratchpadStatus, _Mapping]] = ..., error: _Optional[_Union[_error_pb2.CallError, _Mapping]] = ...) -> None: ...

class NodeFirmware(_message.Message):
    __slots__ = ("scratchpad", "area_id", "version")
    SCRATCHPAD_FIELD_NUMBER: _ClassVar[int]
    AREA_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    scratchpad: _scratchpad_pb2.ScratchpadInfo
    area_id: int
    version: _sink_pb2.FirmwareVersion
    def __init__(self, scratchpad: _Optional[_Union[_scratchpad_pb2.ScratchpadInfo, _Mapping]] = ..., area_id: _Optional[int] = ..., version: _Optional[_Union[_sink_pb2.FirmwareVersion, _Mapping]] = ...) -> None: ...

class NodeTarget(_message.Message):
    __slots__ = ("action", "sequence", "crc", "delay", "remaining_delay")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CRC_FIELD_NUMBER: _ClassVar[int]
    DELAY_FIELD_NUMBER: _ClassVar[int]
    REMAINING_DELAY_FIELD_NUMBER: _ClassVar[int]
    action: _scratchpad_pb2.ScratchpadAction
    sequence: int
    crc: int
    delay: _duration_pb2.Duration
    remaining_delay: _duration_pb2.Duration
    def __init__(self, action: _Optional[_Union[_scratchpad_pb2.ScratchpadAction, str]] = ..., sequence: _Optional[int] = ..., crc: _Optional[int] = ..., delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., remaining_delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class NodeStatus(_message.Message):
    __slots__ = ("network_address", "node_address", "sink", "receive_time", "send_time", "report_version", "stored", "stored_type", "stored_state", "stored_state_code", "stack", "application", "target")
    NETWORK_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    NODE_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SINK_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    REPORT_VERSION_FIELD_NUMBER: _ClassVar[int]
    STORED_FIELD_NUMBER: _ClassVar[int]
    STORED_TYPE_FIELD_NUMBER: _ClassVar[int]
    STORED_STATE_FIELD_NUMBER: _ClassVar[int]
    STORED_STATE_CODE_FIELD_NUMBER: _ClassVar[int]
    STACK_FIELD_NUMBER: _ClassVar[int]
    APPLICATION_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    network_address: int
    node_address: int
    sink: _sink_pb2.SinkRef
    receive_time: _timestamp_pb2.Timestamp
    send_time: _timestamp_pb2.Timestamp
    report_version: int
    stored: _scratchpad_pb2.ScratchpadInfo
    stored_type: NodeScratchpadType
    stored_state: NodeScratchpadState
    stored_state_code: int
    stack: NodeFirmware
    application: NodeFirmware
    target: NodeTarget
    def __init__(self, network_address: _Optional[int] = ..., node_address: _Optional[int] = ..., sink: _Optional[_Union[_sink_pb2.SinkRef, _Mapping]] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., report_version: _Optional[int] = ..., stored: _Optional[_Union[_scratchpad_pb2.ScratchpadInfo, _Mapping]] = ..., stored_type: _Optional[_Union[NodeScratchpadType, str]] = ..., stored_state: _Optional[_Union[NodeScratchpadState, str]] = ..., stored_state_code: _Optional[int] = ..., stack: _Optional[_Union[NodeFirmware, _Mapping]] = ..., application: _Optional[_Union[NodeFirmware, _Mapping]] = ..., target: _Optional[_Union[NodeTarget, _Mapping]] = ...) -> None: ...
