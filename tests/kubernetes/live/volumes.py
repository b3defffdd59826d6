# SPDX-License-Identifier: Apache-2.0
"""Room for the state. A cluster with a default StorageClass makes volumes by itself; for one
without, the test makes them of folders on the disk of a node."""

from cluster import Failure, expect, until
from objects import WITNESS_IMAGE

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
# Of the node; each run has a folder of its own in it.
PARENT = "/var/lib/wirepas-grpc-test"


class Volumes:
    """Volumes for claims by name, for one run of the tests."""

    def __init__(self, cluster, run_name, namespace):
        """`namespace` is one where pods may use a node's disk."""
        self._cluster = cluster
        self._run = run_name
        self._namespace = namespace
        self._folders, self._names = [], []
        classes = cluster.items("storageclasses")
        self.provisioned = any(
            each["metadata"].get("annotations", {}).get(DEFAULT_CLASS) == "true"
            for each in classes)

    def provide(self, namespace, claim):
        """Sees to it that this claim, which need not be there yet, gets a volume."""
        if self.provisioned:
            return
        name = f"{namespace}-{claim}"
        node, host = self._node()
        folder = f"{PARENT}/{self._run}/{name}"
        self._folders.append((node, folder))
        self._on_node(node, "make", folder)
        self._names.append(name)
        # A local volume: unlike with hostPath, the kubelet gives it to the pod's fsGroup.
        self._cluster.apply({
            "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name},
            "spec": {
                "capacity": {"storage": "10Gi"}, "accessModes": ["ReadWriteOnce"],
                "persistentVolumeReclaimPolicy": "Retain", "storageClassName": "",
                "claimRef": {"namespace": namespace, "name": claim},
                "local": {"path": folder},
                "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [{
                    "key": "kubernetes.io/hostname", "operator": "In", "values": [host]}]}]}}}})

    def remove(self):
        """After the namespaces of the claims are gone. What fails stays among what is left."""
        failures = []
        for name in list(self._names):
            try:
                self._cluster.delete("persistentvolume", name)
                self._names.remove(name)
            except Failure as failure:
                failures.append(str(failure))
        for node in {node for node, _ in self._folders}:
            try:
                self._on_node(node, "remove", f"{PARENT}/{self._run}")
                self._folders = [each for each in self._folders if each[0] != node]
            except Failure as failure:
                failures.append(str(failure))
        if failures:
            raise Failure("\n".join(failures))

    def left(self):
        """The volumes, and the folders on nodes, that are there."""
        return ([f"persistentvolume/{name}" for name in self._names] +
                [f"{folder} on node {node}" for node, folder in self._folders])

    def _node(self):
        """The first node that takes pods, with its label."""
        for node in self._cluster.items("nodes"):
            if not node["spec"].get("taints") and not node["spec"].get("unschedulable"):
                labels = node["metadata"]["labels"]
                return node["metadata"]["name"], labels["kubernetes.io/hostname"]
        raise Failure("no node takes pods")

    def _on_node(self, node, what, folder):
        """Makes or removes a folder on the node, by a pod that may."""
        name = f"folder-{what}"
        spec = {"nodeName": node, "restartPolicy": "Never", "automountServiceAccountToken": False,
                "containers": [{
                    "name": "folder", "image": WITNESS_IMAGE, "imagePullPolicy": "IfNotPresent",
                    "args": ["folder", what, folder], "securityContext": {"runAsUser": 0},
                    "volumeMounts": [{"name": "disk", "mountPath": PARENT}]}],
                "volumes": [{"name": "disk", "hostPath": {
                    "path": PARENT, "type": "DirectoryOrCreate"}}]}
        place = self._namespace
        place.delete("pod", name)
        place.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})

        def phase():
            found = place.get("pod", name)["status"].get("phase")
            return found if found in ("Succeeded", "Failed") else None
        expect(until(phase, f"{name} on {node}") == "Succeeded",
               f"{name} failed: {place.logs(name, 'folder')}")
        place.delete("pod", name)
