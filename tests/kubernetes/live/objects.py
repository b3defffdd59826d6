# SPDX-License-Identifier: Apache-2.0
"""What stands around the service in the tests, as Kubernetes takes it: a broker, simulated gateways
and witnesses, all as a namespace with the restricted level of pod security wants them."""

import base64
import hashlib
import json
import os
import secrets

BROKER, SIMULATOR, WITNESS = "broker", "simulator", "witness"
BROKER_IMAGE = "eclipse-mosquitto:2"
SIMULATOR_IMAGE = "wirepas-gateway-sim:0.2.0"
WITNESS_IMAGE = "wirepas-witness:0.2.0"
REPORT_PORT = 8080
# Who the service is to the broker, and the gateways.
BROKER_USER, GATEWAY_USER = "backend", "gateway"

# The broker shall not be the one who loses packets: see "Your own broker" in README.md.
BROKER_CONF = """\
listener 1883
allow_anonymous false
password_file /mosquitto/config/passwords
persistence true
persistence_location /mosquitto/data/
max_inflight_messages 1000
max_queued_messages 1000000
set_tcp_nodelay true
"""


def labels(name):
    return {"app.kubernetes.io/name": name}


def selector(name):
    return f"app.kubernetes.io/name={name}"


def container(name, image, **more):
    return {"name": name, "image": image, "imagePullPolicy": "IfNotPresent",
            "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                "capabilities": {"drop": ["ALL"]}}, **more}


def pod_spec(user, containers, **more):
    """What a pod must say in a restricted namespace."""
    return {"securityContext": {"runAsNonRoot": True, "runAsUser": user, "runAsGroup": user,
                                "fsGroup": user, "seccompProfile": {"type": "RuntimeDefault"}},
            "automountServiceAccountToken": False, "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 5, "containers": containers, **more}


def pod_template(name, spec, more_labels=None):
    return {"metadata": {"labels": {**labels(name), **(more_labels or {})}}, "spec": spec}


def deployment(name, spec, more_labels=None):
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
            "spec": {"replicas": 1, "strategy": {"type": "Recreate"},
                     "selector": {"matchLabels": labels(name)},
                     "template": pod_template(name, spec, more_labels)}}


def job(name, spec, more_labels=None):
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
            "spec": {"backoffLimit": 0, "template": pod_template(name, spec, more_labels)}}


def service(name, *ports):
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
            "spec": {"selector": labels(name), "ports": [
                {"name": f"port-{port}", "port": port, "targetPort": port} for port in ports]}}


def config_map(name, data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def secret(name, data):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}


def hashed(password):
    """As mosquitto_passwd writes it."""
    salt, rounds = os.urandom(12), 101
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    return f"$7${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


class Broker:
    """A broker that asks for passwords, and keeps what comes for sessions of clients that are away,
    as long as its pod lives."""

    def __init__(self):
        self._passwords = {name: secrets.token_urlsafe(12) for name in (BROKER_USER, GATEWAY_USER)}

    def objects(self):
        lines = [f"{name}:{hashed(password)}" for name, password in self._passwords.items()]
        mosquitto = container(
            BROKER, BROKER_IMAGE, ports=[{"containerPort": 1883}],
            readinessProbe={"tcpSocket": {"port": 1883}, "periodSeconds": 1},
            volumeMounts=[{"name": "config", "mountPath": "/mosquitto/config"},
                          {"name": "data", "mountPath": "/mosquitto/data"}])
        spec = pod_spec(1883, [mosquitto], volumes=[
            {"name": "config", "projected": {"sources": [
                {"configMap": {"name": BROKER}}, {"secret": {"name": BROKER}}]}},
            {"name": "data", "emptyDir": {}}])
        return [config_map(BROKER, {"mosquitto.conf": BROKER_CONF}),
                secret(BROKER, {"passwords": "\n".join(lines) + "\n"}),
                # What the manifests of the service ask for.
                secret("wirepas-grpc-broker", {"password": self._passwords[BROKER_USER]}),
                service(BROKER, 1883), deployment(BROKER, spec)]

    def simulator(self, *arguments, gateways=2):
        """Gateways whose packets are numbered."""
        program = container(SIMULATOR, SIMULATOR_IMAGE, args=[
            "--mqtt_hostname", BROKER, "--mqtt_force_unsecure", "--mqtt_username", GATEWAY_USER,
            "--mqtt_password", self._passwords[GATEWAY_USER], "--resend", "--gateways",
            str(gateways), *[str(word) for word in arguments]])
        return [deployment(SIMULATOR, pod_spec(65532, [program]))]

    def tell_gateways(self, cluster, order):
        """Publishes to the simulator's control topic; see tests/simulator."""
        pod = cluster.pod(selector(BROKER))["metadata"]["name"]
        cluster.exec(pod, BROKER, "mosquitto_pub", "-u", GATEWAY_USER, "-P",
                     self._passwords[GATEWAY_USER], "-t", "sim-control/all", "-m",
                     json.dumps(order))


def witness_container(name, target, *arguments, port=REPORT_PORT, **more):
    return container(name, WITNESS_IMAGE, args=[
        "watch", "--target", target, "--http", f"127.0.0.1:{port}", *arguments], **more)


def witness(target, *arguments, more_labels=None):
    """A subscriber in a pod of its own, which survives what happens to the service."""
    return [deployment(WITNESS, pod_spec(
        65532, [witness_container(WITNESS, target, "--plaintext", *arguments)]), more_labels)]
