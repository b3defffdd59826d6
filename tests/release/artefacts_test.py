#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What deploy/release makes without compiling anything: made twice, in clones in two folders, with
another umask, time of the day and environment, it is the same; and there is in it what is said of
it, and nothing of this machine.

    artefacts_test.py service    what is of the service
    artefacts_test.py clients    what is of Go and TypeScript, with their toolchains
"""

import getpass
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path

from release_clone import (COMMITTED, ROOT, STRAY, TOOLS, VERSION, another_time, clone, contents,
                           differences, made_files, release, skip)

sys.path.insert(0, str(ROOT / "tests" / "peers"))
from stack import Stack, find_grpcurl  # noqa: E402

NAMES = {"service": "protos,descriptors,chart,deploy,python", "clients": "go,npm"}
GO = "go/github.com/wirepas-grpc/wirepas-grpc/clients/go/@v"


class Made(unittest.TestCase):
    """What both have in common."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="release-")))
        clones = [clone(cls.folder / name) for name in ("one", "another/of-them")]
        # npm asks its registry, which another time keeps it from.
        other = another_time() if cls.kind == "service" else {}
        for place, umask, environment in ((clones[0], 0o022, {}),
                                          (clones[1], 0o077, {**STRAY, **other})):
            done = release(place, "--only", NAMES[cls.kind], umask=umask, **environment)
            if done.returncode != 0:
                raise AssertionError(done.stdout + done.stderr)
        cls.first, cls.second = (place / f"build/release-{VERSION}" for place in clones)
        cls.made = made_files(cls.first)

    def read(self, name):
        return self.made[name].read_bytes()

    def members(self, name):
        with tarfile.open(fileobj=io.BytesIO(self.read(name))) as archive:
            return {member.name: member for member in archive}

    def test_is_the_same_again(self):
        self.assertEqual(list(differences(self.first, self.second)), [])

    def test_is_listed_with_its_checksum(self):
        subprocess.run(["sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS"], cwd=self.first,
                       check=True)
        listed = [line.split(maxsplit=1)[1] for line in self.read("SHA256SUMS").decode().splitlines()]
        self.assertEqual(listed, sorted(set(self.made) - {"SHA256SUMS"}))

    def test_has_nothing_of_this_machine(self):
        words = {str(self.folder), str(ROOT), str(Path.home()) + "/", socket.gethostname()}
        for name, path in self.made.items():
            for part, data in contents(name, path.read_bytes()):
                for word in filter(lambda word: len(word) > 3, words):
                    self.assertNotIn(word.encode(), data, f"{part} has {word}")

    def test_says_nothing_of_who_packed_it_and_when(self):
        for name in self.made:
            if not name.endswith((".tar.gz", ".tgz")):
                continue
            for member in self.members(name).values():
                self.assertEqual((member.uid, member.gid), (0, 0), name)
                self.assertNotIn(getpass.getuser(), {member.uname, member.gname}, name)
                self.assertLessEqual(member.mtime, COMMITTED, f"{name}: {member.name}")
                self.assertEqual(member.mode & 0o644, 0o644, f"{name}: {member.name}")


class OfTheService(Made):
    kind = "service"

    def test_is_all_there(self):
        self.assertEqual(set(self.made), {
            "SHA256SUMS", f"wirepas-grpc-protos-{VERSION}.tar.gz", f"wirepas-grpc-{VERSION}.binpb",
            f"wirepas-grpc-{VERSION}.tgz", f"wirepas-grpc-deploy-{VERSION}.tar.gz",
            f"wirepas_grpc-{VERSION}-py3-none-any.whl", f"wirepas_grpc-{VERSION}.tar.gz"})

    def test_protos_are_those_of_the_api(self):
        name = f"wirepas-grpc-protos-{VERSION}"
        api = {f"{name}/proto/wirepas/mesh/v1/{path.name}"
               for path in ROOT.glob("proto/wirepas/mesh/v1/*.proto")}
        files = {path for path, member in self.members(f"{name}.tar.gz").items() if member.isfile()}
        self.assertEqual(files, api | {f"{name}/LICENSE"})

    def test_descriptors_are_enough_to_call_a_service_without_reflection(self):
        grpcurl, descriptors = find_grpcurl(), self.made[f"wirepas-grpc-{VERSION}.binpb"]
        listed = subprocess.run([grpcurl, "-protoset", descriptors, "list"], check=True,
                                capture_output=True, text=True).stdout.split()
        services = {f"wirepas.mesh.v1.{path.read_text('utf-8').split(chr(10) + 'service ')[1].split()[0]}"
                    for path in ROOT.glob("proto/wirepas/mesh/v1/*_service.proto")}
        self.assertEqual(set(listed), services)
        with Stack() as stack:
            stack.start_broker()
            stack.start_service("--no-reflection")
            call = [stack.address, "wirepas.mesh.v1.NetworkService/ListGateways"]
            without = subprocess.run([grpcurl, "-plaintext", *call], check=False,
                                     capture_output=True, text=True)
            self.assertIn("does not support the reflection API", without.stderr)
            answer = subprocess.run([grpcurl, "-plaintext", "-protoset", descriptors, *call],
                                    check=True, capture_output=True, text=True).stdout
            self.assertEqual(json.loads(answer), {})

    def test_chart_has_its_files_below_its_name(self):
        members = self.members(f"wirepas-grpc-{VERSION}.tgz")
        self.assertIn("wirepas-grpc/Chart.yaml", members)
        self.assertIn("wirepas-grpc/values.yaml", members)
        self.assertEqual({name.split("/")[0] for name in members}, {"wirepas-grpc"})
        helm = shutil.which("helm", path=f"{TOOLS / 'kubernetes'}:{os.environ['PATH']}")
        shown = subprocess.run([helm, "show", "chart", self.made[f"wirepas-grpc-{VERSION}.tgz"]],
                               check=True, capture_output=True, text=True).stdout
        self.assertIn(f"version: {VERSION}\n", shown)

    def test_wheel_says_its_version(self):
        with zipfile.ZipFile(self.made[f"wirepas_grpc-{VERSION}-py3-none-any.whl"]) as wheel:
            metadata = wheel.read(f"wirepas_grpc-{VERSION}.dist-info/METADATA").decode()
        self.assertIn(f"\nVersion: {VERSION}\n", metadata)

    def test_manifests_are_those_of_the_repository(self):
        name = f"wirepas-grpc-deploy-{VERSION}"
        packed = {path.removeprefix(f"{name}/") for path, member in
                  self.members(f"{name}.tar.gz").items() if member.isfile()}
        for path in ("compose.yaml", "kubernetes/base/kustomization.yaml", "prometheus/alerts.yaml"):
            self.assertIn(path, packed)
        for path in packed - {"LICENSE", "README.md"}:
            self.assertTrue((ROOT / "deploy" / path).is_file(), path)
        self.assertIn(f"wirepas-grpc-image-{VERSION}.tar.gz",
                      self.unpacked(name).joinpath("README.md").read_text("utf-8"))

    def unpacked(self, name):
        with tarfile.open(self.made[f"{name}.tar.gz"]) as archive:
            archive.extractall(self.folder / "unpacked")
        return self.folder / "unpacked" / name

    def test_manifests_need_nothing_that_is_not_with_them(self):
        folder = self.unpacked(f"wirepas-grpc-deploy-{VERSION}")
        # A script would need the repository.
        self.assertEqual([path for path in made_files(folder).values()
                          if path.stat().st_mode & 0o111 or path.suffix == ".py"], [])
        kubectl = TOOLS / "kubernetes" / "kubectl"
        for part in folder.glob("kubernetes/*/*/kustomization.yaml"):
            subprocess.run([kubectl, "kustomize", part.parent], check=True, capture_output=True)
        told = subprocess.run([TOOLS / "bin/compose-spec", "-format", "json", "compose.yaml"],
                              cwd=folder, check=True, capture_output=True, text=True).stdout
        services = json.loads(told)["services"]
        self.assertEqual(set(services), {"broker", "service", "prometheus", "grafana"})
        for service in services.values():
            self.assertNotIn("build", service)
            for mount in service.get("volumes", []):
                if mount["type"] == "bind":
                    self.assertTrue(Path(mount["source"]).exists(), mount)

    def test_is_of_a_commit_or_refused(self):
        place = self.first.parents[1]
        out = self.folder / "out"
        (place / "README.md").write_text("changed\n")
        done = release(place, "--only", "protos", "--out", out)
        self.assertEqual(done.returncode, 1)
        self.assertIn("something is not committed", done.stderr)
        self.assertIn(" M README.md", done.stderr)
        self.assertFalse(out.exists())
        self.assertEqual(release(place, "--only", "protos", "--out", out, "--dirty").returncode, 0)
        self.assertEqual(len(made_files(out)), 2)

    def test_leaves_nothing_where_it_fails(self):
        place = self.second.parents[1]
        out = self.folder / "failed" / "out"
        (place / "proto" / "buf.yaml").write_text("no such thing\n")
        done = release(place, "--only", "protos,descriptors", "--out", out, "--dirty")
        self.assertEqual(done.returncode, 1)
        self.assertIn("descriptors could not be made", done.stderr)
        self.assertEqual(list(out.parent.iterdir()), [])
        self.assertFalse((place / "build" / "release-work").exists())

    def test_does_not_write_over_anything(self):
        done = release(self.second.parents[1], "--only", "protos", "--out", self.second, "--dirty")
        self.assertEqual(done.returncode, 1)
        self.assertIn("is there already", done.stderr)
        unknown = release(self.second.parents[1], "--only", "proto")
        self.assertIn("there is no artefact proto", unknown.stderr)


class OfTheClients(Made):
    kind = "clients"

    def test_is_all_there(self):
        self.assertEqual(set(self.made), {
            "SHA256SUMS", f"wirepas-grpc-client-{VERSION}.tgz", f"{GO}/list",
            *(f"{GO}/v{VERSION}.{kind}" for kind in ("info", "mod", "zip"))})

    def test_npm_package_says_its_version(self):
        with tarfile.open(self.made[f"wirepas-grpc-client-{VERSION}.tgz"]) as archive:
            package = json.load(archive.extractfile("package/package.json"))
        self.assertEqual((package["name"], package["version"]), ("@wirepas-grpc/client", VERSION))

    def test_go_module_has_its_files_below_its_version(self):
        with zipfile.ZipFile(self.made[f"{GO}/v{VERSION}.zip"]) as archive:
            names = archive.namelist()
        prefix = f"github.com/wirepas-grpc/wirepas-grpc/clients/go@v{VERSION}/"
        self.assertTrue(all(name.startswith(prefix) for name in names))
        packed = {name.removeprefix(prefix) for name in names}
        self.assertLessEqual({"go.mod", "LICENSE", "dial.go", "wirepas/mesh/v1/sink.pb.go"}, packed)
        self.assertFalse([name for name in packed if name.startswith("tools/")])
        self.assertEqual(json.loads(self.read(f"{GO}/v{VERSION}.info"))["Version"], f"v{VERSION}")


def main():
    kind = sys.argv.pop(1)
    path = f"{TOOLS / 'toolchains/bin'}:{os.environ['PATH']}"
    if kind == "clients":
        for program in ("go", "node", "npm"):
            if shutil.which(program, path=path) is None:
                skip(f"{program} is not there; deploy/install-deps --clients installs it")
    case = {"service": OfTheService, "clients": OfTheClients}[kind]
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(case)
    return 0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
