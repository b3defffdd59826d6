#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Uses the artefacts in a folder that deploy/release has made as their users do: installs them where
nothing else of the repository is, and runs a program. What is not in the folder is skipped.

    use_test.py FOLDER
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import venv
from pathlib import Path

from release_clone import ROOT, TOOLS, VERSION

sys.path.insert(0, str(ROOT / "tests" / "peers"))
from stack import Stack  # noqa: E402

_SECONDS = 600
_GO = "github.com/wirepas-grpc/wirepas-grpc/clients/go"


class Artefacts(unittest.TestCase):
    made = None

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="user-")))

    def artefact(self, name):
        if not (self.made / name).exists():
            self.skipTest(f"{name} was not made")
        return self.made / name

    def run_program(self, *command, **environment):
        path = f"{TOOLS / 'kubernetes'}:{TOOLS / 'toolchains/bin'}:{os.environ['PATH']}"
        done = subprocess.run([str(word) for word in command], cwd=self.folder, check=False,
                              capture_output=True, text=True, timeout=_SECONDS,
                              env={**os.environ, "PATH": path, **environment})
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")
        return done.stdout

    def network(self):
        """The service with a simulated gateway; its address."""
        stack = self.enterContext(Stack())
        stack.start_broker()
        stack.start_simulator("--gateways", "1", "--rate", "0")
        stack.start_service()
        return stack.address

    def test_checksums_hold(self):
        subprocess.run(["sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS"], cwd=self.made,
                       check=True)

    def install_python(self, package):
        environment = self.folder / "environment"
        venv.create(environment, with_pip=True)
        self.run_program(environment / "bin/pip", "install", "-q", "--disable-pip-version-check",
                         f"{package}[cli]")
        self.assertIn("Usage", self.run_program(environment / "bin/wirepas", "--help"))
        return environment

    def test_wheel_has_a_command_line(self):
        environment = self.install_python(
            self.artefact(f"wirepas_grpc-{VERSION}-py3-none-any.whl"))
        told = self.run_program(environment / "bin/wirepas", "--target", self.network(), "gateways")
        self.assertIn("sim-gw-0", told)

    def test_source_distribution_is_enough_for_pip(self):
        self.install_python(self.artefact(f"wirepas_grpc-{VERSION}.tar.gz"))

    def test_npm_package_works_in_a_new_project(self):
        package = self.artefact(f"wirepas-grpc-client-{VERSION}.tgz")
        (self.folder / "package.json").write_text('{"private": true, "type": "module"}\n')
        shutil.copy(ROOT / "clients/typescript/examples/guide/first.js", self.folder)
        self.run_program("npm", "install", "--silent", package)
        self.assertIn("sim-gw-0: online", self.run_program("node", "first.js", self.network()))

    def test_maven_takes_the_jar_from_the_folder(self):
        repository = self.artefact("maven")
        shutil.copytree(ROOT / "clients/java/examples/first", self.folder, dirs_exist_ok=True)
        pom = (self.folder / "pom.xml").read_text(encoding="utf-8")
        (self.folder / "pom.xml").write_text(pom.replace("</project>", f"""
  <repositories>
    <repository>
      <id>release</id>
      <url>file://{repository}</url>
    </repository>
  </repositories>
</project>"""), encoding="utf-8")
        # A local repository of its own: the usual one may have what builds here have installed.
        local = self.folder / "local"
        told = self.run_program(
            "mvn", "-B", "-q", f"-Dmaven.repo.local={local}", "compile",
            "org.codehaus.mojo:exec-maven-plugin:3.6.3:java", "-Dexec.mainClass=First",
            f"-Dexec.args={self.network()}")
        self.assertIn("sim-gw-0 [sink0", told)

    def test_go_takes_the_module_from_the_folder(self):
        proxy = self.artefact("go")
        shutil.copy(ROOT / "clients/go/examples/first/main.go", self.folder)
        # GOMODCACHE: what was taken from here must not stay for others.
        cache = self.folder / "cache"
        others = self.run_program("go", "env", "GOPROXY").strip()
        settings = {"GOFLAGS": "-mod=mod -modcacherw", "GOMODCACHE": str(cache),
                    "GOPROXY": f"file://{proxy},{others}", "GONOSUMDB": _GO}
        self.run_program("go", "mod", "init", "example.com/program", **settings)
        self.run_program("go", "get", f"{_GO}@v{VERSION}", **settings)
        self.run_program("go", "build", "-o", "program", ".", **settings)
        self.assertIn("sim-gw-0 [sink0", self.run_program("./program", self.network()))

    def test_chart_gives_manifests(self):
        chart = self.artefact(f"wirepas-grpc-{VERSION}.tgz")
        manifests = self.run_program("helm", "template", "first", chart, "--set",
                                     "options.mqtt_hostname=broker")
        self.assertIn("kind: StatefulSet", manifests)
        self.assertIn(f"wirepas-grpc:{VERSION}", manifests)

    def test_debian_package_has_the_service(self):
        [package] = list(self.made.glob("wirepas-grpcd_*.deb")) or self.skipTest("it was not made")
        self.assertEqual(self.run_program("dpkg-deb", "-f", package, "Package").strip(),
                         "wirepas-grpcd")
        self.run_program("dpkg-deb", "-x", package, "files")
        self.assertEqual(self.run_program("files/usr/bin/wirepas-grpcd", "--version"),
                         f"wirepas-grpcd {VERSION}\n")

    def test_image_is_loaded_under_its_name(self):
        archive = self.artefact(f"wirepas-grpc-image-{VERSION}.tar.gz")
        # A folder of its own, so that it takes nobody's image away.
        podman = ["podman", "--root", self.folder / "store", "--runroot", self.folder / "run"]
        if shutil.which("podman") is None:
            self.skipTest("podman is not there")
        # podman 4.3 takes no compressed one.
        unpacked = self.folder / "image.tar"
        unpacked.write_bytes(gzip.decompress(archive.read_bytes()))
        self.run_program(*podman, "load", "-q", "-i", unpacked)
        [image] = json.loads(self.run_program(*podman, "image", "inspect",
                                              f"wirepas-grpc:{VERSION}"))
        self.assertEqual(image["Config"]["Entrypoint"], ["/usr/bin/wirepas-grpcd"])
        self.assertEqual(image["Labels"]["org.opencontainers.image.version"], VERSION)
        self.run_program(*podman, "rmi", "-a", "-f")

    def test_lists_of_dependencies_are_for_what_was_made(self):
        lists = sorted(self.made.glob("*.cdx.json"))
        for file in lists:
            made = json.loads(file.read_text(encoding="utf-8"))
            self.assertEqual(made["metadata"]["component"]["version"].removeprefix("v"), VERSION)
            self.assertTrue(all("purl" in part for part in made["components"]), file)
        of_service = [file for file in lists if ".deb." in file.name or "-image-" in file.name]
        for file in of_service:
            names = {part["name"] for part in json.loads(file.read_text("utf-8"))["components"]}
            self.assertLessEqual({"libgrpc++1.51", "libssl3", "libc6", "librocksdb7.8"}, names)
            # What is in headers alone, and nothing that is there as a library or for tests.
            self.assertEqual({name for name in names if name.endswith("-dev")},
                             {"libcli11-dev", "nlohmann-json3-dev"}, file)


if __name__ == "__main__":
    Artefacts.made = Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
