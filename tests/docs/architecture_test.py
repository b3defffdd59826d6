# SPDX-License-Identifier: Apache-2.0
"""What is compared with docs/architecture.md alone: see page_test.py."""

import os
import re
import unittest
from pathlib import Path

import pages

PAGE = pages.DOCS / "architecture.md"
ROOMS = Path(os.environ["WIREPAS_BUILD_DIR"]) / "rooms.txt"


class ArchitectureTest(unittest.TestCase):

    def test_the_picture_shows_the_rooms_as_the_build_has_them(self):
        built = set()
        for line in ROOMS.read_text(encoding="utf-8").splitlines():
            room, _, below = line.partition(":")
            built |= {(room, other) for other in below.split()}
        # The .proto files are left out of the picture.
        trees = ("core/", "api/", "service")
        built = {arrow for arrow in built if all(room.startswith(trees) for room in arrow)}

        picture = re.search(r"```mermaid\nflowchart(.*?)```", pages.read(PAGE), re.S).group(1)
        rooms = dict(re.findall(r"(\w+)\[([\w/]+)", picture))
        # Words of the picture's language: as names of rooms they make it unreadable.
        self.assertFalse(rooms.keys() & {"call", "class", "click", "default", "end", "style"})
        arrows = re.findall(r"(\w+)(?:\[[^]]*\])? --> (\w+)", picture)
        self.assertEqual({(rooms[above], rooms[below]) for above, below in arrows}, built)
