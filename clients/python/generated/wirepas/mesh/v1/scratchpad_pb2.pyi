from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ScratchpadType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCRATCHPAD_TYPE_UNSPECIFIED: _ClassVar[ScratchpadType]
    SCRATCHPAD_TYPE_BLANK: _ClassVar[ScratchpadType]
    SCRATCHPAD_TYPE_PRESENT: _ClassVar[ScratchpadType]
    SCRATCHPAD_TYPE_PROCESS: _ClassVar[ScratchpadType]

class ScratchpadState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCRATCHPAD_STATE_UNSPECIFIED: _ClassVar[ScratchpadState]
    SCRATCHPAD_STATE_SUCCESS: _ClassVar[ScratchpadState]
    SCRATCHPAD_STATE_NEW: _ClassVar[ScratchpadState]
    SCRATCHPAD_STATE_ERROR: _ClassVar[ScratchpadState]

class ScratchpadAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCRATCHPAD_ACTION_UNSPECIFIED: _ClassVar[ScratchpadAction]
    SCRATCHPAD_ACTION_NO_OTAP: _ClassVar[ScratchpadAction]
    SCRATCHPAD_ACTION_PROPAGATE_ONLY: _ClassVar[ScratchpadAction]
    SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS: _ClassVar[ScratchpadAction]
    SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY: _ClassVar[ScratchpadAction]
    SCRATCHPAD_ACTION_LEGACY_OTAP: _ClassVar[ScratchpadAction]

class ScratchpadDelay(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCRATCHPAD_DELAY_UNSPECIFIED: _ClassVar[ScratchpadDelay]
    SCRATCHPAD_DELAY_TEN_MINUTES: _ClassVar[ScratchpadDelay]
    SCRATCHPAD_DELAY_THIRTY_MINUTES: _ClassVar[ScratchpadDelay]
    SCRATCHPAD_DELAY_ONE_HOUR: _ClassVar[ScratchpadDelay]
    SCRATCHPAD_DELAY_SIX_HOURS: _ClassVar[ScratchpadDelay]
    SCRATCHPAD_DELAY_ONE_DAY: _ClassVar[ScratchpadDelay]
    SCRATCHPAD_DELAY_TWO_DAYS: _ClassVar[ScratchpadDelay]
    SCRATCHPAD_DELAY_FIVE_DAYS: _ClassVar[ScratchpadDelay]
SCRATCHPAD_TYPE_UNSPECIFIED: ScratchpadType
SCRATCHPAD_TYPE_BLANK: ScratchpadType
SCRATCHPAD_TYPE_PRESENT: ScratchpadType
SCRATCHPAD_TYPE_PROCESS: ScratchpadType
SCRATCHPAD_STATE_UNSPECIFIED: ScratchpadState
SCRATCHPAD_STATE_SUCCESS: ScratchpadState
SCRATCHPAD_STATE_NEW: ScratchpadState
SCRATCHPAD_STATE_ERROR: ScratchpadState
SCRATCHPAD_ACTION_UNSPECIFIED: ScratchpadAction
SCRATCHPAD_ACTION_NO_OTAP: ScratchpadAction
SCRATCHPAD_ACTION_PROPAGATE_ONLY: ScratchpadAction
SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS: ScratchpadAction
SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY: ScratchpadAction
SCRATCHPAD_ACTION_LEGACY_OTAP: ScratchpadAction
SCRATCHPAD_DELAY_UNSPECIFIED: ScratchpadDelay
SCRATCHPAD_DELAY_TEN_MINUTES: ScratchpadDelay
SCRATCHPAD_DELAY_THIRTY_MINUTES: ScratchpadDelay
SCRATCHPAD_DELAY_ONE_HOUR: ScratchpadDelay
SCRATCHPAD_DELAY_SIX_HOURS: ScratchpadDelay
SCRATCHPAD_DELAY_ONE_DAY: ScratchpadDelay
SCRATCHPAD_DELAY_TWO_DAYS: ScratchpadDelay
SCRATCHPAD_DELAY_FIVE_DAYS: ScratchpadDelay

class ScratchpadInfo(_message.Message):
    __slots__ = ("length", "crc", "sequence")
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    CRC_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    length: int
    crc: int
    sequence: int
    def __init__(self, length: _Optional[int] = ..., crc: _Optional[int] = ..., sequence: _Optional[int] = ...) -> None: ...

class TargetScratchpad(_message.Message):
    __slots__ = ("action", "sequence", "crc", "delay", "raw")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CRC_FIELD_NUMBER: _ClassVar[int]
    DELAY_FIELD_NUMBER: _ClassVar[int]
    RAW_FIELD_NUMBER: _ClassVar[int]
    action: ScratchpadAction
    sequence: int
    crc: int
    delay: ScratchpadDelay
    raw: int
    def __init__(self, action: _Optional[_Union[ScratchpadAction, str]] = ..., sequence: _Optional[int] = ..., crc: _Optional[int] = ..., delay: _Optional[_Union[ScratchpadDelay, str]] = ..., raw: _Optional[int] = ...) -> None: ...

class ScratchpadStatus(_message.Message):
    __slots__ = ("stored", "stored_state", "stored_type", "processed", "firmware_area_id", "target")
    STORED_FIELD_NUMBER: _ClassVar[int]
    STORED_STATE_FIELD_NUMBER: _ClassVar[int]
    STORED_TYPE_FIELD_NUMBER: _ClassVar[int]
    PROCESSED_FIELD_NUMBER: _ClassVar[int]
    FIRMWARE_AREA_ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    stored: ScratchpadInfo
    stored_state: ScratchpadState
    stored_type: ScratchpadType
    processed: ScratchpadInfo
    firmware_area_id: int
    target: TargetScratchpad
    def __init__(self, stored: _Optional[_Union[ScratchpadInfo, _Mapping]] = ..., stored_state: _Optional[_Union[ScratchpadState, str]] = ..., stored_type: _Optional[_Union[ScratchpadType, str]] = ..., processed: _Optional[_Union[ScratchpadInfo, _Mapping]] = ..., firmware_area_id: _Optional[int] = ..., target: _Optional[_Union[TargetScratchpad, _Mapping]] = ...) -> None: ...
