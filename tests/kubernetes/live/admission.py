# SPDX-License-Identifier: Apache-2.0
"""What the cluster takes, without running it: every object that Kustomize and Helm make, and their
pods in a namespace that admits only what is restricted."""

import copy
import json
import re

import product
from cluster import ROOT, expect
from objects import WITNESS_IMAGE, container, deployment, job, pod_spec

CHART_VALUES = {
    "defaults": [],
    "sidecar": ["--set", "mode=sidecar"],
    "sidecar with state": ["--set", "mode=sidecar,sidecar.state=true"],
    "in memory": ["--set", "persistence.enabled=false"],
    "a claim that is there": ["--set", "persistence.existingClaim=mine,persistence.size=10Gi"],
    "TLS on both sides": [
        "--set", "tls.server.existingSecret=a,tls.clientCa.existingSecret=b,"
                 "broker.ca.existingSecret=c,broker.clientCertificate.existingSecret=d"],
    "IPv6": ["--set-json", 'options.listen="[::]:50051"',
             "--set-json", 'options.metrics_listen="[::]:9100"'],
    "monitoring": ["--set", "monitoring.serviceMonitor.enabled=true,"
                            "monitoring.prometheusRule.enabled=true,"
                            "monitoring.dashboard.enabled=true"],
    "readiness of the broker": ["--set", "probes.readiness=broker"],
    "much else": [
        "--set", "service.type=LoadBalancer,service.port=443,priorityClassName=high,"
                 "podDisruptionBudget.maxUnavailable=0,imagePullSecrets[0].name=registry,"
                 "image.digest=sha256:" + 64 * "0",
        "--set-json", 'nodeSelector={"disk":"ssd"}',
        "--set-json", 'tolerations=[{"key":"a","operator":"Exists"}]',
        "--set-json", 'networkPolicy.clientPeers=[{"ipBlock":{"cidr":"192.0.2.0/24"}}]',
        "--set-json", 'extraVolumes=[{"name":"more","emptyDir":{}}]',
        "--set-json", 'extraVolumeMounts=[{"name":"more","mountPath":"/more"}]',
        "--set-json", 'commonLabels={"team":"mesh"}'],
}
# What turns a pod that is restricted into one that is not.
LOOSENED = {
    "privilege escalation": lambda spec: all_containers(spec)[0]["securityContext"].update(
        allowPrivilegeEscalation=True),
    "root": lambda spec: all_containers(spec)[0]["securityContext"].update(runAsUser=0),
    "a capability": lambda spec: all_containers(spec)[0]["securityContext"].update(
        capabilities={"drop": ["ALL"], "add": ["NET_ADMIN"]}),
    "the node's disk": lambda spec: spec.setdefault("volumes", []).append(
        {"name": "disk", "hostPath": {"path": "/"}}),
    "the node's network": lambda spec: spec.update(hostNetwork=True),
}


def all_containers(spec):
    return spec["containers"] + spec.get("initContainers", [])


def documents(text):
    """The objects of a stream of YAML, as texts."""
    parts = re.split(r"^---.*$", text, flags=re.MULTILINE)
    return [part for part in parts if re.search(r"^kind:", part, re.MULTILINE)]


def kind(document):
    return re.search(r"^kind:\s*(\w+)", document, re.MULTILINE).group(1)


def renderings(context, namespace):
    """(name, text) of all that Kustomize and Helm make, for this namespace."""
    for path in sorted((product.KUBERNETES).rglob("kustomization.yaml")):
        folder = path.parent
        name = str(folder.relative_to(ROOT))
        if "components" in folder.parts:
            continue
        overlay = product.Overlay(context.folder(f"dry-{folder.name}"), namespace)
        overlay.set(resources=[overlay.path(folder)])
        yield name, overlay.build()
    yield "component monitoring", monitored(context, namespace)
    yield "component sidecar", product.sidecar_overlay(
        context.folder("dry-sidecar"), namespace, sidecar_apps()).build()
    for name, words in CHART_VALUES.items():
        yield f"helm, {name}", product.helm(
            namespace, "template", product.SERVICE, product.CHART, *product.helm_options(), *words)


def monitored(context, namespace):
    overlay = product.service_overlay(context.folder("dry-monitoring"), namespace)
    overlay.set(components=[overlay.path(product.KUBERNETES / "components" / "monitoring")])
    return overlay.build()


def sidecar_apps():
    """One of each kind that has pods."""
    apps = [deployment("app", pod_spec(65532, [container("app", WITNESS_IMAGE)])),
            job("once", pod_spec(65532, [container("app", WITNESS_IMAGE)], restartPolicy="Never"))]
    daemons = copy.deepcopy(apps[0])
    daemons["kind"], daemons["metadata"]["name"] = "DaemonSet", "daemons"
    for name in ("replicas", "strategy"):
        del daemons["spec"][name]
    apps.append(daemons)
    once = copy.deepcopy(apps[1]["spec"])
    apps.append({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "daily"},
                 "spec": {"schedule": "@daily", "jobTemplate": {"spec": once}}})
    for app in apps:
        app["metadata"]["labels"] = product.SIDECAR_LABEL
    return apps


def dry_run(context):
    """The API server's own validation, with every field known to it. What it has no definition of,
    as that of Prometheus' operator, is left to tests/kubernetes/tools."""
    cluster = context.namespace("dry")
    unknown = set()
    if not cluster.kubectl("api-resources", "--api-group=monitoring.coreos.com",
                           "--no-headers").stdout.strip():
        unknown = {"ServiceMonitor", "PrometheusRule"}
    typo = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"},
                       "dada": {}})
    expect(not dry_applied(cluster, typo)[0], "a field that there is not is accepted")
    count, left_out = 0, 0
    for name, text in renderings(context, cluster.namespace):
        objects = documents(text)
        # The namespace of the example has the name of this one then, which is there.
        known = [each for each in objects if kind(each) not in unknown]
        left_out += len(objects) - len(known)
        expect(known, f"{name} makes nothing")
        good, told = dry_applied(cluster, "\n---\n".join(known))
        expect(good, f"{name} is refused:\n{told}")
        expect("Warning" not in told, f"{name} is warned of:\n{told}")
        count += len(known)
    return f"{count} objects; {left_out} of kinds that this cluster does not know"


def dry_applied(cluster, text):
    """Whether the API server would take it, and what it says."""
    done = cluster.kubectl("apply", "--server-side", "--dry-run=server", "--validate=strict",
                           "--filename", "-", text=text, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def as_objects(cluster, text):
    """YAML as the objects it stands for."""
    found = cluster.kubectl("create", "--dry-run=client", "--output", "json", "--filename", "-",
                            text=text).stdout
    decoder, objects = json.JSONDecoder(), []
    while found := found.lstrip():
        item, end = decoder.raw_decode(found)
        objects += item["items"] if item["kind"] == "List" else [item]
        found = found[end:]
    return objects


def claim_volumes(item):
    """Gives a StatefulSet's pod the volumes of its claims, as its controller does."""
    for claim in item["spec"].get("volumeClaimTemplates", []):
        name = claim["metadata"]["name"]
        item["spec"]["template"]["spec"].setdefault("volumes", []).append(
            {"name": name, "persistentVolumeClaim": {"claimName": f"{name}-0"}})


def admitted(cluster, spec, metadata):
    """Whether a pod like this may be made, and why not."""
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": spec,
           "metadata": {"name": "try", "labels": metadata.get("labels", {})}}
    done = cluster.kubectl("create", "--dry-run=server", "--filename", "-", text=json.dumps(pod),
                           check=False)
    return done.returncode == 0, done.stderr


def admission(context):
    """The restricted level admits every pod of ours, and refuses what is looser."""
    cluster = context.namespace("admission")
    cluster.apply({"apiVersion": "v1", "kind": "ServiceAccount",
                   "metadata": {"name": product.SERVICE}})
    pods, refused = 0, 0
    for name, text in renderings(context, cluster.namespace):
        known = [each for each in documents(text)
                 if kind(each) in ("StatefulSet", "Deployment", "DaemonSet", "Job")]
        if not known or "priorityClassName" in text:
            continue
        for item in as_objects(cluster, "\n---\n".join(known)):
            template = item["spec"]["template"]
            claim_volumes(item)
            good, why = admitted(cluster, template["spec"], template["metadata"])
            expect(good, f"{name}, {item['kind']} {item['metadata']['name']}: {why}")
            pods += 1
    for what, loosen in LOOSENED.items():
        spec = copy.deepcopy(template["spec"])
        loosen(spec)
        good, why = admitted(cluster, spec, template["metadata"])
        expect(not good and "violates PodSecurity" in why, f"{what} is let in: {why}")
        refused += 1
    return f"{pods} kinds of pods admitted, {refused} that are looser refused"
