# SPDX-License-Identifier: Apache-2.0
"""What is tested: the manifests in deploy/kubernetes and the chart, used as their users use them.
Kustomize reads JSON as well as YAML, so overlays are written as JSON here."""

import json
import os
import re
from pathlib import Path

from cluster import ROOT, program, run
from objects import BROKER, BROKER_USER, selector

KUBERNETES = ROOT / "deploy" / "kubernetes"
CHART = ROOT / "deploy" / "helm" / "wirepas-grpc"
SERVICE = "wirepas-grpc"
SERVICE_CONTAINER = "wirepas-grpcd"
SERVICE_POD = f"{SERVICE}-0"
SERVICE_CLAIM = f"state-{SERVICE_POD}"
SERVICE_SELECTOR = selector(SERVICE)
SERVICE_TARGET = f"{SERVICE}:50051"
SIDECAR_LABEL = {"wirepas-grpc.io/sidecar": "true"}
CLIENT_LABEL = {"wirepas-grpc.io/client": "true"}
SOCKET_FOLDER = "/run/wirepas-grpcd"
SOCKET = f"unix:{SOCKET_FOLDER}/grpc.sock"
LOCALHOST = "127.0.0.1:50051"

# How the service reaches the broker of the tests.
BROKER_OPTIONS = {"mqtt_hostname": BROKER, "mqtt_force_unsecure": True,
                  "mqtt_username": BROKER_USER}
# Where the base has the port of a broker with TLS.
BROKER_PORT = {"target": {"kind": "NetworkPolicy"}, "patch": json.dumps(
    [{"op": "replace", "path": "/spec/egress/0/ports/0/port", "value": 1883}])}


def configured(text, options):
    """The configuration file with these options in the place of its own; None takes one out."""
    lines = []
    for line in text.splitlines():
        name = re.match(r"(\w+)\s*=", line)
        if not name or name.group(1) not in options:
            lines.append(line)
    # JSON's texts, numbers and lists are those of TOML too.
    lines += [f"{name} = {json.dumps(value)}"
              for name, value in options.items() if value is not None]
    return "\n".join(lines) + "\n"


def patch(kind, name, *operations):
    return {"target": {"kind": kind, "name": name}, "patch": json.dumps(list(operations))}


def built(folder):
    """What Kustomize makes of a folder."""
    return run([program("kubectl"), "kustomize", folder]).stdout


class Overlay:
    """An overlay in a folder of its own, which is written anew whenever it is built."""

    def __init__(self, folder, namespace):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._content = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
                         "namespace": namespace}

    def path(self, target):
        return os.path.relpath(target, self.folder)

    def set(self, **content):
        self._content.update(content)

    def file(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def build(self):
        self.file("kustomization.yaml", json.dumps(self._content, indent=2))
        return built(self.folder)


def service_overlay(folder, namespace, options=None, patches=()):
    """The service by itself, from the base."""
    overlay = Overlay(folder, namespace)
    conf = configured((KUBERNETES / "base" / "wirepas-grpcd.conf").read_text(encoding="utf-8"),
                      {**BROKER_OPTIONS, **(options or {})})
    overlay.set(resources=[overlay.path(KUBERNETES / "base")],
                configMapGenerator=[{"name": SERVICE, "behavior": "replace",
                                     "files": [overlay.file("wirepas-grpcd.conf", conf)]}],
                patches=[BROKER_PORT, *patches])
    return overlay


def sidecar_overlay(folder, namespace, apps, options=None, patches=()):
    """Workloads of users into which the component puts the service."""
    overlay = Overlay(folder, namespace)
    component = KUBERNETES / "components" / "sidecar"
    conf = configured((component / "wirepas-grpcd.conf").read_text(encoding="utf-8"),
                      {**BROKER_OPTIONS, **(options or {})})
    content = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(apps)})
    overlay.set(resources=[overlay.file("apps.yaml", content)],
                components=[overlay.path(component)],
                configMapGenerator=[{"name": f"{SERVICE}-sidecar",
                                     "files": [overlay.file("wirepas-grpcd.conf", conf)]}],
                patches=list(patches))
    return overlay


def helm(namespace, *words, seconds=180):
    return run([program("helm"), "--namespace", namespace, *words], seconds=seconds).stdout


def helm_options(options=None):
    """The arguments that say these options to the chart."""
    words = []
    for name, value in {**BROKER_OPTIONS, **(options or {})}.items():
        words += ["--set-json", f"options.{name}={json.dumps(value)}"]
    return [*words, "--set", "broker.password.existingSecret=wirepas-grpc-broker"]
