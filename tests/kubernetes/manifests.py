# SPDX-License-Identifier: Apache-2.0
"""What tests do with manifests: render them, read them, and start the service with their options."""

import functools
import json
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))
from certificates import make_certificates  # noqa: E402
from stack import ROOT, Program, build_dir, find_program, free_port  # noqa: E402

CHART = ROOT / "deploy" / "helm" / "wirepas-grpc"
KUBERNETES = ROOT / "deploy" / "kubernetes"
TOOLS = ROOT / "build" / "tools" / "kubernetes"
CONF = "wirepas-grpcd.conf"


def run(*command, text=None):
    """The finished process; its output is text."""
    return subprocess.run([str(word) for word in command], input=text, capture_output=True, text=True,
                          check=False)


def tool(name, *arguments, text=None):
    return run(find_program(name, TOOLS), *arguments, text=text)


def output(done):
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(done.args)}:\n{done.stderr}{done.stdout}")
    return done.stdout


def helm(values):
    """`helm template` with the values, which are a dictionary: the finished process."""
    return _helm(json.dumps(values))


@functools.cache
def _helm(values):
    return tool("helm", "template", "wirepas-grpc", CHART, "--values", "-", text=values)


def kustomize(folder):
    return output(tool("kubectl", "kustomize", folder))


def read(text):
    """The objects in manifests that are as they should be: fields that there are, and restricted."""
    return [json.loads(line) for line in _checked(text).splitlines()]


@functools.cache
def _checked(text):
    return output(tool("check", "-json", text=text))


def find(objects, kind, name=None):
    """The one object of that kind, and that name if it is given."""
    found = [each for each in objects
             if each["kind"] == kind and name in (None, each["metadata"]["name"])]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} objects of the kind {kind}, name {name}")
    return found[0]


def pod_of(workload):
    spec = workload["spec"]
    return spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]


def container_of(pod):
    """The service's container, wherever it is."""
    found = [each for each in pod.get("initContainers", []) + pod["containers"]
             if each["name"] == "wirepas-grpcd"]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} containers of the service")
    return found[0]


def conf_of(objects):
    return next(each["data"][CONF] for each in objects
                if each["kind"] == "ConfigMap" and CONF in each["data"])


def options_in(conf):
    """{name: value as it is written}"""
    return dict(re.findall(r"^(\w+) = (.*)$", conf, re.MULTILINE))


class Service:
    """Starts the service with a configuration file of a pod, in a folder that stands for the pod's
    file system: with the secrets, and with a broker that is away."""

    def __init__(self, folder):
        self.folder = Path(folder)
        make_certificates(self.folder, "server")
        copy = {"broker-password/password": b"secret\n"}
        for name in ("broker-ca/ca.crt", "client-ca/ca.crt"):
            copy[name] = (self.folder / "ca.crt").read_bytes()
        for name in ("broker-client", "server"):
            copy[f"{name}/tls.crt"] = (self.folder / "server.crt").read_bytes()
            copy[f"{name}/tls.key"] = (self.folder / "server.key").read_bytes()
        for name, content in copy.items():
            path = self.folder / "etc/wirepas-grpc/secrets" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for name in ("var/lib/wirepas-grpcd", "run/wirepas-grpcd"):
            (self.folder / name).mkdir(parents=True)

    def _here(self, conf):
        """The file with the paths of this folder, addresses of this machine and free ports."""
        conf = re.sub(r"/(etc/wirepas-grpc|var/lib/wirepas-grpcd|run/wirepas-grpcd)\b",
                      rf"{self.folder}/\1", conf)
        conf = re.sub(r'"(?:0\.0\.0\.0|127\.0\.0\.1|\[::\]):\d+"', '"127.0.0.1:0"', conf)
        conf = re.sub(r"^mqtt_(hostname|port) = .*\n", "", conf, flags=re.MULTILINE)
        return f'{conf}\nmqtt_hostname = "127.0.0.1"\nmqtt_port = {free_port()}\n'

    def check(self, conf):
        """Fails unless the service starts with these options, and ends when it is told to."""
        path = self.folder / CONF
        path.write_text(self._here(conf), encoding="utf-8")
        service = Program([build_dir() / "service" / "wirepas-grpcd", "--config", path])
        try:
            service.wait_for("listening on ")
        finally:
            code = service.stop()
        if code != 0:
            raise AssertionError(f"the service ended with {code}:\n{service.output()}")
