#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One version everywhere: in VERSION, in all that `deploy/set-version` writes, in what is built, and
in the change log."""

import importlib.machinery
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest
import xml.etree.ElementTree as tree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VERSION = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
OTHER = "98.76.54"
POM = {"pom": "http://maven.apache.org/POM/4.0.0"}


def load_set_version():
    loader = importlib.machinery.SourceFileLoader("set_version", str(ROOT / "deploy/set-version"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("set_version", loader))
    loader.exec_module(module)
    return module


set_version = load_set_version()
HAS_HISTORY = subprocess.run(["git", "rev-parse", "--git-dir"], cwd=ROOT, capture_output=True,
                             check=False).returncode == 0


def set_in_copy(folder, version):
    """A copy of the repository in the folder, in which deploy/set-version has set the version."""
    for name in set_version.files(ROOT):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return subprocess.run(["deploy/set-version", version], cwd=folder, capture_output=True,
                          text=True, check=True).stdout.splitlines()


class Version(unittest.TestCase):

    def test_is_in_the_form_that_all_package_managers_take(self):
        self.assertRegex(VERSION, rf"\A{set_version.X_Y_Z}\Z")

    @unittest.skipUnless(HAS_HISTORY, "sources without their history")
    def test_is_the_same_wherever_it_is_written_out(self):
        done = subprocess.run([ROOT / "deploy/set-version"], capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, f"{VERSION}\n", ""))

    def test_is_what_package_managers_read(self):
        self.check_packages(ROOT, VERSION)

    def check_packages(self, root, version):
        python = tomllib.loads((root / "clients/python/pyproject.toml").read_text("utf-8"))
        self.assertEqual(python["project"]["version"], version)
        package = json.loads((root / "clients/typescript/package.json").read_text("utf-8"))
        lock = json.loads((root / "clients/typescript/package-lock.json").read_text("utf-8"))
        self.assertEqual([package["version"], lock["version"], lock["packages"][""]["version"]],
                         [version] * 3)
        poms = [*root.glob("clients/java/**/pom.xml"), root / "tests/clients/drivers/java/pom.xml"]
        found = []
        for pom in poms:
            project = tree.parse(pom).getroot()
            for element in (project, *project.iterfind("pom:parent", POM),
                            *project.iterfind("pom:dependencies/pom:dependency", POM)):
                if element.findtext("pom:groupId", namespaces=POM) == "io.github.wirepasgrpc":
                    found.append(element.findtext("pom:version", namespaces=POM))
        found = [other for other in found if other != "${project.version}"]
        self.assertGreaterEqual(len(found), 4)
        self.assertEqual(set(found), {version})

    @unittest.skipUnless(HAS_HISTORY, "sources without their history")
    def test_is_set_everywhere_by_one_command(self):
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch)
            changed = set_in_copy(copy, OTHER)
            self.assertIn("VERSION", changed)
            self.check_packages(copy, OTHER)
            # A place that the command does not know would still have the old one, beside our name.
            left = re.compile(rf"wirepas.*(?<![\d.]){re.escape(VERSION)}(?![\d.]*\d)", re.IGNORECASE)
            for name in set_version.files(copy):
                for line in set_version.read(copy / name).splitlines():
                    self.assertIsNone(left.search(line), f"{name}: {line}")
            # Nothing else is touched: the way back leads to the same files.
            subprocess.run(["deploy/set-version", VERSION], cwd=copy, capture_output=True,
                           check=True)
            for name in changed:
                self.assertEqual((copy / name).read_bytes(), (ROOT / name).read_bytes(), name)

    def test_is_x_y_z_or_refused(self):
        for wrong in ("1.0", "v1.0.0", "1.0.0-rc1", ""):
            done = subprocess.run([ROOT / "deploy/set-version", wrong], capture_output=True,
                                  check=False)
            self.assertEqual(done.returncode, 2, wrong)

    def test_is_what_the_service_says(self):
        build = Path(os.environ.get("WIREPAS_BUILD_DIR", ROOT / "build/release"))
        said = subprocess.run([build / "service/wirepas-grpcd", "--version"], capture_output=True,
                              text=True, check=True).stdout
        self.assertEqual(said, f"wirepas-grpcd {VERSION}\n")

    def test_has_a_section_with_a_date_in_the_change_log(self):
        text = (ROOT / "CHANGELOG.md").read_text("utf-8")
        heads = re.findall(r"^## (.*)$", text, re.MULTILINE)
        self.assertEqual(heads[0], "Unreleased")
        self.assertRegex(heads[1], rf"\A{re.escape(VERSION)} - \d{{4}}-\d\d-\d\d\Z")
        self.assertIn("\n- ", text.split(f"## {heads[1]}\n", 1)[1])

    def test_there_is_a_state_of_every_released_version(self):
        text = (ROOT / "CHANGELOG.md").read_text("utf-8")
        released = re.findall(r"^## (\S+) - \d{4}-", text, re.MULTILINE)
        self.assertIn(VERSION, released)
        kept = {path.name for path in (ROOT / "tests/vectors/states").iterdir()}
        self.assertEqual({f"{version}.tar.gz" for version in released} - kept, set())


if __name__ == "__main__":
    sys.exit(unittest.main())
