# SPDX-License-Identifier: Apache-2.0
"""The other ways to the service: Helm, TLS, the example; and who is let in."""

import product
from cluster import Failure, Skip, container_status, expect, is_ready, program, run, until
from context import World
from disruptions import interrupt, uid
from judge import expect_losses_told, expect_nothing_lost, since, summary
from objects import (BROKER, BROKER_IMAGE, SIMULATOR, SIMULATOR_IMAGE, WITNESS, WITNESS_IMAGE,
                     config_map, container, deployment, job, pod_spec, secret, selector, service,
                     witness_container)

INSTANCE = f"app.kubernetes.io/instance={product.SERVICE}"
EXAMPLE_PODS = ("broker", "simulator", "print-uplinks")
# All kinds that the chart can make.
KINDS = ("statefulsets,services,configmaps,serviceaccounts,poddisruptionbudgets,networkpolicies,"
         "secrets,pods")


def helm_install(context):
    """Install, upgrade and uninstall, with a readiness that follows the broker."""
    world = World(context, "helm")
    cluster, namespace = world.cluster, world.cluster.namespace
    context.volumes.provide(namespace, product.SERVICE_CLAIM)
    world.start_broker()
    words = [product.SERVICE, product.CHART, "--wait", "--timeout", "2m",
             "--set", "probes.readiness=broker,probes.periodSeconds=2"]
    product.helm(namespace, "install", *words, *product.helm_options())
    before = world.start_witness()
    away = broker_shows(world)
    old = uid(cluster)
    expect_losses_told(since(before, world.witness.await_traffic()))
    result = interrupt(world, "the upgrade", lambda: product.helm(
        namespace, "upgrade", *words, *product.helm_options({"log_level": "debug"})))
    expect(uid(cluster) != old, "the upgrade did not roll the pod")
    product.helm(namespace, "uninstall", product.SERVICE, "--wait", "--timeout", "2m")

    def gone():  # helm does not wait for pods
        left = [f"{item['kind']} {item['metadata']['name']}"
                for item in cluster.items(KINDS, INSTANCE)]
        expect(not left, f"uninstalled, and still there: {left}")
        return True
    until(gone, "all of the chart is gone", 60)
    expect(cluster.get("persistentvolumeclaim", product.SERVICE_CLAIM),
           "the volume went with the chart")
    return f"upgrade: {result}; {away}; uninstalled, volume kept"


def broker_shows(world):
    """With this readiness an outage of the broker shows at the pod, and restarts nothing."""
    def ready(wanted):
        return lambda: is_ready(world.cluster.pod(product.SERVICE_SELECTOR)) == wanted
    world.scale(BROKER, 0)
    until(ready(False), "the pod is not ready without its broker", 60)
    world.scale(BROKER, 1)
    world.cluster.await_ready(selector(BROKER))
    until(ready(True), "the pod is ready again", 60)
    status = container_status(world.cluster.pod(product.SERVICE_SELECTOR),
                              product.SERVICE_CONTAINER)
    expect(status["restartCount"] == 0, f"restarted for its broker: {status}")
    return "unready while the broker was away, and ready again"


def make_certificates(folder, names):
    """An authority, and a certificate for each name: the first is for servers of that DNS name."""
    def openssl(*words):
        run([program("openssl"), *words])
    key = ["-newkey", "rsa:2048", "-nodes"]
    openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=authority",
            "-keyout", folder / "ca.key", "-out", folder / "ca.crt")
    for name in names:
        openssl("req", *key, "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key",
                "-out", folder / f"{name}.csr")
        (folder / "san").write_text(f"subjectAltName=DNS:{name}\n", encoding="utf-8")
        openssl("x509", "-req", "-in", folder / f"{name}.csr", "-CA", folder / "ca.crt",
                "-CAkey", folder / "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", folder / "san", "-out", folder / f"{name}.crt")


def tls(context):
    """The overlay with TLS on both sides: the broker and the service each ask for a certificate."""
    world = World(context, "tls")
    cluster, folder = world.cluster, context.folder("tls-certificates")
    make_certificates(folder, [BROKER, product.SERVICE, "client"])

    def files(**names):
        return {key: (folder / name).read_text(encoding="utf-8") for key, name in names.items()}

    def pair(name):
        return files(**{"tls.crt": f"{name}.crt", "tls.key": f"{name}.key"})
    authority = files(**{"ca.crt": "ca.crt"})
    cluster.apply(secret("wirepas-grpc-server-tls", pair(product.SERVICE)),
                  secret("wirepas-grpc-client-ca", authority),
                  secret("wirepas-grpc-broker-ca", authority),
                  secret("wirepas-grpc-broker-client", pair("client")),
                  secret("broker-tls", {**pair(BROKER), **authority}))
    context.volumes.provide(cluster.namespace, product.SERVICE_CLAIM)
    cluster.apply(*tls_broker())
    cluster.await_ready(selector(BROKER))
    cluster.apply(deployment(SIMULATOR, pod_spec(65532, [container(
        SIMULATOR, SIMULATOR_IMAGE, args=[
            "--mqtt_hostname", BROKER, "--gateways", "2", "--rate", "100"])])))
    base = product.KUBERNETES / "overlays" / "tls"
    overlay = product.Overlay(context.folder("tls"), cluster.namespace)
    conf = product.configured((base / "wirepas-grpcd.conf").read_text(encoding="utf-8"),
                              {"mqtt_hostname": BROKER})
    overlay.set(resources=[overlay.path(base)], configMapGenerator=[{
        "name": product.SERVICE, "behavior": "replace",
        "files": [overlay.file("wirepas-grpcd.conf", conf)]}])
    cluster.apply(text=overlay.build())
    cluster.await_ready(product.SERVICE_SELECTOR)

    mount = [{"name": "keys", "mountPath": "/keys"}]
    volume = [{"name": "keys", "projected": {"sources": [
        {"secret": {"name": "wirepas-grpc-broker-client"}},
        {"secret": {"name": "wirepas-grpc-client-ca"}}]}}]
    app = witness_container(WITNESS, product.SERVICE_TARGET, "--ca", "/keys/ca.crt",
                            "--cert", "/keys/tls.crt", "--key", "/keys/tls.key",
                            volumeMounts=mount)
    cluster.apply(deployment(WITNESS, pod_spec(65532, [app], volumes=volume),
                             product.CLIENT_LABEL))
    cluster.await_ready(selector(WITNESS))
    seen = world.witness.await_traffic()
    expect_nothing_lost(seen)
    words = ["--ca", "/keys/ca.crt"]
    own = ["--cert", "/keys/tls.crt", "--key", "/keys/tls.key"]
    expect(call(cluster, [*words, *own], mount, volume), "a client with a certificate is refused")

    def refused(name, words, reason):
        """The client is told little more than that the connection is closed; the service's log has
        why."""
        expect(not call(cluster, words, mount, volume), f"a client {name} was let in")
        until(lambda: reason in cluster.logs(product.SERVICE_POD, product.SERVICE_CONTAINER),
              f"the service says that it refused a client {name}: {reason}", 30)
    refused("without a certificate", words, "peer did not return a certificate")
    refused("without TLS", ["--plaintext"], "wrong version number")
    return f"{summary(seen)}; clients without TLS or a certificate refused"


def tls_broker():
    conf = ("per_listener_settings true\n"
            "listener 8883\nallow_anonymous true\ncafile /mosquitto/config/ca.crt\n"
            "certfile /mosquitto/config/tls.crt\nkeyfile /mosquitto/config/tls.key\n"
            "require_certificate true\n"
            # For the simulator, which knows no TLS.
            "listener 1883\nallow_anonymous true\n")
    mosquitto = container(
        BROKER, BROKER_IMAGE,
        readinessProbe={"tcpSocket": {"port": 8883}, "periodSeconds": 1},
        volumeMounts=[{"name": "config", "mountPath": "/mosquitto/config"}])
    spec = pod_spec(1883, [mosquitto], volumes=[{"name": "config", "projected": {"sources": [
        {"configMap": {"name": BROKER}}, {"secret": {"name": "broker-tls"}}]}}])
    return [config_map(BROKER, {"mosquitto.conf": conf}),
            service(BROKER, 1883, 8883), deployment(BROKER, spec)]


def call(cluster, words, mounts=(), volumes=(), labels=None):
    """Whether a call of the service succeeds, from a pod of its own."""
    name = "call"
    app = container(name, WITNESS_IMAGE, volumeMounts=list(mounts), args=[
        "call", "--target", product.SERVICE_TARGET, *words])
    cluster.delete("job", name)
    cluster.apply(job(name, pod_spec(65532, [app], volumes=list(volumes), restartPolicy="Never"),
                      labels if labels is not None else product.CLIENT_LABEL))

    def ended():
        status = cluster.get("job", name)["status"]
        return next((each["type"] for each in status.get("conditions", [])
                     if each["status"] == "True" and each["type"] in ("Complete", "Failed")), None)
    result = until(ended, "the call has ended")
    log = cluster.kubectl("logs", f"job/{name}").stdout
    cluster.delete("job", name)
    if (result == "Complete") != ('"result":"OK"' in log):
        raise Failure(f"the call ended with {result}, and says: {log}")
    return result == "Complete"


def network_policy(context):
    """Who is not named a client does not reach the service, where the cluster's network sees to
    that."""
    world = context.standing()

    def let_in():  # the network may need a moment to know a new pod
        return call(world.cluster, ["--plaintext"])
    until(let_in, "a client with the label gets through")
    if call(world.cluster, ["--plaintext"], labels={}):
        raise Skip("this cluster enforces no NetworkPolicy: that of the service is unproved here")
    until(let_in, "a client with the label gets through, after one without was kept out")
    return "a pod with the label gets through, one without it does not"


def example(context):
    """The example of deploy/kubernetes as it is, but for the namespace."""
    cluster = context.namespace("example")
    overlay = product.Overlay(context.folder("example"), cluster.namespace)
    overlay.set(resources=[overlay.path(product.KUBERNETES / "overlays" / "example")])
    cluster.apply(text=overlay.build())
    for name in EXAMPLE_PODS:
        cluster.await_ready(selector(name))
    pod = cluster.pod(selector("print-uplinks"))["metadata"]["name"]
    until(lambda: "payload=" in cluster.logs(pod, "print-uplinks"), "packets are printed")
    cluster.kubectl("wait", "--for=condition=complete", "job/first-uplinks", "--timeout=120s",
                    seconds=130)
    [done] = cluster.items("pods", selector("first-uplinks"))
    packets = cluster.logs(done["metadata"]["name"], "first-uplinks").count("payload=")
    expect(packets == 10, f"the Job printed {packets} packets, not 10")
    return "packets printed by a Deployment; a Job with the sidecar printed 10 and completed"
