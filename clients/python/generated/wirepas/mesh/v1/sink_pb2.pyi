import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from wirepas.mesh.v1 import scratchpad_pb2 as _scratchpad_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BaseRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BASE_ROLE_UNSPECIFIED: _ClassVar[BaseRole]
    BASE_ROLE_SINK: _ClassVar[BaseRole]
    BASE_ROLE_ROUTER: _ClassVar[BaseRole]
    BASE_ROLE_NON_ROUTER: _ClassVar[BaseRole]
BASE_ROLE_UNSPECIFIED: BaseRole
BASE_ROLE_SINK: BaseRole
BASE_ROLE_ROUTER: BaseRole
BASE_ROLE_NON_ROUTER: BaseRole

class SinkRef(_message.Message):
    __slots__ = ("gateway_id", "sink_id")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    SINK_ID_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    sink_id: str
    def __init__(self, gateway_id: _Optional[str] = ..., sink_id: _Optional[str] = ...) -> None: ...

class NodeRole(_message.Message):
    __slots__ = ("base_role", "low_latency", "autorole")
    BASE_ROLE_FIELD_NUMBER: _ClassVar[int]
    LOW_LATENCY_FIELD_NUMBER: _ClassVar[int]
    AUTOROLE_FIELD_NUMBER: _ClassVar[int]
    base_role: BaseRole
    low_latency: bool
    autorole: bool
    def __init__(self, base_role: _Optional[_Union[BaseRole, str]] = ..., low_latency: bool = ..., autorole: bool = ...) -> None: ...

class AppConfig(_message.Message):
    __slots__ = ("diagnostics_interval", "data", "sequence")
    DIAGNOSTICS_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    diagnostics_interval: _duration_pb2.Duration
    data: bytes
    sequence: int
    def __init__(self, diagnostics_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., data: _Optional[bytes] = ..., sequence: _Optional[int] = ...) -> None: ...

class AccessCycleRange(_message.Message):
    __slots__ = ("minimum", "maximum")
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    minimum: _duration_pb2.Duration
    maximum: _duration_pb2.Duration
    def __init__(self, minimum: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., maximum: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ChannelRange(_message.Message):
    __slots__ = ("minimum", "maximum")
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    minimum: int
    maximum: int
    def __init__(self, minimum: _Optional[int] = ..., maximum: _Optional[int] = ...) -> None: ...

class NetworkKeys(_message.Message):
    __slots__ = ("cipher_key", "authentication_key")
    CIPHER_KEY_FIELD_NUMBER: _ClassVar[int]
    AUTHENTICATION_KEY_FIELD_NUMBER: _ClassVar[int]
    cipher_key: bytes
    authentication_key: bytes
    def __init__(self, cipher_key: _Optional[bytes] = ..., authentication_key: _Optional[bytes] = ...) -> None: ...

class SecurityKeys(_message.Message):
    __slots__ = ("cipher_key", "authentication_key", "sequence")
    CIPHER_KEY_FIELD_NUMBER: _ClassVar[int]
    AUTHENTICATION_KEY_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    cipher_key: bytes
    authentication_key: bytes
    sequence: int
    def __init__(self, cipher_key: _Optional[bytes] = ..., authentication_key: _Optional[bytes] = ..., sequence: _Optional[int] = ...) -> None: ...

class ConfigurationDataItem(_message.Message):
    __slots__ = ("endpoint", "payload")
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    endpoint: int
    payload: bytes
    def __init__(self, endpoint: _Optional[int] = ..., payload: _Optional[bytes] = ...) -> None: ...

class FirmwareVersion(_message.Message):
    __slots__ = ("major", "minor", "maintenance", "development")
    MAJOR_FIELD_NUMBER: _ClassVar[int]
    MINOR_FIELD_NUMBER: _ClassVar[int]
    MAINTENANCE_FIELD_NUMBER: _ClassVar[int]
    DEVELOPMENT_FIELD_NUMBER: _ClassVar[int]
    major: int
    minor: int
    maintenance: int
    development: int
    def __init__(self, major: _Optional[int] = ..., minor: _Optional[int] = ..., maintenance: _Optional[int] = ..., development: _Optional[int] = ...) -> None: ...

class SinkConfig(_message.Message):
    __slots__ = ("node_role", "node_address", "network_address", "network_channel", "app_config", "channel_map", "keys_set", "access_cycle_range", "access_cycle_limits", "max_mtu", "channel_limits", "hardware_magic", "stack_profile", "app_config_max_size", "firmware_version", "sink_on", "scratchpad_status", "configuration_data_items")
    NODE_ROLE_FIELD_NUMBER: _ClassVar[int]
    NODE_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    NETWORK_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    NETWORK_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    APP_CONFIG_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_MAP_FIELD_NUMBER: _ClassVar[int]
    KEYS_SET_FIELD_NUMBER: _ClassVar[int]
    ACCESS_CYCLE_RANGE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_CYCLE_LIMITS_FIELD_NUMBER: _ClassVar[int]
    MAX_MTU_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_LIMITS_FIELD_NUMBER: _ClassVar[int]
    HARDWARE_MAGIC_FIELD_NUMBER: _ClassVar[int]
    STACK_PROFILE_FIELD_NUMBER: _ClassVar[int]
    APP_CONFIG_MAX_SIZE_FIELD_NUMBER: _ClassVar[int]
    FIRMWARE_VERSION_FIELD_NUMBER: _ClassVar[int]
    SINK_ON_FIELD_NUMBER: _ClassVar[int]
    SCRATCHPAD_STATUS_FIELD_NUMBER: _ClassVar[int]
    CONFIGURATION_DATA_ITEMS_FIELD_NUMBER: _ClassVar[int]
    node_role: NodeRole
    node_address: int
    network_address: int
    network_channel: int
    app_config: AppConfig
    channel_map: int
    keys_set: bool
    access_cycle_range: AccessCycleRange
    access_cycle_limits: AccessCycleRange
    max_mtu: int
    channel_limits: ChannelRange
    hardware_magic: int
    stack_profile: int
    app_config_max_size: int
    firmware_version: FirmwareVersion
    sink_on: bool
    scratchpad_status: _scratchpad_pb2.ScratchpadStatus
    configuration_data_items: _containers.RepeatedCompositeFieldContainer[ConfigurationDataItem]
    def __init__(self, node_role: _Optional[_Union[NodeRole, _Mapping]] = ..., node_address: _Optional[int] = ..., network_address: _Optional[int] = ..., network_channel: _Optional[int] = ..., app_config: _Optional[_Union[AppConfig, _Mapping]] = ..., channel_map: _Optional[int] = ..., keys_set: bool = ..., access_cycle_range: _Optional[_Union[AccessCycleRange, _Mapping]] = ..., access_cycle_limits: _Optional[_Union[AccessCycleRange, _Mapping]] = ..., max_mtu: _Optional[int] = ..., channel_limits: _Optional[_Union[ChannelRange, _Mapping]] = ..., hardware_magic: _Optional[int] = ..., stack_profile: _Optional[int] = ..., app_config_max_size: _Optional[int] = ..., firmware_version: _Optional[_Union[FirmwareVersion, _Mapping]] = ..., sink_on: bool = ..., scratchpad_status: _Optional[_Union[_scratchpad_pb2.ScratchpadStatus, _Mapping]] = ..., configuration_data_items: _Optional[_Iterable[_Union[ConfigurationDataItem, _Mapping]]] = ...) -> None: ...

class SinkConfigUpdate(_message.Message):
    __slots__ = ("node_role", "node_address", "network_address", "network_channel", "app_config", "channel_map", "access_cycle_range", "sink_on", "keys", "network_keys", "management_keys")
    NODE_ROLE_FIELD_NUMBER: _ClassVar[int]
    NODE_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    NETWORK_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    NETWORK_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    APP_CONFIG_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_MAP_FIELD_NUMBER: _ClassVar[int]
    ACCESS_CYCLE_RANGE_FIELD_NUMBER: _ClassVar[int]
    SINK_ON_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    NETWORK_KEYS_FIELD_NUMBER: _ClassVar[int]
    MANAGEMENT_KEYS_FIELD_NUMBER: _ClassVar[int]
    node_role: NodeRole
    node_address: int
    network_address: int
    network_channel: int
    app_config: AppConfig
    channel_map: int
    access_cycle_range: AccessCycleRange
    sink_on: bool
    keys: NetworkKeys
    network_keys: SecurityKeys
    management_keys: SecurityKeys
    def __init__(self, node_role: _Optional[_Union[NodeRole, _Mapping]] = ..., node_address: _Optional[int] = ..., network_address: _Optional[int] = ..., network_channel: _Optional[int] = ..., app_config: _Optional[_Union[AppConfig, _Mapping]] = ..., channel_map: _Optional[int] = ..., access_cycle_range: _Optional[_Union[AccessCycleRange, _Mapping]] = ..., sink_on: bool = ..., keys: _Optional[_Union[NetworkKeys, _Mapping]] = ..., network_keys: _Optional[_Union[SecurityKeys, _Mapping]] = ..., management_keys: _Optional[_Union[SecurityKeys, _Mapping]] = ...) -> None: ...

class Sink(_message.Message):
    __slots__ = ("gateway_id", "sink_id", "config")
    GATEWAY_ID_FIELD_NUMBER: _ClassVar[int]
    SINK_ID_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    gateway_id: str
    sink_id: str
    config: SinkConfig
    def __init__(self, gateway_id: _Optional[str] = ..., sink_id: _Optional[str] = ..., config: _Optional[_Union[SinkConfig, _Mapping]] = ...) -> None: ...
