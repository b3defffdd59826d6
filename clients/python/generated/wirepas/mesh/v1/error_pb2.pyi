from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ResultCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESULT_CODE_UNSPECIFIED: _ClassVar[ResultCode]
    RESULT_CODE_OK: _ClassVar[ResultCode]
    RESULT_CODE_INTERNAL_ERROR: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_SINK_ID: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_ROLE: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_NETWORK_ADDRESS: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_NETWORK_CHANNEL: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_CHANNEL_MAP: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_NETWORK_KEYS: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_AC_RANGE: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_SINK_STATE: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_DEST_ADDRESS: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_DEST_ENDPOINT: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_SRC_ENDPOINT: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_QOS: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_DATA_PAYLOAD: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_SCRATCHPAD: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_SCRATCHPAD_SIZE: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_SEQUENCE_NUMBER: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_REBOOT_DELAY: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_DIAG_INTERVAL: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_APP_CONFIG: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_PARAM: _ClassVar[ResultCode]
    RESULT_CODE_NO_SCRATCHPAD_PRESENT: _ClassVar[ResultCode]
    RESULT_CODE_ACCESS_DENIED: _ClassVar[ResultCode]
    RESULT_CODE_REQUEST_NEEDS_SINK_ID: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_MAX_HOP_COUNT: _ClassVar[ResultCode]
    RESULT_CODE_SINK_OUT_OF_MEMORY: _ClassVar[ResultCode]
    RESULT_CODE_SINK_TIMEOUT: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_SCRATCHPAD_CHUNK_OFFSET: _ClassVar[ResultCode]
    RESULT_CODE_INVALID_SCRATCHPAD_CHUNK_SIZE: _ClassVar[ResultCode]
    RESULT_CODE_UNKNOWN: _ClassVar[ResultCode]
RESULT_CODE_UNSPECIFIED: ResultCode
RESULT_CODE_OK: ResultCode
RESULT_CODE_INTERNAL_ERROR: ResultCode
RESULT_CODE_INVALID_SINK_ID: ResultCode
RESULT_CODE_INVALID_ROLE: ResultCode
RESULT_CODE_INVALID_NETWORK_ADDRESS: ResultCode
RESULT_CODE_INVALID_NETWORK_CHANNEL: ResultCode
RESULT_CODE_INVALID_CHANNEL_MAP: ResultCode
RESULT_CODE_INVALID_NETWORK_KEYS: ResultCode
RESULT_CODE_INVALID_AC_RANGE: ResultCode
RESULT_CODE_INVALID_SINK_STATE: ResultCode
RESULT_CODE_INVALID_DEST_ADDRESS: ResultCode
RESULT_CODE_INVALID_DEST_ENDPOINT: ResultCode
RESULT_CODE_INVALID_SRC_ENDPOINT: ResultCode
RESULT_CODE_INVALID_QOS: ResultCode
RESULT_CODE_INVALID_DATA_PAYLOAD: ResultCode
RESULT_CODE_INVALID_SCRATCHPAD: ResultCode
RESULT_CODE_INVALID_SCRATCHPAD_SIZE: ResultCode
RESULT_CODE_INVALID_SEQUENCE_NUMBER: ResultCode
RESULT_CODE_INVALID_REBOOT_DELAY: ResultCode
RESULT_CODE_INVALID_DIAG_INTERVAL: ResultCode
RESULT_CODE_INVALID_APP_CONFIG: ResultCode
RESULT_CODE_INVALID_PARAM: ResultCode
RESULT_CODE_NO_SCRATCHPAD_PRESENT: ResultCode
RESULT_CODE_ACCESS_DENIED: ResultCode
RESULT_CODE_REQUEST_NEEDS_SINK_ID: ResultCode
RESULT_CODE_INVALID_MAX_HOP_COUNT: ResultCode
RESULT_CODE_SINK_OUT_OF_MEMORY: ResultCode
RESULT_CODE_SINK_TIMEOUT: ResultCode
RESULT_CODE_INVALID_SCRATCHPAD_CHUNK_OFFSET: ResultCode
RESULT_CODE_INVALID_SCRATCHPAD_CHUNK_SIZE: ResultCode
RESULT_CODE_UNKNOWN: ResultCode

class GatewayError(_message.Message):
    __slots__ = ("gateway_id", "sink_id", "result", "request_id")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    SINK_ID_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    sink_id: str
    result: ResultCode
    request_id: int
    def __init__(self, gateway_id: _Optional[str] = ..., sink_id: _Optional[str] = ..., result: _Optional[_Union[ResultCode, str]] = ..., request_id: _Optional[int] = ...) -> None: ...

class CallError(_message.Message):
    __slots__ = ("code", "message", "gateway_error")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_ERROR_FIELD_NUMBER: _ClassVar[int]
    code: int
    message: str
    gateway_error: GatewayError
    def __init__(self, code: _Optional[int] = ..., message: _Optional[str] = ..., gateway_error: _Optional[_Union[GatewayError, _Mapping]] = ...) -> None: ...
