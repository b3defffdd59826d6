from wirepas.mesh.v1 import error_pb2 as _error_pb2
from wirepas.mesh.v1 import sink_pb2 as _sink_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AppConfigOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    APP_CONFIG_OUTCOME_UNSPECIFIED: _ClassVar[AppConfigOutcome]
    APP_CONFIG_OUTCOME_UNCHANGED: _ClassVar[AppConfigOutcome]
    APP_CONFIG_OUTCOME_CHANGED: _ClassVar[AppConfigOutcome]
    APP_CONFIG_OUTCOME_CHECKED: _ClassVar[AppConfigOutcome]
    APP_CONFIG_OUTCOME_REFUSED: _ClassVar[AppConfigOutcome]
    APP_CONFIG_OUTCOME_FAILED: _ClassVar[AppConfigOutcome]
APP_CONFIG_OUTCOME_UNSPECIFIED: AppConfigOutcome
APP_CONFIG_OUTCOME_UNCHANGED: AppConfigOutcome
APP_CONFIG_OUTCOME_CHANGED: AppConfigOutcome
APP_CONFIG_OUTCOME_CHECKED: AppConfigOutcome
APP_CONFIG_OUTCOME_REFUSED: AppConfigOutcome
APP_CONFIG_OUTCOME_FAILED: AppConfigOutcome

class AppConfigEntry(_message.Message):
    __slots__ = ("type", "value")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    type: int
    value: bytes
    def __init__(self, type: _Optional[int] = ..., value: _Optional[bytes] = ...) -> None: ...

class SinkAppConfig(_message.Message):
    __slots__ = ("sink", "app_config", "is_tlv", "entries", "max_size")
    SINK_FIELD_NUMBER: _ClassVar[int]
    APP_CONFIG_FIELD_NUMBER: _ClassVar[int]
    IS_TLV_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    MAX_SIZE_FIELD_NUMBER: _ClassVar[int]
    sink: _sink_pb2.SinkRef
    app_config: _sink_pb2.AppConfig
    is_tlv: bool
    entries: _containers.RepeatedCompositeFieldContainer[AppConfigEntry]
    max_size: int
    def __init__(self, sink: _Optional[_Union[_sink_pb2.SinkRef, _Mapping]] = ..., app_config: _Optional[_Union[_sink_pb2.AppConfig, _Mapping]] = ..., is_tlv: bool = ..., entries: _Optional[_Iterable[_Union[AppConfigEntry, _Mapping]]] = ..., max_size: _Optional[int] = ...) -> None: ...

class AppConfigChange(_message.Message):
    __slots__ = ("sink", "outcome", "size_before", "size_after", "max_size", "error")
    SINK_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    SIZE_BEFORE_FIELD_NUMBER: _ClassVar[int]
    SIZE_AFTER_FIELD_NUMBER: _ClassVar[int]
    MAX_SIZE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    sink: _sink_pb2.SinkRef
    outcome: AppConfigOutcome
    size_before: int
    size_after: int
    max_size: int
    error: _error_pb2.CallError
    def __init__(self, sink: _Optional[_Union[_sink_pb2.SinkRef, _Mapping]] = ..., outcome: _Optional[_Union[AppConfigOutcome, str]] = ..., size_before: _Optional[int] = ..., size_after: _Optional[int] = ..., max_size: _Optional[int] = ..., error: _Optional[_Union[_error_pb2.CallError, _Mapping]] = ...) -> None: ...
