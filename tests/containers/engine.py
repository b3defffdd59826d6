# SPDX-License-Identifier: Apache-2.0
"""A real engine for the tests of containers: podman, with a store of its own below
build/containers, and our images in it. Ends the test with 77 where none can run."""

import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / folder) for folder in ("peers", "packages")]
from stack import ROOT, build_dir, free_port  # noqa: E402

HERE = ROOT / "tests" / "containers"
FOLDER = ROOT / "build" / "containers"
VERSION = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
BASE = "debian:bookworm-slim"
BROKER = "localhost/eclipse-mosquitto:2"
HARDENED = ["--read-only", "--read-only-tmpfs=false", "--cap-drop=all",
            "--security-opt=no-new-privileges"]
SKIPPED = 77
PATIENCE_SECONDS = 60


def run(*command, **options):
    """The output of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], text=True, errors="replace",
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n"
                             f"{done.stdout}{done.stderr}")
    return done.stdout.strip()


@functools.cache
def prepare():
    """Sets the engine up, for this process and those that it starts."""
    done = subprocess.run([HERE / "base"], text=True, stdout=subprocess.PIPE, check=False)
    if done.returncode == SKIPPED:
        sys.exit(SKIPPED)
    if done.returncode != 0:
        raise AssertionError(f"tests/containers/base ended with {done.returncode}")
    os.environ.update(re.findall(r"^export (\w+)=(.*)$", done.stdout, re.MULTILINE))


def podman(*arguments):
    prepare()
    return run("podman", *arguments)


def build(*arguments):
    """Has deploy/container/build make an image; returns its id."""
    prepare()
    output = run(ROOT / "deploy" / "container" / "build", "--engine", "buildah", *arguments)
    return output.splitlines()[-1]


def deb():
    """The Debian package: what WIREPAS_DEB names, else that of the build."""
    if given := os.environ.get("WIREPAS_DEB"):
        return Path(given)
    from packages import daemon_package  # made when the first test needs it
    return daemon_package()


def _made_of(*paths):
    """A short word for what is in these files, and in those that images are built with."""
    digest = hashlib.sha256(podman("image", "inspect", "-f", "{{.Id}}", BASE).encode())
    # A label says which commit an image is of, and whether there were changes.
    digest.update(run("git", "-C", ROOT, "rev-parse", "HEAD").encode())
    digest.update(b"modified" if run("git", "-C", ROOT, "status", "--porcelain") else b"")
    folder = ROOT / "deploy" / "container"
    for path in sorted([*paths, *(each for each in folder.iterdir() if each.is_file())]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _image(name, key, make):
    """The id of an image, made by make(its tag) if there is none of this key. It gets its version
    as a tag, too."""
    tag = f"localhost/{name}:made-of-{key}"
    if subprocess.run(["podman", "image", "exists", tag], check=False).returncode != 0:
        for old in podman("images", "-q", "--filter", f"reference=localhost/{name}").split():
            podman("rmi", "-f", old)
        make(tag)
    podman("tag", tag, f"localhost/{name}:{VERSION}")
    return podman("image", "inspect", "-f", "{{.Id}}", tag)


@functools.cache
def service_image():
    """The image of the service, from the Debian package of the build that is tested."""
    prepare()
    package = deb()
    return _image("wirepas-grpc", _made_of(package),
                  lambda tag: build("--deb", package, "--tag", tag))


def _prebuilt(image, tag, fill):
    """An image of programs that are built already: fill puts its root into a folder."""
    context = FOLDER / image
    shutil.rmtree(context, ignore_errors=True)
    context.mkdir(parents=True)
    fill(context / "out")
    build(image, "--tag", tag, "--", "--build-context", f"build={context}")


@functools.cache
def simulator_image():
    program = build_dir() / "tests" / "simulator" / "wirepas-gateway-sim"
    return _image("wirepas-gateway-sim", _made_of(program), lambda tag: _prebuilt(
        "simulator", tag,
        lambda out: run(ROOT / "deploy" / "container" / "collect", program, out)))


@functools.cache
def go_image():
    client = ROOT / "clients" / "go"
    return _image("wirepas-example-go", _made_of(*client.rglob("*.go")), lambda tag: _prebuilt(
        "example-go", tag,
        lambda out: run("go", "build", "-trimpath", "-ldflags=-s", "-o", f"{out}/usr/bin/",
                        "./examples/...", cwd=client, env={
                            **os.environ, "CGO_ENABLED": "0",
                            "PATH": f"{ROOT}/build/tools/toolchains/bin:{os.environ['PATH']}"})))


def eventually(condition, what, pause=0.1):
    """The first result of the condition that is true."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (result := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for: {what}")
        time.sleep(pause)
    return result


def page(port, path):
    """Code and text of a page, or None where nothing answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return None


def is_ready(port):
    return (page(port, "/readyz") or [None])[0] == 200


class Pod:
    """Broker and simulator in a pod; the service joins them. Its gRPC and metrics ports are
    published at free ports of this machine."""

    NAME = "wirepas-test"

    def __init__(self, folder, broker_config=""):
        service_image(), simulator_image()
        self.folder = Path(folder)
        self.grpc_port, self.metrics_port = free_port(), free_port()
        self.close()
        podman("pod", "create", "--name", self.NAME, "-p", f"127.0.0.1:{self.grpc_port}:50051",
               "-p", f"127.0.0.1:{self.metrics_port}:9100")
        config = self.folder / "mosquitto.conf"
        config.write_text((ROOT / "deploy/compose/mosquitto.conf").read_text(encoding="utf-8")
                          + broker_config, encoding="utf-8")
        self.run("broker", BROKER, volumes=[f"{config}:/mosquitto/config/mosquitto.conf:ro",
                                            f"{self.folder}:/certificates:ro"])
        self.run("simulator", f"localhost/wirepas-gateway-sim:{VERSION}", *HARDENED, arguments=[
            "--mqtt_hostname", "127.0.0.1", "--mqtt_port", "1883", "--mqtt_force_unsecure",
            "--gateways", "2", "--sinks", "1", "--nodes", "3", "--rate", "20"])

    def run(self, name, image, *options, arguments=(), volumes=()):
        mounts = [word for volume in volumes for word in ("-v", volume)]
        podman("run", "-d", "--pod", self.NAME, "--name", f"{self.NAME}-{name}", *options, *mounts,
               image, *arguments)
        return f"{self.NAME}-{name}"

    def run_service(self, *arguments, options=(), volumes=(), environment=None):
        """The service, hardened. Broker and ports come from the environment."""
        variables = {"WM_SERVICES_MQTT_HOSTNAME": "127.0.0.1", "WM_SERVICES_MQTT_PORT": "1883",
                     "WM_SERVICES_MQTT_FORCE_UNSECURE": "true",
                     "WIREPAS_GRPC_METRICS_LISTEN": "0.0.0.0:9100", **(environment or {})}
        words = [f"--env={name}={value}" for name, value in variables.items()]
        return self.run("service", service_image(), *HARDENED, *words, *options,
                        arguments=arguments, volumes=volumes)

    def wait_until_ready(self):
        try:
            eventually(lambda: is_ready(self.metrics_port), "a service that is ready")
        except AssertionError as error:
            raise AssertionError(f"{error}; its log:\n{self.log()}") from error

    def log(self):
        done = subprocess.run(["podman", "logs", f"{self.NAME}-service"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.stdout

    def stop_service(self):
        """Ends it as engines do; returns its exit code and the seconds that it took."""
        name = f"{self.NAME}-service"
        begin = time.monotonic()
        podman("stop", "-t", "15", name)
        seconds = time.monotonic() - begin
        [state] = json.loads(podman("inspect", name))
        podman("rm", name)
        return state["State"]["ExitCode"], seconds

    def close(self):
        podman("pod", "rm", "-f", "-i", "-t", "1", self.NAME)
