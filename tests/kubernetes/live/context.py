# SPDX-License-Identifier: Apache-2.0
"""What the scenarios share: namespaces that are cleaned up, volumes, and a service that several of
them disturb one after the other."""

import secrets
import time
from pathlib import Path

import product
from cluster import ROOT, Cluster, Failure, run
from judge import Witness
from objects import BROKER, SIMULATOR, WITNESS, Broker, selector, witness
from volumes import Volumes

RATE = 100  # packets a second, of all gateways together
DELETE_SECONDS = 120
POD_SECURITY = "pod-security.kubernetes.io"


class Context:

    def __init__(self, keep=False):
        self.root = Cluster()
        self.run_name = f"wirepas-grpc-test-{secrets.token_hex(2)}"
        self.scratch = ROOT / "build" / "kubernetes-test" / self.run_name
        self.scratch.mkdir(parents=True)
        self._keep = keep
        self._namespaces = []
        self._in_use = []  # by the scenario that runs
        self._cleanups = []
        self._standing = None
        self.volumes = None

    def open(self):
        """What has to be there before the first scenario; close() takes it away, also when this
        fails half-way."""
        disk = self._make_namespace("disk", "privileged")
        self.volumes = Volumes(self.root, self.run_name, disk)

    def _make_namespace(self, name, level):
        name = f"{self.run_name}-{name}"
        self._namespaces.append(name)  # first: an apply that failed may have made it all the same
        labels = {f"{POD_SECURITY}/enforce": level, f"{POD_SECURITY}/enforce-version": "latest"}
        self.root.apply({"apiVersion": "v1", "kind": "Namespace",
                         "metadata": {"name": name, "labels": labels}})
        return Cluster(name)

    def namespace(self, name):
        """One that admits only what is restricted."""
        cluster = self._make_namespace(name, "restricted")
        self._in_use.append(cluster)
        return cluster

    def folder(self, name):
        path = self.scratch / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def standing(self):
        """The service by itself, made of the base, under traffic, with a witness. Each scenario
        leaves it as it found it; after a failure there is a new one."""
        if self._standing is None:
            number = sum("standing" in name for name in self._namespaces)
            self._standing = World(self, f"standing-{number}")
            self._standing.start()
        else:
            self._in_use.append(self._standing.cluster)
        return self._standing

    def begin(self):
        self._in_use = []

    def story(self):
        """All that is to be known about the scenario that has just failed, which ends its world."""
        self._standing = None
        return "\n".join(cluster.story() for cluster in self._in_use)

    def at_end(self, call):
        """For what is in no namespace."""
        self._cleanups.append(call)

    def close(self):
        """Takes away what was made. Each step is tried whatever became of those before it; a Failure
        tells what is left."""
        failures = []

        def attempt(call):
            try:
                call()
            except (Failure, OSError) as failure:
                failures.append(str(failure).strip())
        for call in self._cleanups:
            attempt(call)
        if self._keep:
            print("kept:", ", ".join(self.left()))
        else:
            # The namespace of the disk is the first: a pod there removes the folders, at last.
            attempt(lambda: self._delete(self._namespaces[1:]))
            if self.volumes:
                attempt(self.volumes.remove)
            attempt(lambda: self._delete(self._namespaces[:1]))
        if failures:
            left = "" if self._keep else f"may be left: {', '.join(self.left()) or 'nothing'}; "
            raise Failure(left + "; ".join(failures))

    def left(self):
        """All in the cluster that was made and not taken away."""
        return self._namespaces + (self.volumes.left() if self.volumes else [])

    def _delete(self, names):
        if names:
            self.root.kubectl("delete", "namespace", *names, "--ignore-not-found", "--wait",
                              seconds=DELETE_SECONDS)
            self._namespaces = [each for each in self._namespaces if each not in names]


class World:
    """A broker, simulated gateways, the service and a witness in a namespace."""

    def __init__(self, context, name, rate=RATE, simulator=(), options=None, patches=()):
        self.cluster = context.namespace(name)
        self.broker = Broker()
        self._context = context
        self._simulator = ["--sinks", "2", "--rate", rate, *simulator]
        self.overlay = product.service_overlay(
            context.folder(name), self.cluster.namespace, options, patches)
        self.witness = Witness(self.cluster)

    def start_broker(self):
        self.cluster.apply(*self.broker.objects())
        self.cluster.await_ready(selector(BROKER))
        self.cluster.apply(*self.broker.simulator(*self._simulator))
        self.cluster.await_ready(selector(SIMULATOR))

    def start(self):
        """Everything, until packets flow."""
        self._context.volumes.provide(self.cluster.namespace, product.SERVICE_CLAIM)
        self.start_broker()
        self.apply()
        self.service_ready()
        self.start_witness()

    def start_witness(self):
        self.cluster.apply(*witness(product.SERVICE_TARGET, more_labels=product.CLIENT_LABEL))
        self.cluster.await_ready(selector(WITNESS))
        return self.witness.await_traffic()

    def apply(self):
        self.cluster.apply(text=self.overlay.build())

    def service_ready(self):
        return self.cluster.await_ready(product.SERVICE_SELECTOR)

    def scale(self, name, replicas):
        self.cluster.kubectl("scale", f"deployment/{name}", f"--replicas={replicas}")


def load_images(folder, command):
    """Gives each image, a docker-archive in the folder, to the cluster."""
    archives = sorted(Path(folder).glob("*.tar"))
    if not archives:
        raise Failure(f"there are no images in {folder}; tests/kubernetes/images makes them")
    begin = time.monotonic()
    for archive in archives:
        run([str(archive) if word == "{}" else word for word in command], seconds=300)
    print(f"loaded {len(archives)} images in {time.monotonic() - begin:.0f} s", flush=True)
