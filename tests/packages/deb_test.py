#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is in the Debian packages, and that it is as Debian wants it."""

import gzip
import re
import subprocess
import tempfile
import tomllib
import unittest
from pathlib import Path

import packages
from packages import run
from stack import ROOT, build_dir, find_program

DAEMON = build_dir() / "service" / "wirepas-grpcd"
MAX_EXPOSURE = 2.0

# Everything in the package, with its permissions.
FILES = {
    "/etc/wirepas-grpc/wirepas-grpcd.conf": "-rw-r--r--",
    "/lib/systemd/system/wirepas-grpcd.service": "-rw-r--r--",
    "/usr/bin/wirepas-grpcd": "-rwxr-xr-x",
    "/usr/lib/sysusers.d/wirepas-grpcd.conf": "-rw-r--r--",
    "/usr/share/bash-completion/completions/wirepas-grpcd": "-rw-r--r--",
    "/usr/share/doc/wirepas-grpcd/CHANGELOG.md.gz": "-rw-r--r--",
    "/usr/share/doc/wirepas-grpcd/changelog.gz": "-rw-r--r--",
    "/usr/share/doc/wirepas-grpcd/copyright": "-rw-r--r--",
    "/usr/share/fish/vendor_completions.d/wirepas-grpcd.fish": "-rw-r--r--",
    "/usr/share/man/man8/wirepas-grpcd.8.gz": "-rw-r--r--",
    "/usr/share/zsh/vendor-completions/_wirepas-grpcd": "-rw-r--r--",
}


def listing(package):
    """{path: permissions} of the files, and the lines that have another owner or mode of folders."""
    files, odd = {}, []
    for line in run("dpkg-deb", "--contents", package).splitlines():
        mode, owner, _, _, _, path = line.split(maxsplit=5)
        if not path.endswith("/"):
            files[path.removeprefix(".")] = mode
        elif mode != "drwxr-xr-x":
            odd.append(line)
        if owner != "root/root":
            odd.append(line)
    return files, odd


class PackageTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="wirepas-")
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = Path(scratch.name)
        cls.package = packages.daemon_package()
        cls.symbols = packages.symbols_package()
        cls.root = packages.unpack(cls.package, cls.scratch / "daemon")
        cls.debug = packages.unpack(cls.symbols, cls.scratch / "symbols")
        cls.program = cls.root / "usr/bin/wirepas-grpcd"

    def test_has_these_files_and_no_others(self):
        files, odd = listing(self.package)
        self.assertEqual(files, FILES)
        self.assertEqual(odd, [])

    def test_the_name_of_the_file_is_what_is_in_it(self):
        for package in (self.package, self.symbols):
            name, version, architecture = (packages.field(package, field) for field in
                                           ("Package", "Version", "Architecture"))
            self.assertEqual(package.name, f"{name}_{version}_{architecture}.deb")
            self.assertEqual(version, (ROOT / "VERSION").read_text().strip())

    def test_packed_again_it_is_the_same(self):
        again = self.scratch / "again"
        again.mkdir()
        packages.pack(again)
        for package in (self.package, self.symbols):
            with self.subTest(package.name):
                self.assertEqual((again / package.name).read_bytes(), package.read_bytes())

    def test_depends_on_the_libraries_that_it_needs_and_no_others(self):
        depends = {re.split(r"[ :|]", part, maxsplit=1)[0]
                   for part in packages.field(self.package, "Depends").split(", ")}
        owners = {}  # package: what it provides
        for path in re.findall(r"=> (/\S+)", run("ldd", self.program)):
            library = Path(path).name
            if f"[{library}]" not in run("readelf", "-d", self.program):
                continue  # needed by another library only
            [line] = {line.split(":")[0] for line in run(
                "dpkg-query", "-S", f"/*/{packages.MULTIARCH}/{library}").splitlines()}
            provided = run("dpkg-query", "-W", "-f", "${Provides}",
                           f"{line}:{packages.ARCHITECTURE}")
            owners[line] = {line, *re.findall(r"([^\s,(]+)(?: \([^)]*\))?(?:,|$)", provided)}
        self.assertGreater(len(owners), 10)
        named = {package: depends & names for package, names in owners.items()}
        self.assertEqual({package for package, names in named.items() if not names}, set())
        self.assertEqual(depends - set().union(*named.values()), {"systemd"})

    def test_its_program_is_the_tested_one_without_symbols(self):
        def build_id(path):
            return re.search(r"Build ID: (\w+)", run("readelf", "-n", path)).group(1)

        sections = run("readelf", "-SW", self.program)
        self.assertNotRegex(sections, r"\.(debug_info|symtab)\b")
        self.assertEqual(build_id(self.program), build_id(DAEMON))
        identity = build_id(self.program)
        debug = f"/usr/lib/debug/.build-id/{identity[:2]}/{identity[2:]}.debug"
        self.assertEqual(listing(self.symbols), ({
            debug: "-rw-r--r--",
            "/usr/share/doc/wirepas-grpcd-dbgsym -> wirepas-grpcd": "lrwxrwxrwx"}, []))
        self.assertEqual(build_id(self.debug / debug.lstrip("/")), identity)
        self.assertEqual(packages.field(self.symbols, "Depends"),
                         f"wirepas-grpcd (= {packages.field(self.package, 'Version')})")

    def test_symbols_lead_to_lines_of_the_source(self):
        [debug] = self.debug.rglob("*.debug")
        [address] = re.findall(r"^(\w+) T main$", run("nm", debug), re.MULTILINE)
        line = run("addr2line", "-e", debug, address).strip()
        path, _, number = line.split()[0].rpartition(":")
        # From the top of the source to the folder of the build, and the compiler's name from there.
        folder = build_dir().resolve().relative_to(ROOT)
        self.assertEqual(path, f"./{folder}/./service/main.cc")
        self.assertIn("int main(", (ROOT / "service/main.cc").read_text().splitlines()[int(number) - 1])

    def test_nothing_in_it_tells_where_it_was_built(self):
        here = str(ROOT).encode()
        for folder in (self.root, self.debug):
            for path in folder.rglob("*"):
                if path.is_file():
                    with self.subTest(path.name):
                        self.assertNotIn(here, self.readable(path))

    def readable(self, path):
        """What is in a file, where it is compressed as it was before."""
        if path.suffix == ".gz":
            return gzip.decompress(path.read_bytes())
        if path.read_bytes()[:4] != b"\x7fELF":
            return path.read_bytes()
        plain = self.scratch / "decompressed"
        run("objcopy", "--decompress-debug-sections", path, plain)
        self.assertNotRegex(run("readelf", "-SW", plain), r"\.debug_info .* C\b")
        return plain.read_bytes()

    def test_lintian_finds_no_fault(self):
        done = subprocess.run(
            [find_program("lintian"), "--allow-root", "--fail-on", "error,warning",
             "--tag-display-limit", "0", "--no-cfg", str(self.package), str(self.symbols)],
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_unit_is_shut_in(self):
        unit = self.root / "lib/systemd/system/wirepas-grpcd.service"
        told = run(find_program("systemd-analyze"), "security", "--offline=true", "--no-pager", unit)
        exposure = float(re.search(r"Overall exposure level for \S+: (\S+)", told).group(1))
        self.assertLessEqual(exposure, MAX_EXPOSURE, told)

    def test_the_manual_page_is_well_formed_and_has_every_option(self):
        page = self.root / "usr/share/man/man8/wirepas-grpcd.8.gz"
        lint = subprocess.run([find_program("mandoc"), "-T", "lint", "-W", "warning", str(page)],
                              capture_output=True, text=True, check=False)
        # A page without a date is the same whenever it is made.
        faults = [line for line in lint.stdout.splitlines() if "missing date" not in line]
        self.assertEqual(faults, [])
        formatted = subprocess.run(
            [find_program("man"), "--warnings", "-l", str(page)], capture_output=True, text=True,
            check=True, env={"MANWIDTH": "200", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
        self.assertEqual(formatted.stderr, "")
        shown = formatted.stdout
        for command in ([], ["health"]):
            text = run(DAEMON, *command, "--help")
            for option in set(re.findall(r"(?<![\w-])--[\w-]*\w", text)):
                with self.subTest(option):
                    self.assertIn(option, shown)
        for variable in set(re.findall(r"\[env: (\w+)\]", run(DAEMON, "--help"))):
            with self.subTest(variable):
                self.assertIn(variable, shown)
        for path in FILES:
            if path.startswith("/etc"):
                self.assertIn(path, shown)

    def test_the_options_in_its_file_are_options(self):
        text = (self.root / "etc/wirepas-grpc/wirepas-grpcd.conf").read_text()
        commented = re.findall(r"^#(\w+ = .*)$", text, re.MULTILINE)
        self.assertGreater(len(commented), 10)
        names = set(re.findall(r"--(\w+)", run(DAEMON, "--help")))
        for line in commented:
            with self.subTest(line):
                self.assertLessEqual(set(tomllib.loads(line)), names)
        given = tomllib.loads(text)
        self.assertLessEqual(set(given), names)
        # The unit makes these folders.
        unit = (packages.DEBIAN / "wirepas-grpcd.service").read_text()
        self.assertIn("\nStateDirectory=wirepas-grpcd\n", unit)
        self.assertIn("\nRuntimeDirectory=wirepas-grpcd\n", unit)
        self.assertEqual(given["state_dir"], "/var/lib/wirepas-grpcd")
        self.assertIn("unix:/run/wirepas-grpcd/grpc.sock", given["listen"])


if __name__ == "__main__":
    unittest.main()
