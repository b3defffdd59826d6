#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a file includes what its room does not stand on.

Usage: check_rooms.py ROOMS SOURCE

ROOMS has a line for each room, as in "core/traffic: core/base core/gateway_api": its folder and
the rooms that it says it stands on, each of them in a line above. A room may include itself,
these, and what these stand on. The folders are looked up below SOURCE. Prints a line for each
include that is refused, and for each file that belongs to no room.
"""

import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]')
# The trees whose files belong to rooms.
TREES = ("core", "api", "service")
# What a tree does not see although it stands on rooms that do.
HIDDEN = {"api": ("core/mqtt", "core/storage")}
# Libraries that only some folders speak to: the start of the included name, the folders.
LIBRARIES = {
    "grpc++/": ("api", "service"),
    "grpc/": ("api", "service"),
    "grpcpp/": ("api", "service"),
    "mqtt/": ("core/mqtt",),
    "MQTT": ("core/mqtt",),
    "rocksdb/": ("core/storage",),
    "prometheus/": ("service",),
    "CLI/": ("service",),
    "toml++/": ("service",),
}


def is_below(path, folder):
    return path == folder or path.startswith(folder + "/")


def read_rooms(text):
    """Folder -> all folders that its files may include."""
    rooms = {}
    for line in text.splitlines():
        folder, _, below = line.partition(":")
        allowed = {folder}
        for room in below.split():
            if room not in rooms:
                raise SystemExit(f"{folder} stands on {room}, which is no room below it")
            allowed |= rooms[room]
        rooms[folder] = allowed
    return rooms


def room_of(path, rooms):
    """The room that a path relative to the source belongs to, or None."""
    parents = (str(parent) for parent in pathlib.PurePosixPath(path).parents)
    return next((parent for parent in parents if parent in rooms), None)


def refusal(path, included, rooms):
    """Why the file at `path` may not include this, or None."""
    room = room_of(path, rooms)
    if room is None:
        return "belongs to no room"
    if {".", ".."} & set(included.split("/")):
        return f"includes {included}: name it from the root of the source"
    for start, folders in LIBRARIES.items():
        if included.startswith(start) and not any(is_below(path, f) for f in folders):
            return f"includes {included}, which is for {' and '.join(folders)} alone"
    target = room_of(included, rooms)
    if target is None:
        if included.split("/")[0] in TREES:
            return f"includes {included}, which belongs to no room"
        return None
    for tree, hidden in HIDDEN.items():
        if is_below(path, tree) and target in hidden:
            return f"includes {included}: {tree} sees nothing of {target}"
    if target not in rooms[room]:
        return f"includes {included}: {room} does not stand on {target}"
    return None


def check(rooms, source):
    """The lines to print."""
    for tree in TREES:
        for file in sorted((source / tree).rglob("*.*")):
            if file.suffix not in (".h", ".cc"):
                continue
            path = file.relative_to(source).as_posix()
            if room_of(path, rooms) is None:
                yield f"{path}: belongs to no room"
                continue
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                why = refusal(path, match.group(1), rooms) if match else None
                if why:
                    yield f"{path}:{number}: {why}"


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    rooms = read_rooms(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    lines = list(check(rooms, pathlib.Path(sys.argv[2])))
    for line in lines:
        print(line)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
