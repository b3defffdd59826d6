# SPDX-License-Identifier: Apache-2.0
"""Commands that pages show to those who run the service: what can be tried here is tried, and of the
rest it is checked that a test of packages, images or manifests runs the like.
"""

import re
import shlex
import shutil
import subprocess
import tempfile

import names
import pages

VERSION = (pages.ROOT / "VERSION").read_text().strip()
TOOLS = pages.ROOT / "build" / "tools" / "kubernetes"
_PROGRAMS = ("deploy/container/build", "docker", "helm", "journalctl", "kubectl", "podman", "sudo",
             "systemctl")
_PROBE = re.compile(r"wirepas-grpcd health\b")


def is_for_operators(commands):
    """Whether a block has commands of this kind, and only such."""
    return all(line.split()[0] in _PROGRAMS or _PROBE.match(line)
               for line in commands.replace("\\\n", "").splitlines() if line.strip())


def check_command(case, line):
    program, *arguments = shlex.split(line)
    if program == "sudo":
        program, *arguments = arguments
    _CHECKS[program](case, arguments)


def _tool(name):
    return shutil.which(name, path=str(TOOLS)) or shutil.which(name)


def _run(case, *command):
    done = subprocess.run(command, cwd=pages.ROOT, capture_output=True, text=True, timeout=60,
                          check=False)
    case.assertEqual(done.returncode, 0, done.stdout[-1000:] + done.stderr)
    return done.stdout


def _is_run_by(case, folder, *words):
    """A test of the folder has these words, in one file."""
    files = [file for file in (pages.ROOT / "tests" / folder).rglob("*") if file.is_file()]
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files]
    case.assertTrue(any(all(word in text for word in words) for text in texts),
                    f"no file of tests/{folder} has {words}")


def _apt_get(case, arguments):
    case.assertEqual(arguments, ["install", f"./wirepas-grpcd_{VERSION}_amd64.deb"])
    _is_run_by(case, "packages", "apt-get", "install", "wirepas-grpcd")


# These stand in the package's configuration too, from where tests/packages/machine_test.py runs them.
def _install(case, arguments):
    _is_in_configuration(case, shlex.join(["install", *arguments]))


def _sh(case, arguments):
    _is_in_configuration(case, arguments[-1])


def _is_in_configuration(case, command):
    conf = pages.ROOT / "deploy" / "debian" / "wirepas-grpcd.conf"
    case.assertIn(command, conf.read_text())


def _systemctl(case, arguments):
    verb, *rest = arguments
    case.assertEqual(rest[-1], "wirepas-grpcd")
    _is_run_by(case, "packages", "systemctl", verb)


def _journalctl(case, arguments):
    case.assertEqual(arguments, ["-u", "wirepas-grpcd"])
    _is_run_by(case, "packages", "journalctl", "wirepas-grpcd")


def _daemon(case, arguments):
    case.assertEqual(arguments, ["health"])
    _is_run_by(case, "packages", "wirepas-grpcd", "health")


def _container_build(case, arguments):
    case.assertEqual(arguments, [])
    _is_run_by(case, "containers", "deploy/container/build")


def _podman(case, arguments):
    verb, *rest = arguments
    case.assertEqual(verb, "run")
    image = f"wirepas-grpc:{VERSION}"
    options = rest[rest.index(image) + 1:]
    with tempfile.TemporaryDirectory() as state:
        options = [state if option.startswith("/var/lib/") else option for option in options]
        _run(case, names.programs()[0], "--check", *options)
    for flag in (each for each in rest[:rest.index(image)] if each.startswith("-")):
        _is_run_by(case, "containers", f'"{flag}"')


def _docker(case, arguments):
    case.assertEqual(arguments, ["compose", "-f", "deploy/compose.yaml", "up"])
    _is_run_by(case, "containers", "compose.yaml", "up")


def _helm(case, arguments):
    verb, *rest = arguments
    case.assertEqual(verb, "install")
    case.assertIn("kind: StatefulSet", _run(case, _tool("helm"), "template", *rest))


def _kubectl(case, arguments):
    verb, flag, folder = arguments
    case.assertIn(verb, ("apply", "delete"))
    case.assertEqual(flag, "-k")
    case.assertIn("kind: ", _run(case, _tool("kubectl"), "kustomize", folder))


_CHECKS = {
    "apt-get": _apt_get,
    "deploy/container/build": _container_build,
    "docker": _docker,
    "helm": _helm,
    "install": _install,
    "journalctl": _journalctl,
    "kubectl": _kubectl,
    "podman": _podman,
    "sh": _sh,
    "systemctl": _systemctl,
    "wirepas-grpcd": _daemon,
}
