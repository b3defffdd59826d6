# SPDX-License-Identifier: Apache-2.0
"""What is in the image of the service, and what is not: made of the Debian package, and looked at
without running it."""

import gzip
import hashlib
import json
import re
import tarfile
import tempfile
import unittest
from pathlib import Path

from engine import VERSION, build, deb, podman, run, service_image  # which says where packages is
from packages import MULTIARCH

MOST_COMPRESSED_BYTES = 45_000_000
# Regular files that are of no package: what deploy/container/collect and Containerfile write.
OURS = {"etc/passwd", "etc/group", "etc/nsswitch.conf", "etc/wirepas-grpc/wirepas-grpcd.conf",
        # Made by the package ca-certificates when it is installed.
        "etc/ssl/certs/ca-certificates.crt"}
# Of a Debian package, which does not list it with the files that it has.
DOCUMENTS = re.compile(r"usr/share/doc/[^/]+/copyright|var/lib/dpkg/status\.d/[^/]+")
LIBRARY = re.compile(rf"usr/lib/{MULTIARCH}/([^/]+\.so[^/]*)")


def needed_by(path):
    """Names of libraries that a program or library asks for by itself, as binutils read them."""
    return re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", path))


class ImageTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        scratch = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.image = service_image()
        [cls.about] = json.loads(podman("image", "inspect", cls.image))
        cls.config = cls.about["Config"]
        cls.root = Path(scratch) / "root"
        container = podman("create", cls.image)
        cls.addClassCleanup(podman, "rm", container)
        archive = Path(scratch) / "root.tar"
        podman("export", "-o", archive, container)
        with tarfile.open(archive) as tar:
            cls.entries = {entry.name.rstrip("/"): entry for entry in tar}
            # "fully_trusted": links lead out of the folder, to where they lead in the image.
            tar.extractall(cls.root)
        # What engines add to each container.
        for name in ("dev", "proc", "sys", "run/.containerenv", "etc/hosts", "etc/hostname",
                     "etc/resolv.conf", "etc/mtab"):
            cls.entries.pop(name, None)
        cls.files = {name for name, entry in cls.entries.items() if entry.isreg()}

    def test_how_it_is_run(self):
        self.assertEqual(self.config["User"], "65532:65532")
        self.assertEqual(self.config["Entrypoint"], ["/usr/bin/wirepas-grpcd"])
        self.assertFalse(self.config.get("Cmd"))
        self.assertEqual(self.config["StopSignal"], "SIGTERM")
        self.assertEqual(set(self.config["ExposedPorts"]), {"50051/tcp", "9100/tcp"})
        self.assertFalse(self.config.get("Volumes"))
        self.assertEqual(self.about["Healthcheck"]["Test"],
                         ["CMD", "/usr/bin/wirepas-grpcd", "health", "--live"])

    def test_labels(self):
        labels = self.config["Labels"]
        prefix = "org.opencontainers.image."
        self.assertEqual(labels[prefix + "version"], VERSION)
        self.assertEqual(labels[prefix + "licenses"], "Apache-2.0")
        self.assertRegex(labels[prefix + "created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertRegex(labels[prefix + "revision"], r"^([0-9a-f]{40}(-modified)?|unknown)$")
        for name in ("title", "description", "source", "documentation"):
            self.assertTrue(labels[prefix + name])

    def test_it_has_one_program_and_no_shell(self):
        programs = {name for name in self.files
                    if self.entries[name].mode & 0o111 and not LIBRARY.fullmatch(name)}
        self.assertEqual(programs, {"usr/bin/wirepas-grpcd"})

    def test_libraries_are_those_that_the_program_needs(self):
        folder = self.root / "usr/lib" / MULTIARCH
        needed, waiting = set(), [self.root / "usr/bin/wirepas-grpcd"]
        while waiting:
            for name in needed_by(waiting.pop()):
                if name not in needed:
                    needed.add(name)
                    waiting.append(folder / name)
        # A name that is asked for is a file, or a link to one.
        files = {(folder / name).resolve().name for name in needed}
        self.assertEqual({path.name for path in folder.iterdir()}, needed | files)

    def recorded(self):
        sums = {}
        for record in (self.root / "var/lib/dpkg/status.d").glob("*.md5sums"):
            for line in record.read_text(encoding="utf-8").splitlines():
                checksum, name = line.split("  ", 1)
                sums[name] = checksum
        return sums

    def test_every_file_is_recorded_as_of_a_package(self):
        recorded = self.recorded()
        others = {name for name in self.files if not DOCUMENTS.fullmatch(name)}
        self.assertEqual(others, set(recorded) | OURS)
        for name, checksum in recorded.items():
            content = (self.root / name).read_bytes()
            self.assertEqual(hashlib.md5(content).hexdigest(), checksum, name)

    def test_records_are_what_scanners_read(self):
        records = [path for path in (self.root / "var/lib/dpkg/status.d").iterdir()
                   if path.suffix != ".md5sums"]
        self.assertIn("wirepas-grpcd", [path.name for path in records])
        for path in records:
            with self.subTest(path.name):
                text = path.read_text(encoding="utf-8")
                for field in (f"Package: {path.name}", "Status: install ok installed", "Version: ",
                              "Architecture: "):
                    self.assertRegex(text, rf"(?m)^{re.escape(field)}")
                self.assertIn(f"usr/share/doc/{path.name}/copyright", self.files)
        self.assertIn("ID=debian", (self.root / "usr/lib/os-release").read_text(encoding="utf-8"))

    def test_nothing_is_anybodys_or_raises_rights(self):
        for name, entry in self.entries.items():
            with self.subTest(name):
                self.assertEqual(entry.mode & 0o6000, 0)
                if not entry.issym() and name != "tmp":
                    self.assertEqual(entry.mode & 0o002, 0)
                expected = 65532 if re.match(
                    "(run|var/lib)/wirepas-grpcd", name) else 0
                self.assertEqual((entry.uid, entry.gid), (expected, expected))

    def test_size(self):
        with tempfile.TemporaryDirectory() as folder:
            podman("push", "-q", self.image, f"dir:{folder}")
            [layer] = json.loads((Path(folder) / "manifest.json").read_bytes())["layers"]
            content = (Path(folder) / layer["digest"].removeprefix("sha256:")).read_bytes()
        compressed = len(gzip.compress(content, 6))
        print(f"image: {len(content) / 1e6:.1f} MB, compressed {compressed / 1e6:.1f} MB")
        self.assertLess(compressed, MOST_COMPRESSED_BYTES)

    def test_another_build_is_the_same_image(self):
        again = build("--deb", deb(), "--tag", "localhost/wirepas-grpc:again", "--", "--no-cache")
        self.addCleanup(podman, "untag", again, "localhost/wirepas-grpc:again")
        self.assertEqual(again, self.image)


if __name__ == "__main__":
    unittest.main()
