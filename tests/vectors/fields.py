# SPDX-License-Identifier: Apache-2.0
"""The fields of a message as text by path: fields.h says it for C++."""

import sys

VERSION = "1.3.0"


def require_reference():
    """Ends the program, as failed, unless the reference implementation is there."""
    try:
        import importlib.metadata

        found = importlib.metadata.version("wirepas-mesh-messaging")
    except importlib.metadata.PackageNotFoundError:
        sys.exit(
            f"FAILED: {sys.executable} has no wirepas-mesh-messaging; "
            "`deploy/install-deps --tests` installs it in build/tools/peers, or set "
            "WIREPAS_PEERS_PYTHON to a Python with tests/peers/requirements.txt"
        )
    if found != VERSION:
        sys.exit(f"FAILED: wirepas-mesh-messaging is {found}, not {VERSION}")


def _text(field, value):
    if field.type == field.TYPE_BYTES:
        return value.hex()
    if field.type == field.TYPE_BOOL:
        return "true" if value else "false"
    return str(value)


def _is_repeated(field):
    return field.label == field.LABEL_REPEATED


def fields_of(message, prefix=""):
    fields = {}
    for field, value in message.ListFields():
        path = prefix + field.name
        values = [(path, value)]
        if _is_repeated(field):
            values = [(f"{path}[{i}]", element) for i, element in enumerate(value)]
        for element_path, element in values:
            if field.type == field.TYPE_MESSAGE:
                fields[element_path] = "message"
                fields.update(fields_of(element, element_path + "."))
            else:
                fields[element_path] = _text(field, element)
    return fields
