from wirepas.mesh.v1 import app_config_pb2 as _app_config_pb2
from wirepas.mesh.v1 import sink_scope_pb2 as _sink_scope_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListAppConfigsRequest(_message.Message):
    __slots__ = ("scope", "refresh")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    REFRESH_FIELD_NUMBER: _ClassVar[int]
    scope: _sink_scope_pb2.SinkScope
    refresh: bool
    def __init__(self, scope: _Optional[_Union[_sink_scope_pb2.SinkScope, _Mapping]] = ..., refresh: bool = ...) -> None: ...

class ListAppConfigsResponse(_message.Message):
    __slots__ = ("app_configs",)
    APP_CONFIGS_FIELD_NUMBER: _ClassVar[int]
    app_configs: _containers.RepeatedCompositeFieldContainer[_app_config_pb2.SinkAppConfig]
    def __init__(self, app_configs: _Optional[_Iterable[_Union[_app_config_pb2.SinkAppConfig, _Mapping]]] = ...) -> None: ...

class UpdateAppConfigRequest(_message.Message):
    __slots__ = ("scope", "set_entries", "remove_types", "override_non_tlv", "dry_run")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    SET_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    REMOVE_TYPES_FIELD_NUMBER: _ClassVar[int]
    OVERRIDE_NON_TLV_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    scope: _sink_scope_pb2.SinkScope
    set_entries: _containers.RepeatedCompositeFieldContainer[_app_config_pb2.AppConfigEntry]
    remove_types: _containers.RepeatedScalarFieldContainer[int]
    override_non_tlv: bool
    dry_run: bool
    def __init__(self, scope: _Optional[_Union[_sink_scope_pb2.SinkScope, _Mapping]] = ..., set_entries: _Optional[_Iterable[_Union[_app_config_pb2.AppConfigEntry, _Mapping]]] = ..., remove_types: _Optional[_Iterable[int]] = ..., override_non_tlv: bool = ..., dry_run: bool = ...) -> None: ...

class UpdateAppConfigResponse(_message.Message):
    __slots__ = ("changes", "complete")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[_app_config_pb2.AppConfigChange]
    complete: bool
    def __init__(self, changes: _Optional[_Iterable[_Union[_app_config_pb2.AppConfigChange, _Mapping]]] = ..., complete: bool = ...) -> None: ...

class SetLocalProvisioningRequest(_message.Message):
    __slots__ = ("scope", "enabled", "key_id", "key", "override_non_tlv", "dry_run")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    OVERRIDE_NON_TLV_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    scope: _sink_scope_pb2.SinkScope
    enabled: bool
    key_id: bytes
    key: bytes
    override_non_tlv: bool
    dry_run: bool
    def __init__(self, scope: _Optional[_Union[_sink_scope_pb2.SinkScope, _Mapping]] = ..., enabled: bool = ..., key_id: _Optional[bytes] = ..., key: _Optional[bytes] = ..., override_non_tlv: bool = ..., dry_run: bool = ...) -> None: ...

class SetLocalProvisioningResponse(_message.Message):
    __slots__ = ("changes", "complete")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[_app_config_pb2.AppConfigChange]
    complete: bool
    def __init__(self, changes: _Optional[_Iterable[_Union[_app_config_pb2.AppConfigChange, _Mapping]]] = ..., complete: bool = ...) -> None: ...
