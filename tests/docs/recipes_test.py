# SPDX-License-Identifier: Apache-2.0
"""The recipes of docs/ work: every command is run, and shows what the page says.

A page of recipes is one that has grpcurl commands. They run in the order of the page, against a
broker, the simulated network of the quick start and the service, new for each page, in a folder
with the files that the recipes use. Where a page shows the address of a service with TLS or at a Unix socket, there is
another one. How outputs are compared stands in readme_test.py.
"""

import re
import subprocess
import sys
import unittest

import readme
from otap_file import scratchpad_file
from readme_test import PATIENCE_SECONDS, SHOWN_ADDRESS, SIMULATOR_OPTIONS, rpc_of

sys.path.insert(0, str(readme.ROOT / "tests" / "peers"))
from certificates import make_certificates  # noqa: E402
from stack import Stack, build_dir, find_grpcurl, free_port  # noqa: E402

SERVICES = ("wirepas.mesh.v1.OtapService", "wirepas.mesh.v1.NodeService")
# Those that have no recipe.
WITHOUT_RECIPE = {"StopLoadScratchpad"}

SHOWN_TLS_ADDRESS = "wirepas.example.com:50051"
SHOWN_SOCKET = "/run/wirepas-grpcd.sock"

ALL_PAGES = sorted((readme.ROOT / "docs").glob("*.md"))
# The page of a client is run by tests/clients/docs.py.
PAGES = [path for path in ALL_PAGES if "grpcurl" in path.read_text(encoding="utf-8")
         and not (readme.ROOT / "clients" / path.stem).is_dir()]


class RecipesTest(unittest.TestCase):

    def setUp(self):
        self.grpcurl = find_grpcurl()
        self.start()

    def start(self):
        """A network of which nothing is known yet, in place of the one before."""
        self.stack = Stack()
        self.addCleanup(self.stack.close)
        self.stack.start_broker()
        self.stack.start_simulator(*SIMULATOR_OPTIONS.split())
        self.stack.start_service()
        self.folder = self.stack.folder / "work"
        self.folder.mkdir()
        (self.folder / "proto").symlink_to(readme.ROOT / "proto")
        self.addresses = {SHOWN_ADDRESS: self.stack.address, **self.start_others()}
        (self.folder / "firmware.otap").write_bytes(scratchpad_file(bytes(range(256)) * 4))

    def start_others(self):
        """A service with TLS and one at a Unix socket; their addresses by those shown."""
        make_certificates(self.folder, "server", "client")
        socket, port = self.stack.folder / "socket", free_port()
        program = build_dir() / "service" / "wirepas-grpcd"
        for options in (["--listen", f"unix:{socket}"],
                        ["--listen", f"127.0.0.1:{port}", "--tls_cert", self.folder / "server.crt",
                         "--tls_key", self.folder / "server.key",
                         "--tls_client_ca", self.folder / "ca.crt"]):
            self.stack.start([program, *self.stack.broker_options(), *options]).wait_for(
                "broker .*: connected")
        return {SHOWN_SOCKET: str(socket), SHOWN_TLS_ADDRESS: f"localhost:{port}"}

    def run_example(self, example):
        self.assertTrue(any(shown in example.commands for shown in self.addresses))
        commands = example.commands
        for shown, address in self.addresses.items():
            commands = commands.replace(shown, address)
        path = f"PATH={self.grpcurl.rsplit('/', 1)[0]}:$PATH"
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", f"{path}\n{commands}"],
                              cwd=self.folder, capture_output=True, text=True,
                              timeout=PATIENCE_SECONDS, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn('"error"', done.stdout)
        if example.output is not None:
            pattern = readme.output_pattern(example.output)
            self.assertIsNotNone(pattern.fullmatch(done.stdout),
                                 f"shown:\n{example.output}\nreal:\n{done.stdout}")

    def test_recipes(self):
        self.assertTrue(PAGES)
        for page in PAGES:
            self.stack.close()
            self.start()
            for example in readme.examples(page.read_text(encoding="utf-8")):
                with self.subTest(f"{page.name} line {example.line}"):
                    self.run_example(example)

    def test_every_rpc_has_a_recipe(self):
        rpcs = set()
        for service in SERVICES:
            listed = subprocess.run(
                [self.grpcurl, "-plaintext", self.stack.address, "list", service],
                capture_output=True, text=True, check=True).stdout
            rpcs |= {line.rsplit(".", 1)[1] for line in listed.split()}
        shown = {rpc_of(example.commands) for page in PAGES
                 for example in readme.examples(page.read_text(encoding="utf-8"))}
        self.assertEqual(rpcs - shown, WITHOUT_RECIPE)

    def test_links_lead_somewhere(self):
        for page in ALL_PAGES:
            for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
                if not link.startswith("https://"):
                    self.assertTrue((page.parent / link).exists(), f"{page.name}: {link}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
