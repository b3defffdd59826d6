#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of cmake/check_rooms.py, and with it of which rooms of the source include which.

Usage: check_rooms_test.py ROOMS SOURCE [unittest's arguments]
"""

import graphlib
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOMS, SOURCE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
SCRIPT = SOURCE / "cmake" / "check_rooms.py"
sys.path.insert(0, str(SCRIPT.parent))
import check_rooms  # noqa: E402

MADE_UP = """\
gateway_api:
core/base:
core/mqtt: core/base
core/traffic: core/base gateway_api
core/network: core/traffic core/mqtt
api/call: core/network
api/nodes: api/call
service: api/nodes
"""


class MadeUpRooms(unittest.TestCase):
    def check(self, files):
        """The exit code and the output for a tree of these files: name -> text."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "rooms").write_text(MADE_UP, encoding="utf-8")
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            done = subprocess.run([sys.executable, SCRIPT, root / "rooms", root],
                                  capture_output=True, text=True, check=False)
            return done.returncode, done.stdout

    def assert_refused(self, name, include, why):
        code, output = self.check({name: f"// A comment.\n#include {include}\n"})
        self.assertEqual(code, 1)
        self.assertEqual(output, f"{name}:2: {why}\n")

    def test_what_stands_below_may_be_included(self):
        text = ('#include "core/traffic/uplink.h"\n#include "core/network/x.h"\n#include <string>\n'
                '#include "core/base/mutex.h"\n#include "gateway_api/header.pb.h"\n')
        self.assertEqual(self.check({"core/network/network.cc": text}), (0, ""))

    def test_a_room_above_is_refused(self):
        self.assert_refused("core/traffic/uplink.h", '"core/network/network.h"',
                            "includes core/network/network.h: core/traffic does not stand on "
                            "core/network")

    def test_a_room_beside_is_refused(self):
        self.assert_refused("core/traffic/uplink.h", '"core/mqtt/client.h"',
                            "includes core/mqtt/client.h: core/traffic does not stand on core/mqtt")

    def test_another_tree_above_is_refused(self):
        self.assert_refused("core/network/network.h", '"api/call/errors.h"',
                            "includes api/call/errors.h: core/network does not stand on api/call")

    def test_what_a_tree_does_not_see_is_refused_although_it_stands_on_it(self):
        self.assert_refused("api/nodes/list_nodes.cc", '"core/mqtt/client.h"',
                            "includes core/mqtt/client.h: api sees nothing of core/mqtt")
        self.assertEqual(self.check({"service/x.cc": '#include "core/mqtt/client.h"\n'}), (0, ""))

    def test_libraries_are_for_their_rooms(self):
        self.assert_refused("core/network/network.h", "<grpcpp/grpcpp.h>",
                            "includes grpcpp/grpcpp.h, which is for api and service alone")
        self.assert_refused("core/network/network.h", '"grpc/grpc.h"',
                            "includes grpc/grpc.h, which is for api and service alone")
        self.assertEqual(self.check({"api/nodes/x.cc": "#include <grpcpp/grpcpp.h>\n"}), (0, ""))

    def test_names_that_lead_astray_are_refused(self):
        for name in ("../network/network.h", "core/traffic/../network/network.h", "./x.h"):
            self.assert_refused("core/traffic/x.h", f'"{name}"',
                                f"includes {name}: name it from the root of the source")

    def test_a_file_outside_of_all_rooms_is_refused(self):
        self.assertEqual(self.check({"core/stray.cc": "int x;\n"}),
                         (1, "core/stray.cc: belongs to no room\n"))
        self.assert_refused("core/network/network.h", '"core/stray.h"',
                            "includes core/stray.h, which belongs to no room")

    def test_rooms_do_not_stand_on_each_other(self):
        with self.assertRaisesRegex(SystemExit, "core/a stands on core/b, which is no room below"):
            check_rooms.read_rooms("core/a: core/b\ncore/b: core/a\n")


class TheRooms(unittest.TestCase):
    def test_include_only_what_is_below(self):
        rooms = check_rooms.read_rooms(ROOMS.read_text(encoding="utf-8"))
        self.assertGreater(len(rooms), 20)
        self.assertEqual(list(check_rooms.check(rooms, SOURCE)), [])

    def test_no_two_include_each_other_whatever_the_build_says(self):
        """The order is found from the files alone."""
        includes = {}
        files = 0
        for tree in check_rooms.TREES:
            for file in (SOURCE / tree).rglob("*.*"):
                if file.suffix not in (".h", ".cc"):
                    continue
                files += 1
                room = includes.setdefault(file.parent.relative_to(SOURCE).as_posix(), set())
                for line in file.read_text(encoding="utf-8").splitlines():
                    match = check_rooms.INCLUDE.match(line)
                    if match and match.group(1).split("/")[0] in check_rooms.TREES:
                        room.add(match.group(1).rpartition("/")[0])
        for room, others in includes.items():
            others.discard(room)
        self.assertGreater(files, 200)
        order = list(graphlib.TopologicalSorter(includes).static_order())
        self.assertLess(order.index("core/traffic"), order.index("core/network"))
        self.assertLess(order.index("api/call"), order.index("api/network"))

    def test_every_rpc_is_in_the_file_of_its_name_or_of_its_family(self):
        """A family is named, with its file and its RPCs, in the comment of the service's class."""
        rpcs = 0
        for proto in sorted((SOURCE / "proto" / "wirepas" / "mesh" / "v1").glob("*_service.proto")):
            room = proto.name.removesuffix("_service.proto")
            room = SOURCE / "api" / {"node": "nodes"}.get(room, room)
            files = {file.name: file.read_text(encoding="utf-8") for file in room.glob("*.cc")}
            del files["service.cc"]
            service = (room / "service.h").read_text(encoding="utf-8")
            for rpc in re.findall(r"^  rpc (\w+)", proto.read_text(encoding="utf-8"), re.M):
                rpcs += 1
                found = [name for name, text in files.items()
                         if re.search(rf"^[\w:<>, ]+\* {rpc}\(", text, re.M)]
                with self.subTest(rpc=rpc):
                    self.assertEqual(len(found), 1, found)
                    if found[0] == re.sub(r"(?<!^)(?=[A-Z])", "_", rpc).lower() + ".cc":
                        continue
                    family = re.search(rf"//   {re.escape(found[0])} +((?:[\w, ]|\n// {{10}})+)",
                                       service)
                    self.assertIsNotNone(family, f"{found[0]} is no family in service.h")
                    self.assertIn(rpc, re.findall(r"\w+", family.group(1)))
        self.assertGreater(rpcs, 30)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
