# SPDX-License-Identifier: Apache-2.0
"""google.rpc.Status, which gRPC puts into the trailers of a failed call.

Described here, in a pool of its own, so that the package needs no other for three fields.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory

_FIELD = descriptor_pb2.FieldDescriptorProto


def _message_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(
        name="google/rpc/status.proto",
        package="google.rpc",
        syntax="proto3",
        dependency=["google/protobuf/any.proto"],
    )
    message = file.message_type.add(name="Status")
    one, many = _FIELD.LABEL_OPTIONAL, _FIELD.LABEL_REPEATED
    message.field.add(name="code", number=1, label=one, type=_FIELD.TYPE_INT32)
    message.field.add(name="message", number=2, label=one, type=_FIELD.TYPE_STRING)
    message.field.add(
        name="details",
        number=3,
        label=many,
        type=_FIELD.TYPE_MESSAGE,
        type_name=".google.protobuf.Any",
    )
    pool = descriptor_pool.DescriptorPool()
    any_file = descriptor_pb2.FileDescriptorProto()
    any_pb2.DESCRIPTOR.CopyToProto(any_file)
    pool.Add(any_file)
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("google.rpc.Status"))


Status = _message_class()
